"""The forms of the credit pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from portal import mode
from portal.billing.money import Money, MoneyError, parse
from portal.credit.service import LONGEST_NOTE, LONGEST_REFERENCE, CreditError, Payee, clean_reference, payee
from portal.web.i18n import _

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
FIGURES = {"autocomplete": "off", "inputmode": "decimal"}


class CreditForm(FlaskForm):  # type: ignore[misc]
    """A payment that came in by another way."""

    account = StringField(
        _l("Account"), validators=[InputRequired(_l("Say which account.")), Length(max=191)], render_kw=PLAIN
    )
    amount = StringField(
        _l("Amount"), validators=[InputRequired(_l("Enter an amount.")), Length(max=30)], render_kw=FIGURES
    )
    reference = StringField(
        _l("Reference"),
        validators=[InputRequired(_l("Enter what names this payment.")), Length(max=LONGEST_REFERENCE)],
        render_kw=PLAIN,
    )  # fmt: skip
    note = StringField(_l("Words for the statement"), validators=[Length(max=LONGEST_NOTE)], render_kw=PLAIN)

    def asked(self) -> tuple[Payee, Money] | None:
        """The account and the amount; None with a sentence beside every field that is wrong, not the first only."""
        is_whole = self.validate()
        account, amount = None, None
        if not self.account.errors:
            try:
                account = payee(self.account.data or "")
            except CreditError as wrong:
                self.account.errors = [str(wrong)]
        if not self.amount.errors:
            try:
                amount = parse(self.amount.data or "", account.currency if account else mode.currency())
                if amount.minor <= 0:
                    self.amount.errors = [_("The amount must be more than zero.")]
            except MoneyError as wrong:
                self.amount.errors = [str(wrong)]
        if not self.reference.errors:
            try:
                clean_reference(self.reference.data or "")
            except CreditError as wrong:
                self.reference.errors = [str(wrong)]
        is_right = is_whole and not (self.account.errors or self.amount.errors or self.reference.errors)
        return (account, amount) if is_right and account is not None and amount is not None else None


class CorrectForm(FlaskForm):  # type: ignore[misc]
    """A row against another one; `after` is how many there were when the page was made."""

    amount = StringField(
        _l("Amount"), validators=[InputRequired(_l("Enter an amount.")), Length(max=30)], render_kw=FIGURES
    )
    reason = StringField(
        _l("Why"), validators=[InputRequired(_l("Say why.")), Length(max=LONGEST_NOTE)],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    after = HiddenField()


class FileForm(FlaskForm):  # type: ignore[misc]
    """A bank's file, and the names of columns that are not found by themselves."""

    file = FileField(
        _l("File"), validators=[FileRequired(_l("Choose a file."))], render_kw={"accept": ".csv,.txt,text/csv"}
    )
    date = StringField(_l("Column of the date"), validators=[Length(max=80)], render_kw=PLAIN)
    value = StringField(_l("Column of the amount"), validators=[Length(max=80)], render_kw=PLAIN)
    text = StringField(_l("Column of the text"), validators=[Length(max=80)], render_kw=PLAIN)
    own = StringField(_l("Column of the bank's own number"), validators=[Length(max=80)], render_kw=PLAIN)
