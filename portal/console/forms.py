"""The command form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from portal.console.commands import LONGEST


class CommandForm(FlaskForm):  # type: ignore[misc]
    """One line for the server's console."""

    command = StringField(
        _l("Command"),
        validators=[
            DataRequired(_l("Enter a command.")),
            Length(max=LONGEST, message=_l("A command may have at most %(max)d characters.")),
        ],
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "none",
            "autocorrect": "off",
            "spellcheck": "false",
            "enterkeyhint": "send",
        },  # fmt: skip
    )
