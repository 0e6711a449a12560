"""How large a file each node takes. Known from the application API if its key may read nodes, else from refusals.

`nodes` READ also gives the token of a node away, so a host need not grant it for this (docs/files.md).
"""

from __future__ import annotations

import logging
import re

from sqlalchemy.dialects.sqlite import insert

from portal import clock
from portal.credentials import service as credentials
from portal.files.models import UploadLimit
from portal.pterodactyl import errors
from portal.store import read, write
from portal.web.formatting import MIB

log = logging.getLogger("roost.files")
KEPT_S = 86_400.0
"""What was learned longer ago counts no more: the host may have raised it."""
SENTENCE = re.compile(r"larger than the maximum file upload size of (\d{1,9}) MB")
"""Wings 1.11, `router_server_files.go`."""


def refresh() -> None:
    """Read the limits of all nodes, if the application key may."""
    try:
        with credentials.as_portal("worker") as api:
            found = [(one.name, one.upload_size_mib) for one in api.nodes.iterate()]
    except errors.NotAllowed:
        return
    except errors.PanelError as error:
        log.info("how large files nodes take could not be read: %s", error)
        return
    largest: dict[str, int] = {}
    for name, mib in found:  # two nodes of one name: the node itself refuses what the smaller one does not take
        largest[name] = max(mib, largest.get(name, 0))
    for name, mib in largest.items():
        keep(name, mib)


def keep(node: str, mib: int) -> None:
    """Remember what a node takes, in MiB for each file."""
    row = {"mib": mib, "read_at": clock.now()}
    with write() as session:
        session.execute(
            insert(UploadLimit)
            .values(node=node, **row)
            .on_conflict_do_update(index_elements=[UploadLimit.node], set_=row)
        )


def learn(node: str, sentence: str) -> None:
    """Remember the limit that a node named when it refused, if that is what it did."""
    if found := SENTENCE.search(sentence):
        keep(node, int(found[1]))


def limit_bytes(node: str) -> int | None:
    """How many bytes a file may have on a node; None when that is not known."""
    with read() as session:
        row = session.get(UploadLimit, node)
    known = row is not None and clock.now() - row.read_at < KEPT_S
    return row.mib * MIB if row is not None and known else None
