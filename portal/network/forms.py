"""The forms of allocations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from portal.web.fields import stripped


class NotesForm(FlaskForm):  # type: ignore[misc]
    """The note of an allocation; how long it may be is said by the service, so that nothing is cut unseen.

    `was` is the note that the form was shown with.
    """

    was = HiddenField()
    notes = StringField(_l("Notes"), filters=[stripped])
