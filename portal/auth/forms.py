"""The forms for signing in and for choosing a password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.auth import passwords


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail address, password and whether to stay signed in."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=191)],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    password = PasswordField(
        _l("Password"), validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
    stay = BooleanField(_l("Stay signed in on this device"))
    next = HiddenField()


class ForgotForm(FlaskForm):  # type: ignore[misc]
    """The address that a link is asked for."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Enter your e-mail address.")), Length(max=191)],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, twice."""

    password = PasswordField(
        _l("New password"),
        validators=[
            InputRequired(_l("Choose a password.")),
            Length(min=passwords.SHORTEST, message=_l("Use at least %(min)d characters.")),
            Length(max=passwords.LONGEST, message=_l("Use at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "new-password", "minlength": passwords.SHORTEST},
    )
    again = PasswordField(
        _l("The same again"), validators=[EqualTo("password", _l("The two passwords are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
