"""What Roost remembers of files: earlier versions of texts, what takes long, how much a node takes at once."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class FileVersion(Model):
    """A text as it was before or after somebody saved it through Roost; `sealed` is its bytes, packed and encrypted.

    `account_id` is who saved what `is_before` of was replaced. `saved_at` in epoch seconds.
    """

    __tablename__ = "file_version"
    __table_args__ = (Index("ix_file_version_path", "server_uuid", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str]
    path: Mapped[str]
    saved_at: Mapped[float]
    account_id: Mapped[int | None]
    is_before: Mapped[bool]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    sealed: Mapped[bytes]


class FileWork(Model):
    """Something about files that takes up to 15 minutes and is done by the background process.

    `kind` is archive, unarchive or pull; `detail` JSON of what is needed to do it; `state` queued, running, done,
    failed or unknown; `result` a name or sentence. Times in epoch seconds; `seen_at` is when a person put it away.
    """

    __tablename__ = "file_work"

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[int]
    kind: Mapped[str]
    directory: Mapped[str]
    detail: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    asked_at: Mapped[float]
    begun_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    owner: Mapped[str | None]
    progress: Mapped[int | None]
    result: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[float | None]


class UploadLimit(Model):
    """How large a file a node takes (MiB), by the node's name; `read_at` in epoch seconds."""

    __tablename__ = "upload_limit"

    node: Mapped[str] = mapped_column(primary_key=True)
    mib: Mapped[int]
    read_at: Mapped[float]
