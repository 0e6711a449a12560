"""The forms of the dialogs."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.web.fields import stripped
from portal.web.i18n import _

TOKEN = re.compile("[0-9A-Za-z]{32}")


class AcceptForm(FlaskForm):  # type: ignore[misc]
    """Nothing to fill in."""

    @property
    def value(self) -> str:
        """What was entered."""
        return ""


class ImageForm(FlaskForm):  # type: ignore[misc]
    """One of the egg's images; the panel knows which these are."""

    image = StringField(
        _l("Version of Java"), filters=[stripped], validators=[DataRequired(_l("Choose a version.")), Length(max=191)]
    )

    @property
    def value(self) -> str:
        """What was entered."""
        return str(self.image.data)


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A Steam game server token."""

    token = StringField(
        _l("Game server token"),
        filters=[stripped],
        validators=[DataRequired(_l("Enter the token."))],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "maxlength": "64"},
    )

    def validate_token(self, field: Field) -> None:
        """As Steam makes them."""
        if not TOKEN.fullmatch(field.data):
            raise ValidationError(
                _("A token has exactly 32 letters and digits; this has %(number)d characters.", number=len(field.data))
                if len(field.data) != 32
                else _("A token has letters and digits only.")
            )

    @property
    def value(self) -> str:
        """What was entered."""
        return str(self.token.data)


FORMS: dict[str, type[AcceptForm | ImageForm | TokenForm]] = {
    "eula": AcceptForm,
    "java_version": ImageForm,
    "gsl_token": TokenForm,
}
