"""What can be broken, by name.  Each condition turns a switch of panel, limiter, world or node link, and back."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from portal.demo.link import Fault

if TYPE_CHECKING:
    from portal.demo.demo import Demo

RATE_LIMITED_PER_MINUTE = 5
ANOTHER_KEY = "the-key-of-a-node-that-was-set-up-once-more-and-not-told-to-panel"  # noqa: S105


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


def _node_is_down(demo: Demo, stack: ExitStack) -> None:
    """Where nodes are served, their addresses close too."""
    stack.enter_context(_set(demo.link, fault_everywhere=Fault.NOTHING_LISTENS))


def _node_hangs(demo: Demo, stack: ExitStack) -> None:
    """Sockets that stand go silent as well, and go on when it is over."""
    stack.enter_context(_set(demo.link, fault_everywhere=Fault.NEVER_ANSWERS))
    for node in demo.nodes.values():
        node.sockets.stall()
        stack.callback(node.sockets.resume)


def _node_is_something_else(demo: Demo, stack: ExitStack) -> None:
    stack.enter_context(_set(demo.link, fault_everywhere=Fault.ANSWERS_HTML))
    for node in demo.nodes.values():
        node.sockets.drop()


def _node_has_another_key(demo: Demo, stack: ExitStack) -> None:
    """The panel's calls are refused, and what it signed for browsers is not believed."""
    stack.enter_context(_set(demo.link, fault_everywhere=Fault.TOKEN_IS_REFUSED))
    for node in demo.nodes.values():
        stack.enter_context(_set(node, other_key=ANOTHER_KEY))
        node.sockets.drop()


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
    "node-down": _node_is_down,
    "node-refuses": _node_has_another_key,
    "node-garbage": _node_is_something_else,
    "node-hangs": _node_hangs,
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
