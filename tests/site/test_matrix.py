"""Who gets in where: every route, for everybody, against the reviewed table `matrix.txt` (docs/access.md).

The policies are read from the app and compared with the table, then every route is asked for by hand: as a visitor,
as a disabled account, a stranger, an administrator, the owner, and as a subuser with each single permission of the
panel. Who is refused learns nothing of the server, and the panel is asked nothing for them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.auth.models import Account
from portal.store import write
from tests.conftest import World
from tests.console.live import serving
from tests.servers.support import HTMX, account_id, said, share_of
from tests.site import matrix
from tests.site.matrix import CATALOGUE, Row
from tests.site.samples import FORMS, NAME, QUERIES, place, sample
from tests.support.furnished import ALWAYS, Furnished, furnish, hold

VALUES = {"signal": "start", "token": "x" * 43, "feature": "eula", "act": "disable", "number": 1, "mail_id": 1,
          "account_id": 1}  # fmt: skip
"""What stands in paths besides the things of the server."""
OF_EACH_GROUP = frozenset({one.partition(".")[0]: one for one in CATALOGUE}.values())
"""Where any of them lets in, or a group stands for its permissions, not all are tried."""
NOT_IN = (401, 403, 404, 500)
table = cache(matrix.table)
SERVER_ROWS = [row for row in table() if row.is_server and row.method != "SOCKET"]


@dataclass
class House:
    """A furnished server and the people who ask for it; each browser is kept."""

    world: World
    things: Furnished
    browsers: dict[str | None, FlaskClient] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    held: tuple[str, ...] = ()

    def hold(self, *permissions: str) -> None:
        """Let the subuser do just this."""
        self.held = permissions
        hold(self.world, self.things.row, *permissions)

    def ask(self, who: str | None, row: Row, *, marks: dict[str, str] = HTMX, **more: Any) -> TestResponse:
        """Ask for a route by hand, with what it takes."""
        if who not in self.browsers:
            self.browsers[who] = self.world.browser(who)
        values = place(row.endpoint, {**VALUES, **self.things.values, **row.fixed, **more})
        sent = sample(row.endpoint, row.method, values)
        where = {"query_string": sent} if row.method == "GET" else {"data": sent}
        path = path_of(self.world, row, values)
        return self.browsers[who].open(path, method=row.method, headers=marks, buffered=True, **where)

    def refused(
        self, who: str | None, row: Row, *statuses: int, marks: dict[str, str] = HTMX, **more: Any
    ) -> None:
        """The answer is one of these, tells nothing of the server, and nothing was asked of the panel."""
        self.world.adapter.requests.clear()
        answer = self.ask(who, row, marks=marks, **more)
        shown = unescape(_text(answer)) + str(answer.headers)
        wrong = [answer.status_code] if answer.status_code not in statuses else []
        wrong += [*self._needless(who, row), *(one for one in self.things.secrets if one in shown)]
        if wrong:
            self.wrong.append(f"{who}: {row.name}: {wrong}: {said(_text(answer))[-200:]}")

    def put_back(self) -> None:
        """The panel's rows as they were, and the one file that acts on files are about."""
        self.things.put_back(self.world)
        share_of(self.world, self.things.row.name).permissions[:] = self.held
        self.world.demo.processes[self.things.row.uuid].files.write(f"/{NAME}", [b"x"])

    def _needless(self, who: str | None, row: Row) -> list[str]:
        """What was asked of the panel. With a key of their own, a stranger is told by the panel that there is nothing:
        the one call of a page that asks for its server."""
        own = not self.world.app.config["ROOST"].use_service_key
        of_page = f"GET /api/client/servers/{self.things.row.identifier}"
        is_asked = own and who == "stranger" and row.rights == "asks"
        return [call for call in self.world.calls() if not (is_asked and call == of_page)]

    def let_in(self, who: str, row: Row, **more: Any) -> TestResponse:
        """The answer is the route's own; what it did to the panel's rows is undone before the next."""
        self.put_back()
        answer = self.ask(who, row, **more)
        if answer.status_code in NOT_IN:
            self.wrong.append(f"{who}: {row.name}: {answer.status_code}: {said(_text(answer))[-200:]}")
        return answer


