"""The form in which somebody is invited, or their permissions are changed."""

from __future__ import annotations

import json

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.subusers.permissions import PRESETS
from portal.web.fields import stripped
from portal.web.i18n import _
from portal.web.text import is_email, one_line

OWN = "own"
"""Stands where a preset would: the boxes as they are."""


class PermissionsForm(FlaskForm):  # type: ignore[misc]
    """Which boxes are ticked, and which preset. `expanded` is the preset whose boxes the page showed already."""

    permissions = SelectMultipleField(_l("Permissions"), validate_choice=False)
    preset = StringField()
    expanded = HiddenField()

    @property
    def to_expand(self) -> str:
        """A preset that was chosen and whose boxes nobody has seen yet (without script); empty for none."""
        chosen = str(self.preset.data or "")
        return chosen if chosen in PRESETS and chosen != self.expanded.data else ""

    @property
    def chosen(self) -> str:
        """The preset that is marked."""
        return str(self.preset.data) if self.preset.data in PRESETS else OWN

    @property
    def ticked(self) -> list[str]:
        """The permissions, each once."""
        return list(dict.fromkeys(self.permissions.data or ()))


class InviteForm(PermissionsForm):
    """Somebody new."""

    email = StringField(
        _l("E-mail address"),
        filters=[stripped],
        validators=[InputRequired(_l("Enter an e-mail address.")), Length(max=191)],
        render_kw={"type": "email", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def validate_email(self, field: Field) -> None:
        """An address and nothing else."""
        if not is_email(field.data):
            raise ValidationError(_("That is not an e-mail address."))


class ChangeForm(PermissionsForm):
    """Somebody who has access. `shown` says what the form showed that they hold, `about` who they are."""

    shown = HiddenField()
    about = HiddenField(filters=[lambda text: one_line(text or "", 191)])

    @property
    def theirs(self) -> tuple[str, ...] | None:
        """What was shown; None when that cannot be read."""
        try:
            shown = json.loads(self.shown.data or "")
        except (ValueError, RecursionError):
            return None
        if not isinstance(shown, list) or not all(isinstance(one, str) for one in shown):
            return None
        return tuple(shown)

    def show(self, permissions: tuple[str, ...]) -> None:
        """Say that these were shown."""
        self.shown.data = json.dumps(list(permissions))
