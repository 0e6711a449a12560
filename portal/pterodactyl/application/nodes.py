"""Nodes as the host sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, Unpack

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application.group import Group, body_of, flag, known, the_same
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, included, list_query
from portal.pterodactyl.application.reading import read_configuration, read_node
from portal.pterodactyl.errors import Refused
from portal.pterodactyl.models import AppNode, NodeBody, NodeChanges, NodeConfiguration, Page, Scheme
from portal.pterodactyl.paths import number, route

DAEMON_BASE: Final = "/var/lib/pterodactyl/volumes"
_NOTHING_FITS: Final = "NoViableNodeException"


class AppNodeCalls(Group):
    """`/api/application/nodes`; needs `nodes` READ, which also gives the tokens of nodes away, WRITE to change them.

    All also raise KeyRefused and NotAllowed (the key lacks the permission).
    """

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppNode]:
        """One page of nodes by id. Filters match parts of `uuid`, `name`, `fqdn`, `daemon_token_id`.

        Includes: `allocations` (all of them, not paged), `location`, `servers`. Raises KeyRefused, NotAllowed (the key
        lacks the permission), Refused (unknown filter). `GET /api/application/nodes` (panel 1.11).
        """
        query = list_query("node", filters, include, page, per_page)
        return self._caller.read(_path(), query).page(read_node)

    def iterate(
        self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = (), per_page: int = PER_PAGE
    ) -> Iterator[AppNode]:
        """All nodes, `per_page` to a call; errors as for `list`, and BadAnswer for a list without end."""
        ask = lambda page: self.list(filters=filters, include=include, page=page, per_page=per_page)  # noqa: E731
        return every_item(_path(), ask)

    def view(self, node_id: int, include: Sequence[str] = ()) -> AppNode:
        """One node; includes as for `list`. Raises NotFound, KeyRefused, NotAllowed.

        `GET /api/application/nodes/{id}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(node_id)), included("node", include))
        found = read_node(reader)
        return the_same(found, found.id, node_id, reader)

    def deployable(
        self, *, memory_mib: int, disk_mib: int, location_ids: Sequence[int] = (), include: Sequence[str] = ()
    ) -> tuple[AppNode, ...]:
        """The public nodes that have room for a server of this size, in these locations or, with none named, anywhere.

        Nodes under maintenance count too. None fits: an empty tuple. Raises Invalid, KeyRefused, NotAllowed.
        `GET /api/application/nodes/deployable` (panel 1.11).
        """
        query: dict[str, str | int] = {"memory": memory_mib, "disk": disk_mib, **included("node", include)}
        query |= {f"location_ids[{place}]": number(one) for place, one in enumerate(location_ids)}
        try:
            return self._caller.read(_path("deployable"), query).each(read_node)
        except Refused as refused:
            if refused.code != _NOTHING_FITS:
                raise
        return ()

    def configuration(self, node_id: int) -> NodeConfiguration:
        """What Wings there is set up with, its token among it. Raises NotFound, KeyRefused, NotAllowed.

        `GET /api/application/nodes/{id}/configuration` (panel 1.11).
        """
        return read_configuration(self._caller.read(_path(number(node_id), "configuration")))

    def create(
        self,
        *,
        name: str,
        location_id: int,
        fqdn: str,
        memory_mib: int,
        disk_mib: int,
        scheme: Scheme = "https",
        public: bool = True,
        behind_proxy: bool = False,
        maintenance_mode: bool = False,
        memory_overallocate_percent: int = 0,
        disk_overallocate_percent: int = 0,
        upload_size_mib: int = 100,
        daemon_listen: int = 8080,
        daemon_sftp: int = 2022,
        daemon_base: str = DAEMON_BASE,
    ) -> AppNode:
        """A new node, with the panel's own defaults; its Wings is set up from `configuration`.

        Raises Invalid, OutcomeUnknown. `POST /api/application/nodes` (panel 1.11).
        """
        body = NodeBody(
            name=name, location_id=location_id, fqdn=fqdn, scheme=scheme, public=public, behind_proxy=behind_proxy,
            maintenance_mode=maintenance_mode, memory_mib=memory_mib,
            memory_overallocate_percent=memory_overallocate_percent, disk_mib=disk_mib,
            disk_overallocate_percent=disk_overallocate_percent, upload_size_mib=upload_size_mib,
            daemon_listen=daemon_listen, daemon_sftp=daemon_sftp, daemon_base=daemon_base,
        )  # fmt: skip
        return self._caller.change(_path(), read_node, _json(body), status=201)

    def replace(self, node_id: int, body: NodeBody, *, reset_secret: bool = False) -> AppNode:
        """Write all of a node and tell its Wings; see `update_node` for less than all.

        `reset_secret` gives it a new token: if Wings then cannot be told, it has to get `configuration` by hand. Raises
        NodeNotTold (it is saved, but Wings does not know of it), NotFound, Invalid, OutcomeUnknown. `PATCH
        /api/application/nodes/{id}` (panel 1.11).
        """
        body_json = _json(body) | ({"reset_secret": True} if flag(reset_secret, "reset_secret") else {})
        return self._caller.change(_path(number(node_id)), read_node, body_json, method="PATCH")

    def update_node(self, node_id: int, *, reset_secret: bool = False, **changes: Unpack[NodeChanges]) -> AppNode:
        """Read a node, put in what is given, and write it whole; what is not named stays.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace`.
        """
        known(changes, NodeBody)
        body = replace(body_of(self.view(node_id), NodeBody), **changes)
        return self.replace(node_id, body, reset_secret=reset_secret)

    def delete(self, node_id: int) -> None:
        """Delete a node with its allocations. Raises NotFound, Refused (it has servers), OutcomeUnknown.

        `DELETE /api/application/nodes/{id}` (panel 1.11).
        """
        self._caller.write(_path(number(node_id)), method="DELETE")


def _path(*segments: str | int) -> str:
    return route("application", "nodes", *segments)


def _json(body: NodeBody) -> dict[str, Any]:
    """The panel's names have no units."""
    number(body.location_id)
    return {
        one.name.removesuffix("_mib").removesuffix("_percent"): getattr(body, one.name) for one in fields(body)
    }