def _text(answer: TestResponse) -> str:
    """An answer as text, an archive too."""
    return answer.get_data().decode("utf-8", "replace")


def path_of(world: World, row: Row, values: dict[str, Any]) -> str:
    """The path of a row with these values in it."""
    (rule,) = world.app.url_map.iter_rules(row.endpoint)
    found = world.app.url_map.bind("localhost").build(row.endpoint, {name: values[name] for name in rule.arguments})
    return urlsplit(found).path


@pytest.fixture(params=["own", "service"])
def house(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> Iterator[House]:
    """The lively demo with one of each thing on a server; everybody has looked at it, and time stands still."""
    world = make_world(request.param, is_ready=True, billing="on", client_calls_per_minute=10**9)
    things = furnish(world)
    made = House(world, things)
    logging.disable(logging.WARNING)  # some thousand refusals, each with its lines
    made.hold(*CATALOGUE)
    for who in ("owner", "subuser"):
        assert world.browser(who).get(things.address).status_code == 200
    world.calls()
    yield made
    logging.disable(logging.NOTSET)


# ---- The table and the app ----


def test_every_route_has_its_row_and_every_row_its_route(own_world: World) -> None:
    """A new route is first written into the table, by whoever has thought about who may call it."""
    in_app = {row.name: row for row in matrix.declared(own_world.app)}
    in_table = [row.name for row in table()]
    missing = [row for name, row in in_app.items() if name not in in_table]

    assert not missing, "routes without a row in tests/site/matrix.txt:\n" + matrix.written(missing)
    assert sorted(set(in_table) - set(in_app)) == [], "rows without a route"
    assert len(in_table) == len(set(in_table))


def test_every_row_says_what_the_route_declares(own_world: World) -> None:
    in_app = {row.name: row for row in matrix.declared(own_world.app)}

    differing = [row.name for row in table() if row.declared != in_app.get(row.name)]
    assert not differing, "the app declares:\n" + matrix.written([in_app[one] for one in differing if one in in_app])


def test_the_table_is_written_in_one_way() -> None:
    text = matrix.TABLE.read_text(encoding="utf-8")
    assert "".join(line for line in text.splitlines(True) if line[:1] != "#" and line.strip()) == (
        matrix.written(table())
    )


def test_only_permissions_of_the_panel_are_asked_for() -> None:
    for row in table():
        if row.is_server:
            assert row.permission in (*CATALOGUE, "any access", "owner", "-"), row.name
            assert set(row.also) <= set(CATALOGUE), row.name


def test_what_is_sent_belongs_to_a_route() -> None:
    endpoints = {(row.endpoint, row.method) for row in table()}
    assert {(name, "POST") for name in FORMS} <= endpoints
    assert {(name, "GET") for name in QUERIES} <= endpoints


# ---- A server's routes ----


def test_a_subuser_with_one_permission_gets_in_where_it_is_asked_for_and_nowhere_else(house: House) -> None:
    """With the service key every permission is tried on every route: there Roost is the only guard. With people's own
    keys those of the route's own group, and one of each other group."""
    is_shared = house.world.app.config["ROOST"].use_service_key
    for permission in CATALOGUE:
        held = {ALWAYS, permission}
        house.hold(*sorted(held))
        for row in SERVER_ROWS:
            near = not row.needs <= {ALWAYS} and (is_shared or _group(permission) in map(_group, row.needs))
            if permission not in OF_EACH_GROUP and not near:
                continue
            if row.let_in != "owner" and row.needs <= held:
                house.let_in("subuser", row)
            else:
                house.refused("subuser", row, 403)

    assert not house.wrong, "\n".join(house.wrong)


def _group(permission: str) -> str:
    return permission.partition(".")[0]


def test_a_subuser_with_everything_but_what_a_route_asks_for_is_refused(house: House) -> None:
    for needed in {one for row in SERVER_ROWS for one in row.needs}:
        house.hold(*(one for one in CATALOGUE if one != needed))
        for row in SERVER_ROWS:
            if needed in row.needs:
                house.refused("subuser", row, 403, marks={})

    assert not house.wrong, "\n".join(house.wrong)


def test_a_subuser_with_everything_gets_in_everywhere_but_where_only_the_owner_does(house: House) -> None:
    for row in SERVER_ROWS:
        if row.let_in == "owner":
            house.refused("subuser", row, 403)
        else:
            house.let_in("subuser", row)

    assert not house.wrong, "\n".join(house.wrong)


def test_the_owner_gets_in_everywhere(house: House) -> None:
    """And finds there all that nobody else may learn: so it is looked for under the names that it has."""
    seen = set()
    for row in SERVER_ROWS:
        for marks in (HTMX, {}):
            shown = unescape(_text(house.let_in("owner", row, marks=marks)))
            seen |= {one for one in house.things.secrets if one in shown}
    assert seen == set(house.things.secrets)

    assert not house.wrong, "\n".join(house.wrong)


def test_a_stranger_and_an_administrator_of_the_portal_find_nothing(house: House) -> None:
    for row in SERVER_ROWS:
        for who in ("stranger", "admin"):
            house.refused(who, row, 404, marks={})
            house.refused(who, row, 404)

    assert not house.wrong, "\n".join(house.wrong)


def test_a_visitor_is_sent_to_sign_in(house: House) -> None:
    for row in SERVER_ROWS:
        house.refused(None, row, *_signed_out(row), marks={})

    assert not house.wrong, "\n".join(house.wrong)


def test_a_disabled_account_is_a_visitor_although_it_owns_the_server(house: House) -> None:
    house.browsers["owner"] = house.world.browser("owner")
    with house.world.app.app_context(), write() as session:
        session.execute(update(Account).where(Account.email == "owner@example.com").values(is_disabled=True))
    for row in table():
        if row.method != "SOCKET" and row.kind != "public":
            house.refused("owner", row, *_signed_out(row), marks={})

    assert not house.wrong, "\n".join(house.wrong)


def _signed_out(row: Row) -> tuple[int, ...]:
    return (286,) if row.endpoint.endswith("live") else (303,)


def test_sockets_close_for_whom_they_are_not_meant(house: House) -> None:
    sockets = [row for row in table() if row.method == "SOCKET"]
    assert sockets
    with serving(house.world) as live:
        for row in sockets:
            path = path_of(house.world, row, dict(house.things.values))
            closing = {who: live.page_on(path, who).closing()[0] for who in (None, "stranger", "admin")}
            assert closing == {None: 4401, "stranger": 4404, "admin": 4404}, row.name
            house.hold(*(one for one in CATALOGUE if one not in row.needs))
            assert live.page_on(path, "subuser").closing()[0] == 4403, row.name


# ---- A suspended server ----


def test_the_owner_of_a_suspended_server_is_told_so_and_changes_nothing(house: House) -> None:
    """What a route answers then stands in the table. What the panel refuses is never told as done."""
    world, row_of_server = house.world, house.things.row
    house.put_back()
    with _suspended(house):
        told = {row.name: str(house.ask("owner", row, marks={}).status_code) for row in SERVER_ROWS}
        wanted = {row.name: row.suspended for row in SERVER_ROWS}
        assert {name: status for name, status in told.items() if status != wanted[name]} == {}
        assert row_of_server.status == "suspended"
        assert world.calls()


@contextmanager
def _suspended(house: House) -> Iterator[None]:
    house.things.row.status = "suspended"
    house.world.work()
    house.world.clock.advance(11)
    house.world.browser("owner").get(house.things.address)
    house.world.calls()
    yield
    house.world.demo.rewind("furnished")


# ---- What is about no server ----


def test_every_account_gets_in_where_an_account_is_enough_and_only_administrators_elsewhere(house: House) -> None:
    solo = next(one.id for one in house.world.demo.world.users if one.username == "solo")
    values = {"account_id": account_id(house.world, "solo"), "number": solo}
    for row in (one for one in table() if one.kind in ("account", "admin")):
        for who in ("stranger", "subuser", "owner", "admin"):
            house.browsers[who] = house.world.browser(who)
            if who in row.let_in.split():
                answer = house.ask(who, row, **values)
                if answer.status_code in (401, 403, 500):
                    house.wrong.append(f"{who}: {row.name}: {answer.status_code}")
            else:
                house.refused(who, row, 404, **values)
        house.refused(None, row, *_signed_out(row), marks={}, **values)

    assert not house.wrong, "\n".join(house.wrong)
