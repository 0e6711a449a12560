"""What our library offers, read off its classes."""

from __future__ import annotations

import inspect
from typing import Any, Final

from portal.pterodactyl import ApiKey, Panel, Transport
from tests.pydactyl.theirs import NOWHERE

_PANEL: Final = Panel(Transport(NOWHERE))
APIS: Final[dict[str, Any]] = {"client": _PANEL.client(ApiKey("ptlc_" + "x" * 43)),
                               "api": _PANEL.application(ApiKey("ptla_" + "x" * 43))}  # fmt: skip


def methods() -> list[str]:
    """Every public method of the client API (`client.`) and of the application API (`api.`)."""
    return [
        f"{api}.{group}.{name}"
        for api, holder in APIS.items()
        for group, calls in vars(holder).items()
        if not group.startswith("_")
        for name, _ in inspect.getmembers(calls, inspect.ismethod)
        if not name.startswith("_")
    ]


def resolve(name: str) -> Any:
    """The method of that name. Raises AttributeError."""
    api, group, method = name.split(".")
    return getattr(getattr(APIS[api], group), method)
