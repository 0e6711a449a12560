"""The forms of backups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, NumberRange

from portal.server_backups.keeping import MOST_DAYS
from portal.web.fields import stripped

LONGEST_NAME = 191
LONGEST_PATTERNS = 10_000


class CreateForm(FlaskForm):  # type: ignore[misc]
    """A new backup."""

    name = StringField(
        _l("Name"), filters=[stripped], validators=[Length(max=LONGEST_NAME)],
        render_kw={"maxlength": str(LONGEST_NAME), "autocomplete": "off"},
    )  # fmt: skip
    ignored = TextAreaField(
        _l("Leave out"),
        validators=[Length(max=LONGEST_PATTERNS, message=_l("Too many patterns: at most 10,000 characters."))],
        render_kw={"rows": "4", "class": "code", "spellcheck": "false", "autocapitalize": "none"},
    )
    is_locked = BooleanField(_l("Lock it, so that nobody and no rule deletes it"))


class NamedForm(FlaskForm):  # type: ignore[misc]
    """An act on one backup; its name comes along, so that it can be said without asking for it again."""

    name = HiddenField()


class RestoreForm(NamedForm):
    """Restoring a backup. `sure` is asked where everything on the server is deleted first."""

    truncate = RadioField(
        _l("What happens to the files that are there now"),
        choices=[
            SelectChoice("no", _l("Keep them: the backup is unpacked over them, and replaces files of the same name")),
            SelectChoice("yes", _l("Delete all of them first, so that the server is as the backup has it")),
        ],
        default="no",
        validators=[InputRequired(_l("Choose one."))],
    )
    sure = BooleanField(_l("Yes, delete all files of this server first"))


class RetentionForm(FlaskForm):  # type: ignore[misc]
    """How long backups are kept. `agreed` says which deletions the person was shown, `before` which rule."""

    number = IntegerField(
        _l("Keep"),
        validators=[
            InputRequired(_l("Enter a number.")),
            NumberRange(min=1, max=MOST_DAYS, message=_l("Choose a number from 1 to 3650.")),
        ],
        render_kw={"inputmode": "numeric", "min": "1"},
    )
    unit = RadioField(
        _l("of what"),
        choices=[SelectChoice("count", _l("newest backups")), SelectChoice("days", _l("days of backups"))],
        default="count",
        validators=[InputRequired(_l("Choose one."))],
    )
    agreed = HiddenField()
    before = HiddenField()
