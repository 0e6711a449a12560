"""The reviewed table of who gets in where, and what the app itself declares, in the same words (docs/access.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from portal.demo.permissions import PERMISSIONS
from portal.web.access import Policy

TABLE = Path(__file__).with_name("matrix.txt")
CATALOGUE = tuple(f"{group}.{name}" for group, told in PERMISSIONS.items() for name in told["keys"])
"""Every permission of the panel."""
IN = {
    "public": "everybody",
    "account": "stranger subuser owner admin",
    "admin": "admin",
    "server any": "subuser owner",
    "server owner": "owner",
    "server": "holder owner",
}
"""Who gets in by what a route declares."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `fixed` are path parameters on which the permission depends.

    `also` are permissions that the route asks for besides the declared one; `rights` say how old rights may be and
    where the server is taken from; `let_in` are the people; `suspended` is the answer to a suspended server's owner.
    """

    endpoint: str
    fixed: Mapping[str, str]
    method: str
    kind: str
    permission: str
    also: tuple[str, ...]
    rights: str
    let_in: str
    suspended: str

    @property
    def name(self) -> str:
        """As the table begins its line: `servers.power[signal=start] POST`."""
        fixed = ",".join(f"{name}={value}" for name, value in self.fixed.items())
        return f"{self.endpoint}{f'[{fixed}]' if fixed else ''} {self.method}"

    @property
    def is_server(self) -> bool:
        """Whether it is about one server."""
        return self.kind == "server"

    @property
    def needs(self) -> frozenset[str]:
        """All that a subuser must hold."""
        declared = {self.permission} if self.permission in CATALOGUE else set()
        return frozenset(declared | set(self.also))

    @property
    def declared(self) -> Row:
        """What the app can be asked for; the rest is only seen by trying."""
        return replace(self, also=(), suspended="")


def table() -> list[Row]:
    """The table as it was reviewed."""
    lines = (line.split("#")[0].strip() for line in TABLE.read_text(encoding="utf-8").splitlines())
    return [_row(*re.split(r"\s*\|\s*", line)) for line in lines if line]


def _row(named: str, method: str, kind: str, permission: str, also: str, rights: str, people: str, when: str) -> Row:
    endpoint, _, fixed = named.removesuffix("]").partition("[")
    chosen = dict(one.split("=") for one in fixed.split(",") if one)
    return Row(endpoint, chosen, method, kind, permission, () if also == "-" else
               tuple(also.split()), rights, people, when)  # fmt: skip


def routes(app: Flask) -> list[Rule]:
    """Every route but that of static files."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def declared(app: Flask) -> list[Row]:
    """What the app declares, a row for each route, method and path on which the permission depends."""
    return [row for rule in routes(app) for row in _declared(app, rule)]


def _declared(app: Flask, rule: Rule) -> Iterator[Row]:
    view = app.view_functions[rule.endpoint]
    policy: Policy = view.policy  # type: ignore[attr-defined]
    (method,) = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    method = "SOCKET" if rule.websocket else method
    for fixed in _choices(rule, policy.by_path):
        needed = policy.by_path(fixed) if policy.by_path else policy.permission or "-"
        by = {"any access": "server any", "-": "server any", "owner": "server owner"}.get(needed, "server")
        people = IN[by if policy.kind == "server" else policy.kind]
        rights = policy.rights[method == "POST"] or "-"
        yield Row(rule.endpoint, fixed, method, policy.kind, needed, (), rights, people, "")


def _choices(rule: Rule, by_path: object) -> list[dict[str, str]]:
    """The values of the parameter that the permission depends on: of a converter that lists them."""
    if by_path is None:
        return [{}]
    listed = {name: one.regex for name, one in rule._converters.items() if re.fullmatch(r"\w+(\|\w+)+", one.regex)}
    return [dict(zip(listed, values, strict=True)) for values in product(*(one.split("|") for one in listed.values()))]


def written(rows: list[Row]) -> str:
    """The lines of the table."""
    cells = [
        (row.name.rpartition(" ")[0], row.method, row.kind, row.permission, " ".join(row.also) or "-", row.rights,
         row.let_in, row.suspended or "-")
        for row in sorted(rows, key=lambda one: one.name)
    ]  # fmt: skip
    if not cells:
        return ""
    widths = [max(len(cell[column]) for cell in cells) for column in range(8)]
    return "".join(
        " | ".join(part.ljust(width) for part, width in zip(cell, widths, strict=True)).rstrip() + "\n"
        for cell in cells
    )
