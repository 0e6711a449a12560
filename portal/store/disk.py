"""The disk below the store: what is free, and whether it is this machine's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

LEAST_MIB = 50.0
"""With less free space than this nothing should be begun that has to be saved."""
MOUNTS = Path("/proc/self/mountinfo")
NETWORK = {
    "9p", "afs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.davfs", "fuse.glusterfs", "fuse.rclone",
    "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs",
}  # fmt: skip
"""File systems on which SQLite's locks or its shared memory do not hold between machines."""


def free_mib(path: Path) -> float:
    """Space in MiB that we may still use on the disk of a path. Raises OSError."""
    return shutil.disk_usage(path).free / 2**20


def network_file_system(path: Path) -> str | None:
    """The kind of the network file system that holds a path; None on a disk of this machine, or when nobody knows."""
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    place = path.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        columns, rest = before.split(" "), after.split(" ")
        if len(columns) < 5 or not rest[0]:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), columns[4]))
        depth = len(point.parts)
        if depth >= best and place.is_relative_to(point):  # a later mount lies over an earlier one
            best, kind = depth, rest[0]
    return kind if kind in NETWORK else None
