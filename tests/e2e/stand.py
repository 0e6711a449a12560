"""A whole Roost on loopback: gunicorn and worker as processes of their own, beside a demo panel in this process.

Panel and nodes are servers in threads here, so that a test can break, kill and revive them, and read what they were
asked.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

from portal import create_app
from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.config import load
from portal.credentials import service as credentials
from portal.demo import build
from portal.demo.link import Fault
from portal.demo.served import Served
from portal.store import db, schema
from tests.support.waiting import held_port, port_of, until

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "gunicorn.conf.py")
PASSWORD = "roost-demo"
PEOPLE = ("owner", "subuser", "stranger", "admin", "solo")
READY_S = 90.0
"""A process may take long to start on a machine that starts others too."""
BUSY_S = 30
"""So long somebody else may write to the store."""


class Stand:
    """One portal and its panel. `people` have accounts with `PASSWORD`; `mode` is own or service (whose key acts).

    `browsing` is what a browser's context needs to open it.
    """

    browsing: ClassVar[dict[str, Any]] = {}

    def __init__(
        self, *, mode: str = "own", worker: bool = True, fixture: dict[str, Any] | None = None, latency_s: float = 0.0,
        people: tuple[str, ...] = PEOPLE, settings: dict[str, object] | None = None,
    ) -> None:  # fmt: skip
        self.mode = mode
        self.folder = Path(tempfile.mkdtemp(prefix="roost-e2e-"))
        self.instance = self.folder / "instance"
        self.log = self.folder / "log"
        self.demo = build(fixture=fixture)
        self.demo.latency = latency_s
        self.served = Served(self.demo)
        self.url = ""
        self.processes: list[subprocess.Popen[bytes]] = []
        self.people = people
        self.states: dict[str, Any] = {}
        try:
            self.url = self._open_way()
            self._start(worker=worker, settings=settings or {})
        except BaseException as wrong:
            if self.log.exists():
                wrong.add_note("The log of portal and worker ends so:\n" + self.log.read_text()[-2000:])
            self.close()
            raise

    def server(self, name: str) -> str:
        """The identifier of a server by its name."""
        return next(one.identifier for one in self.demo.world.servers if one.name == name)

    def state_of(self, name: str) -> str:
        """How the process of a server really is."""
        server = next(one for one in self.demo.world.servers if one.name == name)
        return str(self.demo.processes[server.uuid].state)

    def kill_panel(self) -> None:
        """The panel dies."""
        self.served.panel.listen(wanted=False)

    def revive_panel(self) -> None:
        """The panel is back at its old address."""
        self.served.panel.listen(wanted=True)

    def kill_node(self, name: str) -> None:
        """A node dies: it listens no more, its connections are cut, the panel cannot reach it."""
        self.demo.link.faults[self._node(name)] = Fault.NOTHING_LISTENS
        self.served.follow()

    def revive_node(self, name: str) -> None:
        """Wings starts anew there: what it kept in memory is gone, the servers run on."""
        del self.demo.link.faults[self._node(name)]
        self.demo.nodes[self._node(name)].restart()
        self.served.follow()

    def restart_web(self) -> None:
        """Stop gunicorn as systemd does, and start it again; returns when it answers."""
        web = self.processes.pop(0)
        web.terminate()
        web.wait(READY_S)
        self.processes.insert(0, self._run_web())
        until(self._answers, lambda: "the portal does not answer again", READY_S)

    def end_sessions(self) -> None:
        """Every session ends, as after a new password."""
        with closing(sqlite3.connect(self.instance / "roost.db", timeout=BUSY_S)) as store, store:
            store.execute("DELETE FROM login_session")
        self.states.clear()

    def age(self, seconds: float) -> None:
        """Make everything that was read of the panel older."""
        with closing(sqlite3.connect(self.instance / "roost.db", timeout=BUSY_S)) as store, store:
            for table in ("reading", "snapshot", "grant"):
                store.execute(f'UPDATE "{table}" SET read_at = read_at - ?', (seconds,))  # noqa: S608

    def audit(self, action: str) -> list[str]:
        """What was done of that kind, as Roost wrote it down."""
        with closing(sqlite3.connect(self.instance / "roost.db", timeout=BUSY_S)) as store:
            found = store.execute("SELECT detail FROM audit_entry WHERE action = ? ORDER BY id", (action,)).fetchall()
        return [str(detail) for (detail,) in found]

    def invitation(self, person: str) -> str:
        """The link of a new invitation."""
        return self.flask("user", "invite", f"{person}@example.com").split()[-1]

    def flask(self, *words: str) -> str:
        """The output of a `flask` command."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment(), check=True, capture_output=True, text=True, timeout=READY_S
        ).stdout

    def close(self) -> None:
        """End everything that was started."""
        for one in self.processes:
            if one.poll() is None:
                one.terminate()
        self.served.close()
        for one in self.processes:
            try:
                one.wait(12)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        if hasattr(self, "kept_port"):
            self.kept_port.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _node(self, name: str) -> str:
        return next(uuid for uuid, node in self.demo.nodes.items() if node.row.name == name)

    def _start(self, *, worker: bool, settings: dict[str, object]) -> None:
        self.instance.mkdir(mode=0o700)
        schema.upgrade(self.instance / "roost.db")
        lines: dict[str, object] = {
            "panel_url": self.demo.base,
            "portal_url": self.url,
            "application_key": self.demo.keys["application"],
            "support_url": "https://example.com/support",
            "terms_url": "https://example.com/terms",
            "use_service_key": self.mode == "service",
        }
        if self.mode == "service":
            lines["service_key"] = self.demo.keys["service"]
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in (lines | settings).items())
        (self.instance / "config.toml").touch(mode=0o600)
        (self.instance / "config.toml").write_text(text)
        self.processes.append(self._run_web())
        self._make_accounts()
        if worker:
            self.processes.append(self.run_worker())
        until(self._answers, lambda: "the portal does not answer", READY_S)
        if worker:
            until(self._knows_rights, lambda: "the worker has not read any rights", READY_S)

    def _open_way(self) -> str:
        """The portal's address."""
        self.kept_port = held_port()
        self.port = port_of(self.kept_port)
        return f"http://127.0.0.1:{self.port}"

    def run_worker(self) -> subprocess.Popen[bytes]:
        """Start a background process."""
        return self._run("flask", "--app", "wsgi.py", "worker")

    def _run_web(self) -> subprocess.Popen[bytes]:
        return self._run("gunicorn", "--config", CONFIG, "--bind", f"127.0.0.1:{self.port}", "wsgi:app")

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        return self._spawn([sys.executable, "-m", *words])

    def _spawn(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True, **options
            )

    def _environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
        return mine | {"ROOST_INSTANCE": str(self.instance), "ROOST_LOG_LEVEL": "INFO", "PYTHONPATH": str(ROOT)}

    def _make_accounts(self) -> None:
        app = create_app(load({"ROOST_INSTANCE": str(self.instance), "ROOST_LOG_LEVEL": "ERROR"}))
        with app.app_context():
            for name in self.people:
                user = next(one for one in self.demo.world.users if one.username == name)
                linked = PanelUser(user.id, name, user.email)
                account_id = accounts.create(f"{name}@example.com", panel_user=linked, is_admin=name == "admin")
                accounts.set_password(account_id, PASSWORD)
                if self.mode == "own" and name != "admin":
                    credentials.set_key(accounts.find(f"{name}@example.com"), self.demo.keys[name])
            db.engine.dispose()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/login", timeout=BUSY_S):
                return True
        except urllib.error.HTTPError as wrong:
            wrong.close()
            raise
        except OSError:
            return False

    def _knows_rights(self) -> bool:
        with closing(sqlite3.connect(self.instance / "roost.db", timeout=BUSY_S)) as store:
            read = store.execute("SELECT count(*) FROM reading WHERE read_at IS NOT NULL").fetchone()[0]
        return int(read) >= (2 if self.mode == "service" else 1)
