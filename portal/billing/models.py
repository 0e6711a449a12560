"""Prices, expiry, the ledger and what was said of it to customers. Instants are whole UTC epoch seconds."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Price(Model):
    """What a server costs from an instant on; a new row for each change, none is ever changed."""

    __tablename__ = "price"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="is_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str] = mapped_column(index=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    period_count: Mapped[int]
    period_unit: Mapped[str]
    since: Mapped[int]
    set_by: Mapped[int | None]


class Term(Model):
    """How a server stands: priced or free (no row: not yet set), and until when it is paid.

    `expires_at` is `periods` periods of the price after `anchor`. `gone_at` is set once the panel has it no more;
    `name` and `identifier` are the last ones known. `auto_renew_by` is the account whose balance renews it.
    """

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("kind IN ('priced', 'free')", name="kind"),
        CheckConstraint("(kind = 'priced') = (expires_at IS NOT NULL)", name="only_priced_expire"),
        Index("ix_term_expiring", "expires_at", sqlite_where=text("kind = 'priced' AND gone_at IS NULL")),
        Index("ix_term_auto", "expires_at", sqlite_where=text("auto_renew_by IS NOT NULL AND gone_at IS NULL")),
    )

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    internal_id: Mapped[int]
    kind: Mapped[str]
    price_id: Mapped[int | None] = mapped_column(ForeignKey("price.id"))
    anchor: Mapped[int | None]
    periods: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[int | None]
    auto_renew_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    auto_tried_at: Mapped[int | None]
    gone_at: Mapped[int | None]
    missing_since: Mapped[int | None]


class Balance(Model):
    """What an account has, which is the sum of its ledger; the head of its chain of rows."""

    __tablename__ = "balance"
    __table_args__ = (CheckConstraint("balance_minor >= -credit_limit_minor", name="within_limit"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    currency: Mapped[str]
    balance_minor: Mapped[int] = mapped_column(default=0)
    credit_limit_minor: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    head: Mapped[str]


class LedgerEntry(Model):
    """One movement of money, never changed and never removed (triggers); `number` counts an account's own from 1.

    `kind` is credit, charge, refund or correction. `reference` is the payment's own name where there is one.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("account_id", "number"),
        CheckConstraint("amount_minor <> 0", name="moves"),
        Index("ix_ledger_entry_at", "account_id", "at"),
        Index("ix_ledger_entry_kind", "account_id", "kind", "at"),
        Index("ix_ledger_entry_server", "account_id", "server_uuid", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int]
    at: Mapped[int]
    kind: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str]
    note: Mapped[str]
    by_account: Mapped[int | None]
    server_uuid: Mapped[str | None]
    corrects: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    balance_after: Mapped[int]
    previous: Mapped[str]
    hash: Mapped[str]


class Renewal(Model):
    """Paid time: one row and one charge for each expiry that was renewed from."""

    __tablename__ = "renewal"
    __table_args__ = (UniqueConstraint("server_uuid", "from_expiry"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str]
    from_expiry: Mapped[int]
    to_expiry: Mapped[int]
    periods: Mapped[int]
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    is_automatic: Mapped[bool]
    at: Mapped[int]


class Reminder(Model):
    """That somebody is to be told of an expiry, once for each tier: days before it, 0 for one that is over, -1 for the
    suspension itself, -2 when it was to be renewed by itself and the balance did not do."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("server_uuid", "expires_at", "days", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[int]
    days: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    mail_id: Mapped[int | None]
    made_at: Mapped[int]
    shown_at: Mapped[int | None]
