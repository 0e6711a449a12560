"""The form for a test mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Regexp


class TestMailForm(FlaskForm):  # type: ignore[misc]
    """Where the test mail goes."""

    address = StringField(
        _l("Send a test mail to"),
        validators=[
            DataRequired(_l("Enter an address.")),
            Length(max=191, message=_l("An address may have at most %(max)d characters.")),
            Regexp(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+$", message=_l("That is not an e-mail address.")),
        ],
        render_kw={"type": "email", "autocomplete": "email", "inputmode": "email"},
    )
