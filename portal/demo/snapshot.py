"""The panel's rows at one moment, and the way back: what restoring a backup of its database does.

Rows keep their identity, so whoever holds one (a node, a running process) sees it as it was.  What nodes have on their
disks and what runs there stays as it is: a node knows nothing of the panel's database.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from portal.demo.wings.process import Process
from portal.demo.world import World


class Snapshot:
    def __init__(self, world: World, processes: Mapping[str, Process]) -> None:
        self._rows: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._processes = dict(processes)
        self._keep(world)

    def put_back(self, processes: dict[str, Process]) -> None:
        """Rows made since are gone; their ids are given out again."""
        for row, values in self._rows.values():
            for name, value in values.items():
                _set(row, name, value)
        for uuid, process in self._processes.items():
            processes.setdefault(uuid, process)

    def _keep(self, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for item in value:
                self._keep(item)
        elif isinstance(value, dict):
            self._keep(list(value.values()))
        elif is_dataclass(value) and not isinstance(value, type) and id(value) not in self._rows:
            held = {one.name: getattr(value, one.name) for one in fields(value)}
            self._rows[id(value)] = (value, {name: _fresh(inner) for name, inner in held.items()})
            self._keep(list(held.values()))


def _set(row: Any, name: str, value: Any) -> None:
    """In place where there is a container, since somebody may hold it."""
    current = getattr(row, name)
    if isinstance(value, list) and isinstance(current, list):
        current[:] = _fresh(value)
    elif isinstance(value, dict) and isinstance(current, dict):
        current.clear()
        current.update(_fresh(value))
    elif current is not value:
        object.__setattr__(row, name, value)


def _fresh(value: Any) -> Any:
    """Containers anew, what they hold as it is."""
    if isinstance(value, list):
        return [_fresh(item) for item in value]
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    return value
