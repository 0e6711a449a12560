"""The one door for money that comes in, and for taking back what was written down wrongly.

Each reference credits once, ever: its row in the ledger has the key `credit:<reference>`. Nothing is ever changed
afterwards; a correction is a row of its own that names the row it corrects.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import mode
from portal.auth.models import Account
from portal.billing import ledger, payment_reference
from portal.billing.ledger import Conflict, Kind, LedgerError, NotEnough, Posting, Stopped
from portal.billing.models import LedgerEntry
from portal.billing.money import Money, MoneyError
from portal.store import read, write
from portal.web.text import UNPRINTABLE, email_key, has_surrogates, number_in, one_line

Source = Literal["command", "page", "program", "bank"]
NOTES: Final[dict[Source, str]] = {
    "command": "Credit by the host", "page": "Credit by the host", "program": "Payment", "bank": "Bank transfer",
}  # fmt: skip
"""What a customer's statement says of a credit without words of its own."""
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
"""What Unicode lets a screen leave out (Default_Ignorable_Code_Point) beside `UNPRINTABLE`; the blank of Braille."""
LONGEST_REFERENCE = 120
LONGEST_NOTE = 200
Wrong = Literal["off", "account", "amount", "currency", "reference", "conflict", "movement", "stopped"]


class CreditError(Exception):
    """Nothing was written down; the message is a sentence, `wrong` says which part it is about."""

    def __init__(self, wrong: Wrong, sentence: str) -> None:
        super().__init__(sentence)
        self.wrong = wrong


@dataclass(frozen=True)
class Credited:
    """A row of the ledger. `is_new` is False when the same was written down before: then nothing was done now."""

    id: int
    account_id: int
    email: str
    amount: Money
    reference: str
    balance: Money
    is_new: bool


@dataclass(frozen=True)
class Payee:
    """An account as whoever credits it sees it; `balance` is None as long as it never had any."""

    id: int
    email: str
    balance: Money | None

    @property
    def currency(self) -> str:
        """What it is kept in, or would be."""
        return self.balance.currency if self.balance else mode.currency()

    @property
    def payment_reference(self) -> str:
        """What its transfers should name."""
        return payment_reference.reference_of(self.id)


def payee(who: str) -> Payee:
    """The account that somebody means: its address, its number, or its payment reference. Raises CreditError.

    An address is only ever the account that has exactly it; a reference counts when the text is nothing else.
    """
    text = "" if has_surrogates(who) else who.strip()
    number = number_in(text) or payment_reference.account_of(text)
    with read() as session:
        accounts = select(Account.id, Account.email)
        row = session.execute(accounts.where(Account.email == email_key(text))).first()
        if row is None and number is not None:
            row = session.execute(accounts.where(Account.id == number)).first()
        if row is None:
            raise CreditError("account", f"There is no account {one_line(text, 80)}." if text else "Say which account.")
        return Payee(row.id, row.email, ledger.balance_in(session, row.id))


def clean_reference(text: str) -> str:
    """The one spelling of a payment's reference: blanks as one, accents as one sign. Raises CreditError."""
    if any(unicodedata.category(letter) in UNPRINTABLE or _UNSEEN.match(letter) for letter in text):
        raise CreditError("reference", "The reference holds signs that cannot be seen.")
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(cleaned) <= LONGEST_REFERENCE:
        raise CreditError("reference", f"A reference has 1 to {LONGEST_REFERENCE} letters.")
    return cleaned


def credit(
    account_id: int, amount: Money, reference: str, *, by: int | None, source: Source, note: str = ""
) -> Credited:
    """Add to a balance, once for each reference. Raises CreditError; then nothing was written.

    The same reference with the same account and amount is the row that is there; with any other it is a conflict.
    """
    demand_shown()
    if amount.minor <= 0:
        raise CreditError("amount", "The amount must be more than zero.")
    name = clean_reference(reference)
    said = one_line(note, LONGEST_NOTE) or NOTES[source]
    posting = Posting(account_id, "credit", amount, key_of(name), name, said, by)
    with write() as session:
        email = session.scalar(select(Account.email).where(Account.id == account_id))
        if email is None:
            raise CreditError("account", f"There is no account {account_id}.")
        if not _is_known_in(session, posting.key):
            _demand_currency_in(session, account_id, amount)
        try:
            posted = ledger.post_in(session, posting)
        except Conflict:
            raise CreditError("conflict", _already(session, name)) from None
        except Stopped as wrong:
            raise CreditError("stopped", str(wrong)) from None
        except (LedgerError, MoneyError) as wrong:
            raise CreditError("amount", str(wrong)) from None
    return Credited(posted.id, account_id, email, amount, name, posted.balance, posted.is_new)


