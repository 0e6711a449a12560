"""What every administrator of this portal is told on every page: a refused key, a store that was restored."""

from __future__ import annotations

from portal.alerts import service as alerts
from portal.alerts.service import Told
from portal.store import restored
from portal.web.i18n import _


def notices() -> list[Told]:
    """What is wrong now, the oldest first. For administrators' eyes only."""
    told = alerts.current()
    if since := restored.since():
        cure = _("Look at what differs, then run `roost backup confirm`. Until then no mail goes out.")
        told.append(Told(_("This store was restored from a backup"), "", cure, since))
    return told
