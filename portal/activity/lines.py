"""The lines of the log: what happened, who did it, and what is known beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.activity import acts, events
from portal.activity.people import People, Who
from portal.activity.sentences import Props, Sentence
from portal.audit.service import Kept
from portal.auth.sessions import Viewer
from portal.pterodactyl.models import ActivityEntry
from portal.servers.reading import Opened
from portal.web.i18n import _
from portal.web.text import one_line

MOST_TOLD = 2
MOST_LISTED = 20


@dataclass(frozen=True)
class Line:
    """One thing that happened. `outcome` is "" for what was done, else a sentence (`tone` warn or bad).

    `details` are names and values; `address` is where the person was, only for themselves and administrators.
    `act_id` is that of Roost's own log, 0 when only the panel tells of it.
    """

    at: float
    who: Who
    sentences: tuple[Sentence, ...]
    details: tuple[tuple[str, str], ...]
    address: str
    outcome: str = ""
    tone: str = ""
    act_id: int = 0


@dataclass(frozen=True)
class Telling:
    """Makes lines for one viewer."""

    viewer: Viewer
    opened: Opened
    people: People

    def may_see(self, act: Kept) -> bool:
        """What was not done concerns who tried it, the owner and administrators; what may have been done everybody."""
        is_near = act.account_id == self.viewer.account_id or self.opened.rights.is_owner or self.viewer.is_admin
        if acts.act_of(act.action).is_for_admins:
            return self.viewer.is_admin
        return act.outcome in ("done", "unknown") or is_near

    def by_panel(self, entry: ActivityEntry) -> Line:
        """What only the panel's log tells."""
        is_api = entry.is_api or entry.event in events.FROM_NODES
        who = self.people.of_actor(entry.actor, is_api=is_api)
        is_portals = who.kind in ("host", "portal")
        shows = not is_portals and (self.viewer.is_admin or self.people.is_viewer(who))
        props = self._props(entry, shows)
        details = (*props.rows(), *self._about(entry, is_portals=is_portals))
        address = one_line(entry.ip or "", 60) if shows else ""
        return Line(entry.timestamp.timestamp(), who, (events.told(entry.event, props),), details, address)

    def by_both(self, act: Kept, entries: Sequence[ActivityEntry]) -> Line:
        """One act that both logs tell: the person is Roost's, what it was is the panel's."""
        who = self.people.of_account(act.account_id)
        all_props = [self._props(one, False) for one in entries]
        is_by_file = 0 in acts.act_of(act.action).events.values()
        if acts.capacity(act.action, act.detail) == 1 if is_by_file else len(entries) <= MOST_TOLD:
            told = tuple(events.told(one.event, props) for one, props in zip(entries, all_props, strict=True))[::-1]
        else:
            told = (self._by_roost(act.action, act.detail),)
        rows = [row for props in all_props[:MOST_LISTED] for row in props.rows()]
        details = (*rows, *self._about(entries[0], is_portals=True), (_("Through"), _("this portal")))
        at = max(one.timestamp.timestamp() for one in entries)
        return Line(at, who, told, details, self._address(act), act_id=act.id)

    def by_roost(self, act: Kept) -> Line:
        """What only Roost's log tells."""
        why, detail = acts.reason(act.detail) if act.outcome in ("refused", "failed") else ("", act.detail)
        said = {
            "done": ("", ""),
            "refused": (_("It was refused."), "bad"),
            "failed": (_("It failed."), "bad"),
        }.get(act.outcome, (_("Whether it was done is not known."), "warn"))
        details = ((_("Action"), one_line(act.action, 60)), (_("Through"), _("this portal")))
        return Line(
            at=act.at,
            who=self.people.of_account(act.account_id),
            sentences=(self._by_roost(act.action, detail),),
            details=details,
            address=self._address(act),
            outcome=f"{said[0]} {why}".strip(),
            tone=said[1],
            act_id=act.id,
        )

    def _by_roost(self, action: str, detail: str) -> Sentence:
        lower = detail.lower()
        if any(one in lower for one in self.people.hidden if "@" in one):
            detail = _("(hidden)")
        return acts.told(action, one_line(detail, 300))

    def _props(self, entry: ActivityEntry, shows_place: bool) -> Props:
        return Props(entry.properties, self.people.hidden, shows_place)

    def _about(self, entry: ActivityEntry, *, is_portals: bool) -> tuple[tuple[str, str], ...]:
        """The event's name, and how it was done, unless that is only how the portal does things."""
        how = _("an API key") if entry.is_api else ""
        rows = [(_("Event"), one_line(entry.event, 100))]
        if how and not is_portals:
            rows.append((_("Done with"), how))
        if entry.description:
            lower = entry.description.lower()
            is_hidden = any(one in lower for one in self.people.hidden)
            rows.append((_("Description"), _("(hidden)") if is_hidden else one_line(entry.description, 500)))
        return tuple(rows)

    def _address(self, act: Kept) -> str:
        is_theirs = act.account_id is not None and act.account_id == self.viewer.account_id
        return one_line(act.address or "", 60) if is_theirs or self.viewer.is_admin else ""