def correct(
    entry_id: int, amount: Money | None, reason: str, *, by: int | None, after: int | None = None
) -> Credited:
    """Write a row against another one, for all of it that is left or for less. Raises CreditError.

    A charge is given back (`refund`), a credit is taken back (`correction`). `amount` is positive. `after` is how many
    corrections of the row there were when somebody decided: a form sent twice corrects once.
    """
    demand_shown()
    why = one_line(reason, LONGEST_NOTE)
    if not why:
        raise CreditError("reference", "Say why.")
    with write() as session:
        entry = session.get(LedgerEntry, entry_id)
        if entry is None:
            raise CreditError("movement", f"There is no movement {entry_id}.")
        left, count = left_in(session, entry)
        nth = count if after is None else after
        key = f"correction:{entry.id}:{nth + 1}"
        wanted = abs(left.minor) if amount is None else amount.minor
        if not _is_known_in(session, key):
            _check_correction(left, amount, is_next=nth == count)
        elif amount is None:
            raise CreditError("movement", "That was corrected meanwhile: look again.")
        kind: Kind = "refund" if entry.kind == "charge" else "correction"
        signed = Money(wanted if entry.amount_minor < 0 else -wanted, entry.currency)
        posting = Posting(entry.account_id, kind, signed, key, "", why, by, entry.server_uuid, entry.id)
        try:
            posted = ledger.post_in(session, posting)
        except Conflict:
            raise CreditError("conflict", "That was corrected meanwhile: look again.") from None
        except Stopped as wrong:
            raise CreditError("stopped", str(wrong)) from None
        except NotEnough as wrong:
            raise CreditError("amount", f"{wrong} The money was spent already.") from None
        except (LedgerError, MoneyError) as wrong:
            raise CreditError("amount", str(wrong)) from None
        email = session.scalar(select(Account.email).where(Account.id == entry.account_id)) or ""
    return Credited(posted.id, entry.account_id, email, signed, "", posted.balance, posted.is_new)


def left_in(session: Session, entry: LedgerEntry) -> tuple[Money, int]:
    """How much of a row no correction has taken back yet, with the row's sign; and how many corrections there are."""
    mine = (LedgerEntry.account_id == entry.account_id, LedgerEntry.corrects == entry.id)
    row = session.execute(select(func.sum(LedgerEntry.amount_minor), func.count()).where(*mine)).one()
    return Money(entry.amount_minor + int(row[0] or 0), entry.currency), int(row[1])


def key_of(reference: str) -> str:
    """The ledger's key of a credit."""
    return f"credit:{reference}"


def demand_shown() -> None:
    """Raises CreditError while billing is off."""
    if not mode.is_shown():
        raise CreditError("off", "Billing is off.")


def _check_correction(left: Money, amount: Money | None, *, is_next: bool) -> None:
    if not is_next:
        raise CreditError("movement", "That was corrected meanwhile: look again.")
    if left.minor == 0:
        raise CreditError("movement", "Nothing of that movement is left to correct.")
    if amount is None:
        return
    if amount.currency != left.currency:
        raise CreditError("currency", f"The account is kept in {left.currency}, not in {amount.currency}.")
    if not 0 < amount.minor <= abs(left.minor):
        raise CreditError("amount", f"At most {Money(abs(left.minor), left.currency)} of that movement is left.")


def _demand_currency_in(session: Session, account_id: int, amount: Money) -> None:
    """An account keeps the currency of its first movement, so that one must be the host's."""
    kept = ledger.balance_in(session, account_id)
    currency = kept.currency if kept else mode.currency()
    if amount.currency != currency:
        raise CreditError("currency", f"The account is kept in {currency}, not in {amount.currency}.")


def _is_known_in(session: Session, key: str) -> bool:
    return session.scalar(select(LedgerEntry.id).where(LedgerEntry.idempotency_key == key)) is not None


def _already(session: Session, reference: str) -> str:
    query = select(LedgerEntry, Account.email).join(Account, Account.id == LedgerEntry.account_id)
    row = session.execute(query.where(LedgerEntry.idempotency_key == key_of(reference))).one()
    amount = Money(row[0].amount_minor, row[0].currency)
    return f"The reference {reference} was credited before: {amount} to {row[1]}. Nothing was done."
