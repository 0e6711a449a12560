"""Addresses and ranges as the panel's library for them reads them (`s1lentium/iptools`, as of 1.1)."""
from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from portal.demo import php
from portal.demo.errors import crashed

_CIDR = re.compile(r"(?P<address>.+?)/(?P<prefix>\d+)")
_ALL_IPV4 = 0xFFFFFFFF


class NoAddressError(ValueError):
    """The text is no address; other mistakes crash the panel."""


@dataclass(frozen=True)
class Range:
    first: bytes
    last: bytes

    def contains(self, address: str) -> bool:
        return self.first <= ip_address(address).packed <= self.last


def parse_range(text: str) -> Range:
    """A single address, CIDR, address and netmask, `10.0.0.*`, or two addresses with a hyphen between them."""
    if "/" in text[1:] or " " in text[1:]:
        return _network(text)
    first, last = text, text
    if "*" in text[1:]:
        first, last = text.replace("*", "0"), text.replace("*", "255")
    elif "-" in text[1:]:
        first, _, last = text.partition("-")
    found = Range(_address(first).packed, _address(last).packed)
    if found.first > found.last:
        raise crashed("Exception")
    return found


def _network(text: str) -> Range:
    cidr = _CIDR.fullmatch(text)
    if cidr:
        address, mask = _address(cidr["address"]), cidr["prefix"]
        if int(mask) > address.max_prefixlen:
            raise crashed("NetworkException")
    else:
        before, _, after = text.partition(" ")
        address, mask = _address(before), str(_address(after))
    try:
        network = ip_network(f"{address}/{mask}", strict=False)
    except ValueError as error:
        raise crashed("NetworkException") from error
    return Range(network.network_address.packed, network.broadcast_address.packed)


def _address(text: str) -> IPv4Address | IPv6Address:
    """A bare number is the address that it counts to."""
    try:
        if php.is_numeric(text):
            return IPv4Address(int(float(text)) & _ALL_IPV4)
        return ip_address(text)
    except (ValueError, OverflowError) as error:
        raise NoAddressError(text) from error
