"""The forms of databases. What the panel takes is the panel's to say; its words are put beside the field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from portal.web.fields import stripped

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class CreateForm(FlaskForm):  # type: ignore[misc]
    """A new database. Where none is entered nothing is open to everywhere: only the empty form begins with `%`."""

    database = StringField(
        _l("Name"), id="database-name", filters=[stripped], validators=[DataRequired(_l("Enter a name."))],
        render_kw=PLAIN,
    )  # fmt: skip
    remote = StringField(
        _l("Connections from"), id="database-remote", filters=[stripped],
        validators=[
            DataRequired(_l("Enter an IP address, or % for everywhere.")),
            Length(max=191, message=_l("At most 191 characters.")),
        ],
        render_kw=PLAIN,
    )  # fmt: skip


class RotateForm(FlaskForm):  # type: ignore[misc]
    """Nothing to fill in; it carries which database it is about."""

    of = HiddenField()


class DeleteForm(FlaskForm):  # type: ignore[misc]
    """The name of what is deleted."""

    of = HiddenField()
    name = StringField(
        _l("Name of the database"), id="deleted-name", filters=[stripped],
        validators=[DataRequired(_l("Type its name."))], render_kw=PLAIN,
    )  # fmt: skip
