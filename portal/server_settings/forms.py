"""The forms of the page Settings. How long a name may be, the service knows."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired


class RenameForm(FlaskForm):  # type: ignore[misc]
    """Name and description; `was_...` is what the form was shown with."""

    was_name = HiddenField()
    was_description = HiddenField()
    name = StringField(_l("Name"), id="server-name", render_kw={"autocomplete": "off"})
    description = TextAreaField(_l("Description"), id="server-description", render_kw={"rows": "3"})


class ReinstallForm(FlaskForm):  # type: ignore[misc]
    """The name of the server, typed."""

    name = StringField(
        _l("Name of the server"),
        id="typed-name",
        validators=[DataRequired(_l("Type the name, so that it is not the wrong server."))],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
