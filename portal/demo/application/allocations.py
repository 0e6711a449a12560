"""`/nodes/{node}/allocations`: list, create, delete."""
from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.addresses import NoAddressError, Range, parse_range
from portal.demo.application.access import page_response
from portal.demo.collation import same_number, same_text
from portal.demo.columns import text_or_none
from portal.demo.context import Context
from portal.demo.errors import PanelError, crashed, display
from portal.demo.finding import by_number
from portal.demo.http import no_content
from portal.demo.querybuilder import Filter, apply_filters, exact, partial
from portal.demo.routing import Route
from portal.demo.validation import validate
from portal.demo.world import Allocation

_WIDEST_MASK, _NARROWEST_MASK = 27, 32
_LOWEST_PORT, _HIGHEST_PORT = 1024, 65535
_MOST_PORTS = 1000
_MOST_ADDRESSES = 65536
_LONGEST_NAME = 255
_DIGITS = re.compile(r"[0-9]+")
_PORTS = re.compile(r"([0-9]{4,5})-([0-9]{4,5})")


def find_allocation(context: Context, text: str) -> Allocation:
    """By its number, if it is one of the node's."""
    return by_number(_of_the_node(context), text)


def list_allocations(context: Context) -> Response:
    return page_response(context, "allocation", apply_filters(_of_the_node(context), context.request, _FILTERS))


def add_allocations(context: Context) -> Response:
    """All or nothing; addresses that the node has already are left as they are."""
    values, world, node = context.request.input, context.world, context.models["node"]
    validate(values, {"ip": "required|string", "alias": "sometimes|nullable|string|max:191", "ports": "required|array",
                      "ports.*": "string"})
    addresses = list(_addresses(context, values["ip"]))
    ports = [port for asked in php.items(values["ports"]) for port in _ports(asked)]
    known = {(allocation.ip, allocation.port) for allocation in _of_the_node(context)}
    for address in addresses:
        for port in ports:
            number = world.next_id("allocations")  # taken by a row that is skipped as well
            if (address, port) not in known:
                world.allocations.append(Allocation(number, node, address, port, text_or_none(values.get("alias"))))
                known.add((address, port))
    return no_content()


def delete_allocation(context: Context) -> Response:
    allocation: Allocation = context.models["allocation"]
    if allocation.server is not None:
        raise _refused("ServerUsingAllocationException", "A server is currently assigned to this allocation. An "
                       "allocation can only be deleted if no server is currently assigned.")
    context.world.allocations.remove(allocation)
    return no_content()


def _of_the_node(context: Context) -> list[Allocation]:
    return [allocation for allocation in context.world.allocations if allocation.node is context.models["node"]]


def _addresses(context: Context, text: str) -> Iterator[str]:
    """Every address that it stands for, the first and the last one of a network too."""
    _, *after = text.split("/")
    if after and not (_DIGITS.fullmatch(after[0]) and _WIDEST_MASK <= _number(after[0]) <= _NARROWEST_MASK):
        raise _refused("CidrOutOfRangeException", "CIDR notation only allows masks between /25 and /32.")
    text = _resolved(text, context.services.config.hosts)
    try:
        found = _network(text)
    except (NoAddressError, PanelError) as error:
        what = "IP" if isinstance(error, NoAddressError) else "netmask"
        raise display(
            f"Could not parse provided allocation IP address ({text}): Invalid {what} address format") from error
    first, last = int.from_bytes(found.first), int.from_bytes(found.last)
    if last - first >= _MOST_ADDRESSES:
        raise crashed("FatalError")  # it would work until its time is over
    for number in range(first, last + 1):
        yield str(ip_address(number.to_bytes(len(found.first))))


def _resolved(name: str, hosts: Mapping[str, str]) -> str:
    """`gethostbyname`: the IPv4 address of that name, or the name; `127.1` is an address as well."""
    if len(name) > _LONGEST_NAME:
        raise crashed("ErrorException")
    if not name.isascii() or any(character.isspace() for character in name):
        return name
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return hosts.get(name.lower(), name)


def _network(text: str) -> Range:
    """One address, or a network; other ranges are none here."""
    if "/" not in text and " " not in text and ("-" in text or "*" in text):
        raise NoAddressError(text)
    return parse_range(text)


def _ports(asked: str) -> range:
    """A single one, or those from one to the other, which may be the lower one."""
    ends = _PORTS.fullmatch(asked)
    if ends is None and not _DIGITS.fullmatch(asked):
        raise _refused("InvalidPortMappingException",
                       f"The mapping provided for {asked} was invalid and could not be processed.")
    first, last = (int(ends[1]), int(ends[2])) if ends else (_number(asked), _number(asked))
    if abs(last - first) >= _MOST_PORTS:
        raise _refused("TooManyPortsInRangeException",
                       "Adding more than 1000 ports in a single range at once is not supported.")
    if first <= _LOWEST_PORT or last > _HIGHEST_PORT:
        raise _refused("PortOutOfRangeException",
                       "Ports in an allocation must be greater than 1024 and less than or equal to 65535.")
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _number(digits: str) -> int:
    """The last of those that are too many say nothing any more."""
    return int(digits.lstrip("0")[:18] or 0)


def _refused(code: str, detail: str) -> PanelError:
    return PanelError(400, code, detail, redirects_back=True)


def _by_server(value: Any) -> Callable[[Any], bool]:
    """What is no number of a server means those that have none."""
    if isinstance(value, (list, dict)):
        raise crashed("ErrorException")
    if isinstance(value, bool) or value == "0" or not _DIGITS.fullmatch(value):
        return lambda allocation: allocation.server is None
    return lambda allocation: allocation.server is not None and allocation.server.id == _number(value)


_FILTERS: dict[str, Filter] = {
    "ip": exact(lambda allocation, text: same_text(allocation.ip, text)),
    "port": exact(lambda allocation, text: same_number(allocation.port, text)),
    "ip_alias": partial(lambda allocation: allocation.ip_alias),
    "server_id": _by_server,
}
_ALL = "/api/application/nodes/{node}/allocations"
ROUTES = (
    Route("GET", _ALL, list_allocations, requires="allocations.read"),
    Route("POST", _ALL, add_allocations, requires="allocations.write"),
    Route("DELETE", f"{_ALL}/{{allocation}}", delete_allocation, requires="allocations.write"),
)
