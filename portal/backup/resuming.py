"""What a restored store does once it is confirmed: wishes that waited in the backup, made anew from how things are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.backup.settling import RESTORED
from portal.store.restored import Quarantine
from portal.suspension import intents
from portal.suspension.models import Intent, Observed


def wish_again_in(session: Session, quarantine: Quarantine) -> int:
    """Wish again what was superseded by this restore, where holds and panel differ; returns for how many servers.

    What was sent long before the backup and is otherwise on the panel now is left to the reconciler: somebody may have
    paid since, or an administrator may have lifted it by hand.
    """
    over = (Intent.state == "superseded", Intent.error == RESTORED, Intent.ended_at >= int(quarantine.since))
    starts = {one.server_uuid: one.start_as for one in session.scalars(select(Intent).where(*over).order_by(Intent.id))}
    wished = 0
    for uuid, start_as in sorted(starts.items()):
        wanted, seen = intents.is_wanted_suspended(session, uuid), session.get(Observed, uuid)
        if seen is None or seen.is_suspended != wanted:
            intents.wish_in(session, uuid, wants_suspended=wanted, cause="restored", start_as=start_as)
            wished += 1
    return wished
