"""The form for a new account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp


class AccountForm(FlaskForm):  # type: ignore[misc]
    """Address, number of the panel user, and what else to do."""

    email = EmailField(
        _l("E-mail address"), validators=[InputRequired(_l("Enter an e-mail address.")), Length(max=191)],
        render_kw={"inputmode": "email", "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )  # fmt: skip
    panel_user = StringField(
        _l("Number of the panel user"),
        validators=[Optional(), Regexp(r"^\d{1,9}$", message=_l("Enter the number, like 12, or nothing."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    admin = BooleanField(_l("An administrator of this portal"))
    invite = BooleanField(_l("Make an invitation at once"), default=True)
