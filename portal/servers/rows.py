"""A server as it is shown, in the list and on its own page: facts, condition, and what this person may do now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from portal import clock
from portal.servers import asides, records
from portal.servers.facts import Facts
from portal.servers.reading import STALE_S
from portal.servers.records import Known, LastReading
from portal.servers.rights import Rights
from portal.servers.state import LIVE_FIGURES_S, Condition, Live, State, condition

PERMISSION_FOR = {
    "start": "control.start",
    "stop": "control.stop",
    "kill": "control.stop",
    "restart": "control.restart",
}
"""Kill has no permission of its own."""


@dataclass(frozen=True)
class Row:
    """A server in the list or on its own page."""

    facts: Facts
    condition: Condition
    signals: tuple[str, ...]
    read_at: float
    is_old: bool
    aside: object = None
    """What another feature says of the server (`portal/servers/asides.py`)."""

    @property
    def was_never_read(self) -> bool:
        """Nobody has looked at this server for a while; the background process is on its way."""
        return self.condition.state is State.UNKNOWN and self.condition.usage is None

    @property
    def version(self) -> str:
        """Changes whenever the live part of the row would look different."""
        seen, usage = self.condition, self.condition.usage
        figures = (usage.current_state, usage.memory_bytes, usage.cpu_percent, usage.disk_bytes) if usage else None
        return digest(seen.state, seen.asked, figures, self.signals, self.is_old, self.aside)

    @property
    def seen_as(self) -> str:
        """What a page that shows the row tells the poll."""
        return f"{self.facts.identifier}.{self.version}"


def with_asides(account_id: int, rows: Sequence[Row]) -> list[Row]:
    """The same rows with what other features say of their servers to a person."""
    told = asides.of(account_id, [row.facts for row in rows])
    return [replace(row, aside=told.get(row.facts.uuid)) for row in rows]


def see_asides(account_id: int, rows: Iterable[Row]) -> None:
    """Say that a person sees rows with what other features say of them."""
    asides.saw(account_id, {row.facts.uuid: row.aside for row in rows if row.aside is not None})


def digest(*parts: object) -> str:
    """Eight letters that change when the parts do."""
    return f"{crc32(repr(parts).encode()):08x}"


def make_rows(mine: Sequence[tuple[Known, Rights]], live: Mapping[str, Live], *, is_panel_down: bool) -> list[Row]:
    """The rows of servers that a person may see."""
    now = clock.now()
    asked = records.asked([known.facts.uuid for known, _ in mine])
    rows = []
    for known, rights in mine:
        uuid = known.facts.uuid
        seen = condition(known.facts, live.get(uuid, Live()), asked.get(uuid), now, panel_down=is_panel_down)
        signals = tuple(signal for signal in seen.signals if rights.allow(PERMISSION_FOR[signal]))
        is_old = seen.usage is not None and now - seen.usage.read_at > STALE_S
        rows.append(Row(known.facts, seen, signals, known.read_at, is_old))
    return rows


def live_of(mine: Iterable[tuple[Known, Rights]], *, is_service: bool) -> dict[str, Live]:
    """The live side of servers. With the service key it is withheld once nobody confirmed the rights for 15 minutes."""
    now = clock.now()
    uuids = [known.facts.uuid for known, rights in mine if not is_service or now - rights.read_at <= LIVE_FIGURES_S]
    return records.live(uuids)


def problem_now(last: LastReading, live: Iterable[Live]) -> str | None:
    """What is wrong now: the last failure, unless anything was read well since."""
    lives = list(live)
    answered = [one.tried_at or 0.0 for one in lives if one.error in (None, "conflict")]
    good = max([last.read_at or 0.0, *answered, *(one.usage.read_at for one in lives if one.usage)])
    heart = records.last_reading("directory")
    for one in (last, heart):
        is_ours = one is heart and one.error == "service_refused"  # customers with keys of their own do without ours
        if one.error is not None and (one.error_at or 0.0) >= good and not is_ours:
            return one.error
    broken = [one for one in lives if one.error in ("panel", "maintenance") and (one.tried_at or 0.0) > good]
    if broken:
        return broken[0].error
    return "late" if _is_silent(heart, last) else None


def stops_actions(problem: str | None) -> bool:
    """Whether a problem means that the panel cannot be asked to do anything."""
    return problem is not None and problem not in ("busy", "late")


def _is_silent(heart: LastReading, last: LastReading) -> bool:
    """The background process reads the directory every half minute; that, well or not, is its sign of life."""
    beat = max(heart.read_at or 0.0, heart.error_at or 0.0) or last.read_at or clock.now()
    return clock.now() - beat > STALE_S
