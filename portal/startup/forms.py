"""The forms of the page Startup. What a value may be, the panel knows."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length


def _as_typed(text: str | None) -> str:
    """Lines end as in the value that was shown; browsers send them otherwise."""
    return (text or "").replace("\r\n", "\n")


class VariableForm(FlaskForm):  # type: ignore[misc]
    """A value of a variable; `default` is the button that takes the default instead.

    `was` is the value that the form was shown with.
    """

    key = StringField()
    was = HiddenField()
    value = StringField(filters=[_as_typed])
    default = StringField()

    @property
    def chosen(self) -> str | None:
        """What was entered; None for the default."""
        return None if self.default.data else str(self.value.data)


class ImageForm(FlaskForm):  # type: ignore[misc]
    """One of the egg's images; the panel knows which these are."""

    image = StringField(_l("Docker image"), validators=[DataRequired(_l("Choose an image.")), Length(max=191)])
