"""Retention rules of backups and how their downloads went, invitations to servers

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_audit_entry_server_uuid", table_name="audit_entry")
    op.create_index("ix_audit_entry_server_uuid_at", "audit_entry", ["server_uuid", "at"], unique=False)
    op.create_table(
        "retention_rule",
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("keep_count", sa.Integer(), nullable=True),
        sa.Column("keep_days", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("checked_at", sa.Double(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("server_uuid", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "backup_download",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("read_bytes", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_backup_download_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_download")),
    )
    op.create_index(op.f("ix_backup_download_account_id"), "backup_download", ["account_id"])
    op.create_table(
        "server_invitation",
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("panel_user_uuid", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("server_name", sa.String(), nullable=False),
        sa.Column("permissions", sa.String(), nullable=False),
        sa.Column("permissions_at", sa.Double(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("invited_at", sa.Double(), nullable=False),
        sa.Column("mailed_at", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_server_invitation_account_id_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("server_uuid", "panel_user_uuid", name=op.f("pk_server_invitation")),
    )
    for name in ("account_id", "next_at"):
        op.create_index(op.f(f"ix_server_invitation_{name}"), "server_invitation", [name])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_server_uuid_at", table_name="audit_entry")
    op.create_index("ix_audit_entry_server_uuid", "audit_entry", ["server_uuid"], unique=False)
    op.drop_table("server_invitation")
    op.drop_index(op.f("ix_backup_download_account_id"), table_name="backup_download")
    op.drop_table("backup_download")
    op.drop_table("retention_rule")
