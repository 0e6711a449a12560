"""The forms of a person's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from portal.auth.forms import PasswordForm


class NewPasswordForm(PasswordForm):
    """The password of now, and a new one twice."""

    current = PasswordField(
        _l("Current password"), validators=[InputRequired(_l("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip


class KeyForm(FlaskForm):  # type: ignore[misc]
    """A client key of the panel."""

    key = PasswordField(
        _l("Client key of the panel"),
        validators=[InputRequired(_l("Paste the key.")), Length(max=200)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
