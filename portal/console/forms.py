"""The command form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

LONGEST = 500


class CommandForm(FlaskForm):  # type: ignore[misc]
    """One line for the server's console."""

    command = StringField(
        _l("Command"),
        validators=[
            DataRequired(_l("Enter a command.")),
            Length(max=LONGEST, message=_l("A command may have at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "enterkeyhint": "send"},
    )
