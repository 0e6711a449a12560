"""What can be broken, by name.  Each condition turns a switch of panel, limiter, world or node link, and back."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from portal.demo.link import Fault

if TYPE_CHECKING:
    from portal.demo.demo import Demo

RATE_LIMITED_PER_MINUTE = 5


@contextmanager
def _set(target: Any, **values: Any) -> Iterator[None]:
    before = {name: getattr(target, name) for name in values}
    for name, value in values.items():
        setattr(target, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(target, name, value)


Turn = Callable[["Demo", ExitStack], None]


def _node_link(fault: Fault) -> Turn:
    return lambda demo, stack: stack.enter_context(_set(demo.link, fault_everywhere=fault))


def _panel(**values: bool) -> Turn:
    return lambda demo, stack: stack.enter_context(_set(demo.panel.switches, **values))


def _main_server(**values: Any) -> Turn:
    return lambda demo, stack: stack.enter_context(_set(demo.main_server, **values))


def _all_nodes_in_maintenance(demo: Demo, stack: ExitStack) -> None:
    for node in demo.world.nodes:
        stack.enter_context(_set(node, maintenance_mode=True))


def _rate_limited(demo: Demo, stack: ExitStack) -> None:
    limits = {**demo.limiter.per_minute, "client": RATE_LIMITED_PER_MINUTE}
    stack.enter_context(_set(demo.limiter, per_minute=limits))


def _nothing(_demo: Demo, _stack: ExitStack) -> None:
    """Keys are restricted to addresses by whoever makes them."""


CONDITIONS: dict[str, Turn] = {
    "node-down": _node_link(Fault.NOTHING_LISTENS),
    "node-refuses": _node_link(Fault.TOKEN_IS_REFUSED),
    "node-garbage": _node_link(Fault.ANSWERS_HTML),
    "node-hangs": _node_link(Fault.NEVER_ANSWERS),
    "node-maintenance": _all_nodes_in_maintenance,
    "server-transferring": _main_server(is_transferring=True),
    "install-failed": _main_server(status="install_failed"),
    "reinstall-failed": _main_server(status="reinstall_failed"),
    "panel-maintenance": _panel(in_maintenance=True),
    "panel-gateway": _panel(is_behind_dead_gateway=True),
    "panel-database-down": _panel(database_is_down=True),
    "rate-limited": _rate_limited,
    "key-of-another-address": _nothing,
    "two-factor-required": _panel(requires_two_factor=True),
}
