"""What py-dactyl offers, read off the package itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from pydactyl import PterodactylClient
from pydactyl.api.client.servers.websocket_client import WebsocketClient

NOWHERE = "http://127.0.0.1:9"


def groups(client: PterodactylClient) -> Iterator[tuple[str, Any]]:
    """Every object with calls, and where it hangs: `client.servers.files`."""
    yield from _below("", client)


def _below(path: str, holder: Any) -> Iterator[tuple[str, Any]]:
    for name, member in vars(type(holder)).items():  # its own: `client.servers` inherits those of `client`
        if isinstance(member, property):
            group = getattr(holder, name)
            where = f"{path}.{name}".lstrip(".")
            yield where, group
            yield from _below(where, group)


def methods() -> list[str]:
    """Every public method of the synchronous client: `client.account.get_account`."""
    return [
        f"{path}.{name}"
        for path, group in groups(PterodactylClient(NOWHERE, "ptlc_nobody"))
        for name in _public(type(group))
    ]


def socket_methods() -> list[str]:
    """Those of the synchronous websocket object."""
    return [f"WebsocketClient.{name}" for name in _public(WebsocketClient)]


def _public(kind: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]


def called(client: PterodactylClient, name: str) -> Any:
    """The bound method of that name, from fresh groups as a user's program gets them."""
    found: Any = client
    for part in name.split("."):
        found = getattr(found, part)
    return found
