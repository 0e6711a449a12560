"""Files: earlier versions of texts, what takes long, the upload limits of nodes

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("is_before", sa.Boolean(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_version")),
    )
    op.create_index("ix_file_version_path", "file_version", ["server_uuid", "path"], unique=False)
    op.create_table(
        "file_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_uuid", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("directory", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_work")),
    )
    op.create_index(op.f("ix_file_work_server_uuid"), "file_work", ["server_uuid"], unique=False)
    op.create_index(op.f("ix_file_work_state"), "file_work", ["state"], unique=False)
    op.create_table(
        "upload_limit",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("mib", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_upload_limit")),
    )


def downgrade() -> None:
    op.drop_table("upload_limit")
    op.drop_table("file_work")
    op.drop_table("file_version")
