"""What administrators are told of suspensions: one alert for a cause, with all its servers, over when the cause is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, select

from portal import mode
from portal.alerts import service as alerts
from portal.store import read
from portal.suspension.models import Hold, Intent, Observed
from portal.web.i18n import _

EXTERNAL: Final = "external_hold"
LIFTED: Final = "lifted"
TOO_MANY: Final = "too_many"
PARKED: Final = "intent:"
AT_MOST: Final = 10
IS_LIFTED: Final = Hold.released_at.is_(None) & Hold.lifted_at.is_not(None)
IS_EXTERNAL: Final = Hold.released_at.is_(None) & (Hold.kind == "external")


def external() -> None:
    """Servers were suspended in the panel."""
    names = _names(IS_EXTERNAL)
    if names and mode.is_on():
        alerts.alert(
            EXTERNAL,
            _("Servers were suspended in the panel"),
            listed(names),
            _("They stay suspended, also when they are paid, until you release the hold or lift it in the panel."),
        )


def lifted() -> None:
    """What was suspended by us runs, and nothing is done about it."""
    names = _names(IS_LIFTED)
    if names:
        text = _("Lifted in the panel, or vanished three times, and not made again: %(names)s", names=listed(names))
        _gone(LIFTED, text)


def too_many(names: Sequence[str]) -> None:
    """So many suspensions vanished within a day that they are not made again by themselves; over when none is left."""
    if not names:
        alerts.over(TOO_MANY)
        return
    text = _("Vanished, as did others today, and not made again for now: %(names)s", names=listed(names))
    _gone(TOO_MANY, text)


def parked(server_uuid: str, why: str) -> None:
    """A server needs a person."""
    with read() as session:
        seen = session.get(Observed, server_uuid)
    alerts.alert(
        f"{PARKED}{server_uuid}",
        _("A server cannot be suspended or released"),
        _("Server %(name)s: %(why)s", name=seen.name if seen else server_uuid, why=_sentence(why)),
        _("Look at it in the panel. It is tried again each hour."),
    )


def end() -> None:
    """Note which of these causes are gone; all are while billing is off, since nothing is done then."""
    standing = {one for one in alerts.causes() if one in (EXTERNAL, LIFTED, TOO_MANY) or one.startswith(PARKED)}
    if not standing:
        return
    lasting: set[str] = set()
    if mode.is_shown():
        stuck = select(Intent.server_uuid).where(Intent.state.in_(("parked", "sending")))
        with read() as session:
            lasting = {f"{PARKED}{uuid}" for uuid in session.scalars(stuck)}
        lasting |= {cause for cause, those in ((EXTERNAL, IS_EXTERNAL), (LIFTED, IS_LIFTED)) if _names(those)}
        lasting.add(TOO_MANY)
    for cause in standing - lasting:
        alerts.over(cause)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence of their own: ten at most, then how many more."""
    shown = ", ".join(names[:AT_MOST])
    more = len(names) - AT_MOST
    if more <= 0:
        return f"{shown}."
    return _("%(names)s and %(count)s more.", names=shown, count=more)


def _names(those: ColumnElement[bool]) -> list[str]:
    """The servers with such a hold, the newest first."""
    query = select(Observed.name).join(Hold, Hold.server_uuid == Observed.server_uuid).where(those)
    with read() as session:
        return list(dict.fromkeys(session.scalars(query.order_by(Hold.id.desc()))))


def _gone(cause: str, text: str) -> None:
    alerts.alert(cause, _("A suspension is gone"), text, _("If the server should be off, place a hold on it."))


def _sentence(why: str) -> str:
    return why if why.endswith((".", "!", "?")) else f"{why}."
