"""The instance folder: who can read what is secret in it, on which file system it lies, and how much room is left."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Final

from portal.doctor.lines import Finding, Line, ok
from portal.store import disk
from portal.web.formatting import MIB, in_bytes

SECRET: Final = ("config.toml", "roost.db", "master_key", "secret_key")
DISK_FAIL: Final = disk.LEAST_MIB * MIB
DISK_WARN: Final = 200 * MIB

FINDINGS: Final = {
    "folder_missing": Finding(
        "fail", "The instance folder {path} is not there or cannot be opened.",
        "Run `roost setup`, or set ROOST_INSTANCE to the right folder; run this as the user that Roost runs as.",
    ),
    "folder_open": Finding(
        "fail", "Other users of this machine can look into the instance folder (mode {mode}).",
        "Run `chmod 700 {path}`.",
    ),
    "file_open": Finding(
        "fail", "Other users of this machine can read {file} (mode {mode}).",
        "Run `chmod 600 {path}`.",
    ),
    "file_owner": Finding(
        "fail", "{file} belongs to {owner} and not to {user}, as whom Roost runs.",
        "Run `chown {user} {path}` as root.",
    ),
    "store_over_network": Finding(
        "fail", "The store lies on a network file system ({kind}), on which SQLite loses data.",
        "Move the instance folder to a disk of this machine while Roost is stopped, and set ROOST_INSTANCE.",
    ),
    "disk_low": Finding(
        "warn", "Only {free} are free on the disk of the instance folder.",
        "Delete or move what is not needed, old backups first.",
    ),
    "disk_full": Finding(
        "fail", "Only {free} are free on the disk of the instance folder: soon nothing can be stored.",
        "Make room at once: delete or move what is not needed, old backups first.",
    ),
}  # fmt: skip


def check_files(instance: Path) -> list[Line]:
    """Modes and owners of what is secret, and the file system; one good line when all is well."""
    name = "files"
    try:
        folder = instance.stat()
        os.listdir(instance)  # noqa: PTH208  (whether it may be opened at all)
    except OSError:
        return [FINDINGS["folder_missing"].line(name, path=instance)]
    lines = []
    mode = stat.S_IMODE(folder.st_mode)
    if mode & 0o077:
        lines.append(FINDINGS["folder_open"].line(name, mode=f"{mode:o}", path=instance))
    us = os.geteuid() or folder.st_uid  # root looks on behalf of the user whose folder it is
    for path in (instance, *(instance / one for one in SECRET)):
        lines += _of_one(path, us, is_folder=path == instance)
    kind = disk.network_file_system(instance)
    if kind is not None:
        lines.append(FINDINGS["store_over_network"].line("store", kind=kind))
    return lines or [ok(name, "The instance folder and its secrets are readable by Roost alone.")]


def check_disk(instance: Path) -> Line:
    """How much room is left."""
    name = "disk"
    try:
        free = shutil.disk_usage(instance).free
    except OSError:
        return FINDINGS["folder_missing"].line(name, path=instance)
    if free < DISK_WARN:
        return FINDINGS["disk_full" if free < DISK_FAIL else "disk_low"].line(name, free=in_bytes(free))
    return ok(name, f"{in_bytes(free)} are free on the disk of the instance folder.")


def _of_one(path: Path, us: int, *, is_folder: bool) -> list[Line]:
    try:
        found = path.stat()
    except OSError:
        return []
    lines = []
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077 and not is_folder:
        lines.append(FINDINGS["file_open"].line("files", file=path.name, mode=f"{mode:o}", path=path))
    if found.st_uid != us:
        line = FINDINGS["file_owner"].line(
            "files", file=path.name, owner=_user(found.st_uid), user=_user(us), path=path
        )
        lines.append(line)
    return lines


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
