"""The panel's process and the clients' processes, and a certificate that all trust."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import certifi

from bench.clients import callers, panel
from bench.consoles.child import Child
from portal.demo.serving import LOOPBACK
from tests.support.certificates import self_signed


class Rig:
    """Everything that runs; `clients` trust the usual authorities, as real ones do, and the panel's certificate."""

    def __init__(self) -> None:
        if importlib.util.find_spec("pydactyl") is None:
            raise SystemExit("py-dactyl is not installed: bin/setup --dev")
        folder = Path(tempfile.mkdtemp())
        self.closing: list[Callable[[], None]] = [lambda: shutil.rmtree(folder, ignore_errors=True)]
        try:
            self.certificate, key = self_signed(folder, LOOPBACK)
            trusted = folder / "trusted.pem"
            trusted.write_bytes(Path(certifi.where()).read_bytes() + self.certificate.read_bytes())
            self.panel = self._child(panel.main, self.certificate, key)
            self.world = self.panel.ask("world")
            self.clients = self._clients(trusted)
        except BaseException:
            self.close()
            raise

    def more_clients(self) -> dict[str, Child]:
        """Others, which trust the panel's certificate alone; started now, so that they disturb nothing before."""
        return self._clients(self.certificate)

    def close(self) -> None:
        """End everything, the last first."""
        while self.closing:
            self.closing.pop()()

    def _clients(self, trusted: Path) -> dict[str, Child]:
        both = (callers.ours, callers.theirs)
        return {make.__name__: self._child(callers.main, make, self.world, trusted) for make in both}

    def _child(self, main: Callable[..., None], *arguments: object) -> Child:
        child = Child(main, *arguments)
        self.closing.append(child.close)
        return child
