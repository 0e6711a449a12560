"""The forms of the host's pages about billing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal import clock, mode
from portal.billing import money
from portal.billing.dates import day_at
from portal.billing.money import MoneyError
from portal.billing.periods import DAY_S, LONGEST_PAYABLE
from portal.operator import fleet
from portal.operator.changing import Change
from portal.web.i18n import _

FIGURES = {"inputmode": "numeric", "autocomplete": "off"}


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """What to change, of which servers."""

    servers = TextAreaField(_l("Servers"), validators=[Length(max=60_000)])
    price = RadioField(
        _l("Price"), default="keep", validators=[InputRequired()],
        choices=[
            SelectChoice("keep", _l("Leave prices as they are")),
            SelectChoice("set", _l("Set a price")),
            SelectChoice("free", _l("Make free")),
        ],
    )  # fmt: skip
    amount = StringField(
        _l("Amount"), validators=[Length(max=30)], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    count = IntegerField(
        _l("For each"), default=1, validators=[Optional(), NumberRange(1, max(LONGEST_PAYABLE.values()))],
        render_kw=FIGURES,
    )  # fmt: skip
    unit = SelectField(
        _l("Unit"), default="months", choices=[SelectChoice("months", _l("months")), SelectChoice("days", _l("days"))],
        validators=[InputRequired()],
    )  # fmt: skip
    expiry = RadioField(
        _l("Expiry"), default="keep", validators=[InputRequired()],
        choices=[
            SelectChoice("keep", _l("Leave it as it is (a server with its first price: one period from now)")),
            SelectChoice("on", _l("On a date")),
            SelectChoice("in", _l("So many days from now")),
            SelectChoice("move", _l("Move by so many days")),
        ],
    )  # fmt: skip
    date = DateField(_l("Date"), validators=[Optional()])
    days = IntegerField(
        _l("Days"), validators=[Optional(), NumberRange(-3660, 3660)], render_kw={"autocomplete": "off"}
    )
    spread = IntegerField(
        _l("Spread over days"), default=0, validators=[Optional(), NumberRange(0, 365)], render_kw=FIGURES
    )
    why = StringField(_l("Reason"), validators=[Length(max=200)], render_kw={"autocomplete": "off"})

    def identifiers(self) -> list[str]:
        """The servers that are named."""
        return fleet.pasted(self.servers.data or "")

    def change(self) -> Change | None:
        """What was asked for, or None with a sentence beside the field that is wrong."""
        if not self.validate() or not self._has_servers():
            return None
        amount = self._amount() if self.price.data == "set" else 0
        at = self._at()
        if amount is None or at is None or not self._has_days():
            return None
        is_move = self.expiry.data == "move"
        return Change(
            price=self.price.data, amount_minor=amount, currency=mode.currency(), period_count=self.count.data or 1,
            period_unit=self.unit.data, expiry="keep" if self.expiry.data == "keep" else "move" if is_move else "at",
            at=at, move_days=(self.days.data or 0) if is_move else 0, spread_days=self.spread.data or 0,
            why=(self.why.data or "").strip(), made_at=int(clock.now()),
        )  # fmt: skip

    def _has_servers(self) -> bool:
        if not self.identifiers():
            self.servers.errors = [_("Name at least one server by its identifier, like 1a2b3c4d.")]
        return bool(self.identifiers())

    def _amount(self) -> int | None:
        try:
            return money.parse(self.amount.data or "", mode.currency()).minor
        except MoneyError as wrong:
            self.amount.errors = [str(wrong)]
            return None

    def _at(self) -> int | None:
        if self.expiry.data == "on":
            if self.date.data is None:
                self.date.errors = [_("Choose a date.")]
                return None
            return day_at(self.date.data)
        return int(clock.now()) + (self.days.data or 0) * DAY_S if self.expiry.data == "in" else 0

    def _has_days(self) -> bool:
        if self.expiry.data in ("in", "move") and self.days.data is None:
            self.days.errors = [_("Enter how many days.")]
            return False
        return True


class HoldForm(FlaskForm):  # type: ignore[misc]
    """A server to hold, and why."""

    server = StringField(
        _l("Server"), validators=[InputRequired(_l("Enter the server's identifier or name.")), Length(max=191)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "placeholder": "1a2b3c4d"},
    )  # fmt: skip
    kind = SelectField(
        _l("Kind"), default="admin",
        choices=[
            SelectChoice("admin", _l("Held by the host: can be renewed, stays suspended")),
            SelectChoice("abuse", _l("Abuse: cannot be renewed")),
            SelectChoice("external", _l("Suspended in the panel already")),
        ],
    )  # fmt: skip
    reason = StringField(
        _l("Reason"), validators=[InputRequired(_l("Say why.")), Length(max=500)], render_kw={"autocomplete": "off"}
    )


class ReleaseForm(FlaskForm):  # type: ignore[misc]
    """Why a hold is released."""

    reason = StringField(
        _l("Reason"), validators=[InputRequired(_l("Say why.")), Length(max=500)], render_kw={"autocomplete": "off"}
    )


class ApproveForm(FlaskForm):  # type: ignore[misc]
    """The list that was looked at."""

    digest = StringField(validators=[InputRequired(), Length(max=64)])


class ApplyForm(FlaskForm):  # type: ignore[misc]
    """The preview that was looked at."""

    token = StringField(validators=[InputRequired(), Length(max=60_000)])


class UndoForm(FlaskForm):  # type: ignore[misc]
    """The change that is taken back."""

    change = StringField(validators=[InputRequired(), Length(max=16)])
