"""Prices, expiry, ledger, holds, intents, runs; the trail of changes. Ledger and trail are only added to.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ONLY_ADDED_TO = ("ledger_entry", "audit_change", "price", "renewal")


def upgrade() -> None:
    op.create_table(
        "audit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("request", sa.String(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=True),
        sa.Column("about_account", sa.Integer(), nullable=True),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_change")),
    )
    with op.batch_alter_table("audit_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_change_about_account"), ["about_account"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_change_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_change_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_change_server_uuid"), ["server_uuid"], unique=False)

    op.create_table(
        "observed",
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("internal_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("other_at", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.Integer(), nullable=False),
        sa.Column("busy_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("server_uuid", name=op.f("pk_observed")),
    )
    with op.batch_alter_table("observed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_observed_is_suspended"), ["is_suspended"], unique=False)

    op.create_table(
        "price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("period_count", sa.Integer(), nullable=False),
        sa.Column("period_unit", sa.String(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_price_is_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_price_server_uuid"), ["server_uuid"], unique=False)

    op.create_table(
        "sweep_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("gates", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("running_paid", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_run")),
    )
    with op.batch_alter_table("sweep_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sweep_run_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sweep_run_state"), ["state"], unique=False)

    op.create_table(
        "balance",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("balance_minor", sa.Integer(), nullable=False),
        sa.Column("credit_limit_minor", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.CheckConstraint("balance_minor >= -credit_limit_minor", name=op.f("ck_balance_within_limit")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_balance_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balance")),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=True),
        sa.Column("placed_at", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("asserted", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.Integer(), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("release_reason", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('unpaid', 'abuse', 'admin', 'external')", name=op.f("ck_hold_kind")),
        sa.ForeignKeyConstraint(["run_id"], ["sweep_run.id"], name=op.f("fk_hold_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hold_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hold_server_uuid"), ["server_uuid"], unique=False)
        batch_op.create_index(
            "uq_hold_open", ["server_uuid", "kind"], unique=True, sqlite_where=sa.text("released_at IS NULL")
        )

    op.create_table(
        "intent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wants_suspended", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("lease_until", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("start_as", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'unknown', 'confirmed', 'parked', 'superseded')",
            name=op.f("ck_intent_state"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["sweep_run.id"], name=op.f("fk_intent_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
        sa.UniqueConstraint("server_uuid", "number", name=op.f("uq_intent_server_uuid")),
    )
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intent_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown', 'parked')"),
        )
        batch_op.create_index(batch_op.f("ix_intent_run_id"), ["run_id"], unique=False)
        batch_op.create_index(
            "ix_intent_start",
            ["id"],
            unique=False,
            sqlite_where=sa.text("start_as IS NOT NULL AND state = 'confirmed'"),
        )
        batch_op.create_index(
            "uq_intent_sending", ["server_uuid"], unique=True, sqlite_where=sa.text("state = 'sending'")
        )

    op.create_table(
        "panel_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intent_id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("suspends", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("has_failed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["intent_id"], ["intent.id"], name=op.f("fk_panel_call_intent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_call")),
    )
    with op.batch_alter_table("panel_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_panel_call_sent_at"), ["sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_panel_call_server_uuid"), ["server_uuid"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_account", sa.Integer(), nullable=True),
        sa.Column("server_uuid", sa.String(), nullable=True),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entry_moves")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ledger_entry_account_id")),
        sa.ForeignKeyConstraint(["corrects"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("account_id", "number", name=op.f("uq_ledger_entry_account_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entry_idempotency_key")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_at", ["account_id", "at"], unique=False)
        batch_op.create_index("ix_ledger_entry_kind", ["account_id", "kind", "at"], unique=False)
        batch_op.create_index("ix_ledger_entry_server", ["account_id", "server_uuid", "at"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reminder_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("server_uuid", "expires_at", "days", "account_id", name=op.f("uq_reminder_server_uuid")),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_server_uuid"), ["server_uuid"], unique=False)

    op.create_table(
        "run_entry",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("last_paid_at", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sweep_run.id"], name=op.f("fk_run_entry_run_id")),
        sa.PrimaryKeyConstraint("run_id", "server_uuid", name=op.f("pk_run_entry")),
    )
    op.create_table(
        "term",
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("internal_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("price_id", sa.Integer(), nullable=True),
        sa.Column("anchor", sa.Integer(), nullable=True),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=True),
        sa.Column("auto_renew_by", sa.Integer(), nullable=True),
        sa.Column("auto_tried_at", sa.Integer(), nullable=True),
        sa.Column("gone_at", sa.Integer(), nullable=True),
        sa.Column("missing_since", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'priced') = (expires_at IS NOT NULL)", name=op.f("ck_term_only_priced_expire")),
        sa.CheckConstraint("kind IN ('priced', 'free')", name=op.f("ck_term_kind")),
        sa.ForeignKeyConstraint(["auto_renew_by"], ["account.id"], name=op.f("fk_term_auto_renew_by")),
        sa.ForeignKeyConstraint(["price_id"], ["price.id"], name=op.f("fk_term_price_id")),
        sa.PrimaryKeyConstraint("server_uuid", name=op.f("pk_term")),
    )
    with op.batch_alter_table("term", schema=None) as batch_op:
        batch_op.create_index(
            "ix_term_auto",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("auto_renew_by IS NOT NULL AND gone_at IS NULL"),
        )
        batch_op.create_index(
            "ix_term_expiring",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("kind = 'priced' AND gone_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_term_identifier"), ["identifier"], unique=False)

    op.create_table(
        "renewal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("from_expiry", sa.Integer(), nullable=False),
        sa.Column("to_expiry", sa.Integer(), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("price_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ledger_id", sa.Integer(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_renewal_account_id")),
        sa.ForeignKeyConstraint(["ledger_id"], ["ledger_entry.id"], name=op.f("fk_renewal_ledger_id")),
        sa.ForeignKeyConstraint(["price_id"], ["price.id"], name=op.f("fk_renewal_price_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("ledger_id", name=op.f("uq_renewal_ledger_id")),
        sa.UniqueConstraint("server_uuid", "from_expiry", name=op.f("uq_renewal_server_uuid")),
    )
    with op.batch_alter_table("renewal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renewal_account_id"), ["account_id"], unique=False)
    for table in ONLY_ADDED_TO:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )


def downgrade() -> None:
    with op.batch_alter_table("renewal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_renewal_account_id"))

    op.drop_table("renewal")
    with op.batch_alter_table("term", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_term_identifier"))
        batch_op.drop_index("ix_term_expiring", sqlite_where=sa.text("kind = 'priced' AND gone_at IS NULL"))
        batch_op.drop_index("ix_term_auto", sqlite_where=sa.text("auto_renew_by IS NOT NULL AND gone_at IS NULL"))

    op.drop_table("term")
    op.drop_table("run_entry")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_server_uuid"))

    op.drop_table("reminder")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_server")
        batch_op.drop_index("ix_ledger_entry_kind")
        batch_op.drop_index("ix_ledger_entry_at")

    op.drop_table("ledger_entry")
    with op.batch_alter_table("panel_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_panel_call_server_uuid"))
        batch_op.drop_index(batch_op.f("ix_panel_call_sent_at"))

    op.drop_table("panel_call")
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.drop_index("uq_intent_sending", sqlite_where=sa.text("state = 'sending'"))
        batch_op.drop_index("ix_intent_start", sqlite_where=sa.text("start_as IS NOT NULL AND state = 'confirmed'"))
        batch_op.drop_index(batch_op.f("ix_intent_run_id"))
        batch_op.drop_index(
            "ix_intent_due", sqlite_where=sa.text("state IN ('pending', 'sending', 'unknown', 'parked')")
        )

    op.drop_table("intent")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index("uq_hold_open", sqlite_where=sa.text("released_at IS NULL"))
        batch_op.drop_index(batch_op.f("ix_hold_server_uuid"))
        batch_op.drop_index(batch_op.f("ix_hold_run_id"))

    op.drop_table("hold")
    op.drop_table("balance")
    with op.batch_alter_table("sweep_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sweep_run_state"))
        batch_op.drop_index(batch_op.f("ix_sweep_run_at"))

    op.drop_table("sweep_run")
    with op.batch_alter_table("price", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_server_uuid"))

    op.drop_table("price")
    with op.batch_alter_table("observed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observed_is_suspended"))

    op.drop_table("observed")
    with op.batch_alter_table("audit_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_change_server_uuid"))
        batch_op.drop_index(batch_op.f("ix_audit_change_run_id"))
        batch_op.drop_index(batch_op.f("ix_audit_change_at"))
        batch_op.drop_index(batch_op.f("ix_audit_change_about_account"))

    op.drop_table("audit_change")
