"""The portal as it is installed, on loopback, in front of a demo panel in a process of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.consoles import visitors
from bench.consoles.rig import EACH, Rig, _fixture
from bench.consoles.site import Site
from bench.idle import tree
from bench.transfers import panel, slow


class Files(Rig):
    """Everything that runs. `servers` as for consoles: each person has `EACH`."""

    def processes(self) -> list[int]:
        """Of the web service: gunicorn and what it forked."""
        assert self.web.process is not None
        return tree(self.web.process.pid)

    def paths(self, person: int) -> list[str]:
        """What a person looks at in turn: the list, and the pages of two servers."""
        mine = self.servers[person * EACH : person * EACH + 2]
        return [path for one in mine for path in ("/servers", f"/servers/{one.identifier}")]

    def cookie(self, number: int) -> str:
        """Of the person whose server that is."""
        return self.cookies[self.people[number // EACH]]

    def _start(self, servers: int) -> None:
        self.panel = self._child(panel.main, _fixture(self.people, servers))
        facts: dict[str, Any] = self.panel.ask("facts")
        users = [SimpleNamespace(id=number, username=name, email=email) for number, name, email in facts["users"]]
        self.demo: Any = SimpleNamespace(base=facts["base"], keys=facts["keys"], world=SimpleNamespace(users=users))
        self.servers: Any = [SimpleNamespace(uuid=uuid, identifier=short) for uuid, short in facts["servers"]]
        self.slow = self._child(slow.main)
        self.visitors = self._child(visitors.main)
        self.site = Site(self.root)
        self.url = f"http://127.0.0.1:{self.site.portal}"
        self._write_settings()
        self._make_accounts()
        self._start_services()
        self.closing.append(self.site.close)
        self.site.start(1)  # nothing is behind the other way: the node has an address of its own
        sources = [f"127.0.3.{number + 1}" for number in range(len(self.people))]
        everybody = [(self.cookies[one], sources[turn], self.paths(turn)) for turn, one in enumerate(self.people)]
        self.visitors.ask("come", self.site.portal, everybody)
