"""The portal's own keys when the panel refuses them: known to every process, told once, tried again every 15 minutes.

`service` is the service key, `application` the application key. A key that was replaced is a new one: its refusal does
not count any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import CursorResult, delete, select, update

from portal import clock
from portal.alerts import service as alerts
from portal.credentials.models import KeyRefusal
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyCause, KeyRefused
from portal.store import read, write
from portal.web.i18n import _

Name = Literal["service", "application"]
PROBE_S = 15 * 60.0


@dataclass(frozen=True)
class Refusal:
    """Why a key is refused; `since` is an instant, `detail` the panel's own words."""

    name: Name
    cause: KeyCause
    detail: str
    since: float


def may_try(name: Name, key: ApiKey) -> bool:
    """Whether the background process should call with a key now: a refused one is tried every 15 minutes."""
    row = _row(name, key)
    if row is None:
        return True
    if row.tried_at > clock.now() - PROBE_S:
        return False
    mine = update(KeyRefusal).where(KeyRefusal.name == name, KeyRefusal.tried_at == row.tried_at)
    with write() as session:
        result = session.execute(mine.values(tried_at=clock.now()))
        return isinstance(result, CursorResult) and result.rowcount == 1


def refused(name: Name, key: ApiKey, error: KeyRefused) -> None:
    """Remember a refusal and tell operators, once an hour."""
    now = clock.now()
    with write() as session:
        row = session.get(KeyRefusal, name)
        if row is None or row.hint != key.identifier:
            row = session.merge(
                KeyRefusal(name=name, hint=key.identifier, cause="", detail="", since=now, tried_at=now)
            )
        row.hint, row.cause, row.detail, row.tried_at = key.identifier, error.cause, error.detail[:500], now
        row.since = row.since or now
    title, text, cure = in_words(Refusal(name, error.cause, error.detail, now))
    alerts.alert(f"key:{name}", title, text, cure)


def works(name: Name, key: ApiKey, begun_at: float) -> None:
    """The panel took a key in a call that began at an instant: what was remembered against it before that is over.

    A call that was on its way when the key was refused proves nothing, nor does one with another key.
    """
    row = _row(name, key)
    if row is not None and begun_at >= row.tried_at:
        _forget(name, key.identifier)


def settle(keys: Mapping[Name, ApiKey | None]) -> None:
    """Forget refusals of keys that are no longer set. For the start of the background process."""
    with read() as session:
        rows = session.scalars(select(KeyRefusal)).all()
    for row in rows:
        key = keys.get(row.name)  # type: ignore[call-overload]
        if key is None or key.identifier != row.hint:
            _forget(row.name, row.hint)


def _forget(name: str, hint: str) -> None:
    with write() as session:
        session.execute(delete(KeyRefusal).where(KeyRefusal.name == name, KeyRefusal.hint == hint))
    alerts.over(f"key:{name}")


def current(name: Name, key: ApiKey) -> Refusal | None:
    """Why a key is refused now; None while it is not."""
    row = _row(name, key)
    return Refusal(name, row.cause, row.detail, row.since) if row else None  # type: ignore[arg-type]


def in_words(refusal: Refusal) -> tuple[str, str, str]:
    """Title, what happened, and what to do, for an administrator."""
    is_service = refusal.name == "service"
    title = _("The panel refuses the service key") if is_service else _("The panel refuses the application key")
    said = _("The panel says: %(detail)s", detail=refusal.detail) if refusal.detail else ""
    match refusal.cause:
        case "address":
            why = _("The key may not be used from this machine's address.")
            cure = _("In the panel, add this machine's address to the key's allowed IPs, or make a new key.")
        case "two_factor":
            why = _("The panel demands two-factor authentication of the key's owner, who has none.")
            cure = _("Sign in to the panel as the key's owner and set it up; the key then works again.")
        case "wrong_kind":
            why = _("It is a key of the other kind.")
            cure = _("Run `roost setup` and give each key where it belongs.")
        case "not_admin":
            why = _("The key's owner is no administrator of the panel any more.")
            cure = _("Make its owner an administrator again, or run `roost setup` with another key.")
        case _:
            why = _("The panel does not know the key: it was deleted, or its owner was.")
            cure = _("Make a new key in the panel and run `roost setup`.")
    return title, f"{why} {said}".strip(), cure


def _row(name: Name, key: ApiKey) -> KeyRefusal | None:
    with read() as session:
        return session.scalar(select(KeyRefusal).where(KeyRefusal.name == name, KeyRefusal.hint == key.identifier))
