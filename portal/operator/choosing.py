"""Which servers a command means: named, of an owner, a node or an egg, without a price, or all."""

from __future__ import annotations

from collections.abc import Collection

from portal.credentials import service as credentials
from portal.operator import fleet
from portal.operator.changing import ChangeError
from portal.operator.fleet import Filter, Server, Show
from portal.web.text import number_in


def choose(
    named: Collection[str], *, owner: str | None = None, node: str | None = None, egg: int | None = None,
    without_price: bool = False, everything: bool = False,
) -> tuple[list[str], str]:  # fmt: skip
    """Their identifiers, and a sentence if they are more than one change may take; then the rest is left out.

    What is given besides names narrows: each must hold.

    A node is a name as customers see it, or the panel's number; that and an egg are asked of the panel, which may
    raise the library's errors. Raises ChangeError when nothing is chosen, or a name is none.
    """
    filters = owner is not None or node is not None or egg is not None or without_price
    if not (named or filters or everything):
        raise ChangeError("Name servers, or choose with --owner, --node, --egg, --without-price or --all.")
    if named:
        wrong = [one for one in named if not fleet.IDENTIFIER.fullmatch(one)]
        if wrong:
            raise ChangeError(f"{wrong[0][:40]} is no identifier of a server, like 1a2b3c4d.")
        if not filters:
            return [one[:8].lower() for one in dict.fromkeys(named)], ""
    if owner is not None and not owner.strip():
        raise ChangeError("Say whose servers: --owner takes the address of an account.")
    by_name = node is not None and number_in(node) is None
    show: Show = "unset" if without_price else "all"
    found = fleet.fitting(Filter(show, node=node or "" if by_name else "", owner=owner or ""))
    if named:
        wanted = {one[:8].lower() for one in named}
        found = [one for one in found if one.known.identifier in wanted]
    if egg is not None or (node is not None and not by_name):
        found = _of_panel(found, None if by_name or node is None else number_in(node), egg)
    if not found:
        raise ChangeError("No server fits.")
    taken, told = fleet.cut(found)
    return [one.known.identifier for one in taken], told


def _of_panel(found: list[Server], node: int | None, egg: int | None) -> list[Server]:
    """Those that the panel has on a node and with an egg: the store knows neither."""
    with credentials.as_portal("operator") as api:
        there = {
            one.uuid
            for one in api.servers.iterate()
            if (node is None or one.node == node) and (egg is None or one.egg == egg)
        }
    return [one for one in found if one.known.uuid in there]
