"""A server of the demo panel and the portal's own services around it, moved by hand: what every test here stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.background import directory
from portal.demo import by_hand
from portal.demo.world import Server
from portal.store import read, write
from portal.suspension import dispatching, holds, reconciling
from portal.suspension.holds import Kind, OpenHold
from portal.suspension.models import Hold, Intent, Observed, PanelCall
from tests.conftest import World

NAME = "Survival SMP"
WRITES = ("suspend", "unsuspend")


@dataclass
class Scene:
    """One server, seen from both sides."""

    world: World
    name: str = NAME

    @property
    def server(self) -> Server:
        """The panel's own row."""
        return next(one for one in self.world.demo.world.servers if one.name == self.name)

    @property
    def uuid(self) -> str:
        """The server's uuid."""
        return self.server.uuid

    @property
    def status(self) -> str | None:
        """What the panel says."""
        return self.server.status

    def sync(self, seconds: float = 30) -> None:
        """Time goes by, then the whole list is read."""
        self.world.clock.advance(seconds)
        with self.world.app.app_context():
            assert directory.sync()

    def hold(self, kind: Kind = "unpaid", reason: str = "not paid") -> None:
        """Place a hold."""
        with self.world.app.app_context(), write() as session:
            holds.place_in(session, self.uuid, kind, reason=reason, by=None)

    def release(self, kind: Kind = "unpaid", reason: str = "paid", start_as: int | None = None) -> None:
        """Release the hold of a kind."""
        with self.world.app.app_context(), write() as session:
            one = next(one for one in holds.open_in(session, self.uuid) if one.kind == kind)
            holds.release_in(session, one, reason=reason, by=1, start_as=start_as)

    def dispatch(self, seconds: float = 2) -> int:
        """Time goes by, then one round of the dispatcher."""
        self.world.clock.advance(seconds)
        with self.world.app.app_context():
            return dispatching.work()

    def reconcile(self) -> reconciling.Drift | None:
        """One look at everything."""
        with self.world.app.app_context():
            return reconciling.reconcile()

    def look(self, seconds: float = 30) -> None:
        """What the worker does by itself in a minute: read the list, reconcile, dispatch."""
        self.sync(seconds)
        self.reconcile()
        self.dispatch()

    def by_hand(self, status: str | None) -> None:
        """An administrator sets the status in the panel."""
        self.world.clock.advance(1)
        by_hand.set_status(self.world.demo, self.server, status)  # type: ignore[arg-type]

    def panel_is(self, fault: str, *, path: str = "*/*suspend", times: int | None = 1, **settings: Any) -> None:
        """Turn a knob of the panel for the calls that suspend and unsuspend."""
        knob = {"fault": fault, "match": {"path": path}, "times": times, "settings": settings}
        self.world.demo.knobs.turn(knob)

    def holds(self) -> list[OpenHold]:
        """The open holds."""
        with self.world.app.app_context():
            return holds.of(self.uuid)

    def kinds(self) -> list[str]:
        """Their kinds; those that ask for nothing any more have a minus."""
        return [f"-{one.kind}" if one.is_lifted else one.kind for one in self.holds()]

    def writes(self) -> list[str]:
        """The suspends and unsuspends that reached the panel, in order."""
        paths = [one.path for one in self.world.demo.calls if one.method == "POST"]
        mine = f"/api/application/servers/{self.server.id}/"
        return [path.removeprefix(mine) for path in paths if path.startswith(mine)]

    def intents(self) -> list[Intent]:
        """All of this server's."""
        with self.world.app.app_context(), read() as session:
            return list(session.scalars(select(Intent).where(Intent.server_uuid == self.uuid).order_by(Intent.number)))

    def states(self) -> list[str]:
        """Their states."""
        return [one.state for one in self.intents()]

    def seen(self) -> Observed:
        """The last reading."""
        with self.world.app.app_context(), read() as session:
            return session.get_one(Observed, self.uuid)

    def row(self, kind: Kind) -> Hold:
        """The newest hold of a kind."""
        with self.world.app.app_context(), read() as session:
            mine = select(Hold).where(Hold.server_uuid == self.uuid, Hold.kind == kind).order_by(Hold.id.desc())
            return session.scalars(mine).first()  # type: ignore[return-value]

    def calls(self) -> list[PanelCall]:
        """What was written down of calls."""
        with self.world.app.app_context(), read() as session:
            return list(session.scalars(select(PanelCall).order_by(PanelCall.id)))
