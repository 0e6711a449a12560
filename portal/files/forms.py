"""The forms of the dialogs about files."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.files import paths
from portal.web.i18n import _

BITS = tuple(1 << place for place in range(8, -1, -1))
"""What may be ticked: read, write and run for the owner, the group and everybody else."""
_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class NameForm(FlaskForm):  # type: ignore[misc]
    """A name that somebody types for something new, or for something that has another one."""

    new_name = StringField(
        _l("Name"), validators=[InputRequired(_l("Enter a name.")), Length(max=1000)], render_kw=_TYPED
    )

    def validate_new_name(self, field: Field) -> None:
        """A name and nothing else."""
        try:
            paths.new_name(field.data)
        except paths.BadPath as error:
            raise ValidationError(str(error)) from None

    @property
    def value(self) -> str:
        """What was typed."""
        return str(self.new_name.data)


class TargetForm(FlaskForm):  # type: ignore[misc]
    """A folder that something is moved to."""

    target = StringField(
        _l("To the folder"), validators=[InputRequired(_l("Enter a folder.")), Length(max=paths.LONGEST_PATH)],
        render_kw=_TYPED | {"list": "folders"},
    )  # fmt: skip

    def value(self, directory: str) -> str:
        """The folder's path, seen from the one that things are in now. Raises BadPath."""
        return paths.below(directory, str(self.target.data))


class ModeForm(FlaskForm):  # type: ignore[misc]
    """Permissions as digits and as ticks. `shown` is what both said as the form was drawn: what differs was changed."""

    mode = StringField(
        _l("As a number"), validators=[Length(max=5)],
        render_kw=_TYPED | {"inputmode": "numeric", "maxlength": "4"},
    )  # fmt: skip
    bit = SelectMultipleField(choices=[str(bit) for bit in BITS])  # type: ignore[misc]  # texts are choices, too
    shown = HiddenField()
    value = 0
    """What number and ticks agree on, once it is validated."""

    @classmethod
    def of(cls, mode: int | None) -> ModeForm:
        """The form as it is drawn first; without ticks when several files differ."""
        values: dict[str, Any] = {"mode": "", "bit": [], "shown": ""}
        if mode is not None:
            digits = f"{mode:03o}"
            values = {"mode": digits, "bit": [str(bit) for bit in BITS if mode & bit], "shown": digits}
        return cls(formdata=None, data=values)

    def validate_mode(self, field: Field) -> None:
        """Three octal digits, and no other than the ticks say unless only one of both was changed."""
        self.value = self._agreed(str(field.data or "").strip())

    def _agreed(self, typed: str) -> int:
        if typed and not re.fullmatch("0?[0-7]{1,3}", typed):
            raise ValidationError(_("Use three digits from 0 to 7, like 644."))
        ticked = sum(bit for bit in BITS if str(bit) in (self.bit.data or ()))
        shown = self.shown.data or ""
        before = int(shown, 8) if re.fullmatch("[0-7]{3}", shown) else None
        number = int(typed, 8) if typed else None
        if number is None and not ticked:
            raise ValidationError(_("Enter a number, or tick what shall be allowed."))
        if number is None or number in (before, ticked):
            return ticked
        if ticked != (before or 0):
            raise ValidationError(
                _("The number says %(number)s, the ticks say %(ticks)s. Change one of them so that they agree.",
                  number=f"{number:03o}", ticks=f"{ticked:03o}")
            )  # fmt: skip
        return number
