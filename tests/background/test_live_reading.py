"""The background process reads what somebody looks at, never more often than need be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from portal import clock
from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.background import directory
from portal.background.live import PER_NODE, LiveReader, Watched
from portal.demo.link import Fault
from portal.servers import records
from tests.conftest import World
from tests.servers.support import HTMX, account_id, fixture, poll_of, ready, row_of, said, see

Make = Callable[..., World]


class AtOnce(Executor):
    """Does the work where it is submitted."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        work(*args, **kwargs)
        return Future()


class Held(Executor):
    """Keeps the work: readings hang until `finish`, and those of `stuck` servers for ever."""

    def __init__(self, stuck: Container[str] = ()) -> None:
        self.kept: list[tuple[Callable[[Watched], Any], Watched]] = []
        self._stuck = stuck

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.kept.append((work, args[0]))
        return Future()

    def finish(self) -> None:
        done = [(work, one) for work, one in self.kept if one.identifier not in self._stuck]
        self.kept = [kept for kept in self.kept if kept not in done]
        for work, one in done:
            work(one)


def look(world: World, who: str, servers: list[str]) -> None:
    """As if somebody had a page with these servers open."""
    account = account_id(world, who)
    with world.app.app_context():
        records.watch(account, servers)


def tick(world: World, reader: LiveReader) -> int:
    with world.app.app_context():
        return reader.tick()


def uuids(world: World) -> list[str]:
    return [one.uuid for one in world.demo.world.servers]


def usage_calls(world: World) -> list[str]:
    return [call for call in world.calls() if call.endswith("/resources")]


def test_nobody_looks_and_nothing_is_read(world: World) -> None:
    reader = LiveReader(world.app, AtOnce())
    for _ in range(60):
        world.clock.advance(1)
        tick(world, reader)

    assert world.calls() == []


def test_only_what_is_looked_at_is_read(world: World) -> None:
    see(world, "owner", "/servers?q=lobby")
    world.calls()
    tick(world, LiveReader(world.app, AtOnce()))

    assert world.calls() == [f"GET /api/client/servers/{world.server('Lobby')}/resources"]


def test_reading_ends_when_the_page_is_closed(world: World) -> None:
    see(world, "owner", "/servers?q=lobby")
    world.clock.advance(46)

    assert tick(world, LiveReader(world.app, AtOnce())) == 0


def test_a_disabled_account_is_not_read_for(world: World) -> None:
    see(world, "owner", "/servers?q=lobby")
    with world.app.app_context():
        accounts.disable(accounts.find("owner@example.com").id)

    assert tick(world, LiveReader(world.app, AtOnce())) == 0


def test_fifty_viewers_of_fifty_servers_cost_three_reads_a_server_and_minute(make_world: Make) -> None:
    viewers = [f"viewer{number}" for number in range(50)]
    shares = [{"user": name, "permissions": ["websocket.connect"]} for name in viewers]
    world = make_world("service", fixture=fixture(50, people=viewers, shares=shares))
    with world.app.app_context():
        directory.sync()
        users = [PanelUser(user.id, user.username, "") for user in world.demo.world.users if user.username in viewers]
        made = [accounts.create(f"{user.username}@example.com", panel_user=user) for user in users]
    reader = LiveReader(world.app, AtOnce())
    world.calls()
    read: list[tuple[float, str]] = []
    for second in range(190):
        if second % 20 == 0:
            with world.app.app_context():
                for number, account in enumerate(made):
                    records.watch(account, uuids(world)[number % 2 :: 2])  # a page has 25 rows
        tick(world, reader)
        read += [(clock.now(), call) for call in usage_calls(world)]
        world.clock.advance(1)

    begun = read[0][0]
    for start in range(0, 130, 5):
        minute = Counter(call for at, call in read if start <= at - begun < start + 60)
        assert sum(minute.values()) <= 150
        assert max(minute.values()) <= 3
    assert len(Counter(call for _, call in read)) == 50


def test_no_server_is_read_twice_at_once(world: World) -> None:
    look(world, "owner", [row_of(world, "Lobby").uuid])
    look(world, "solo", [row_of(world, "Lobby").uuid])
    held = Held()
    reader = LiveReader(world.app, held)
    for _ in range(40):
        tick(world, reader)
        world.clock.advance(1)
        look(world, "owner", [row_of(world, "Lobby").uuid])

    assert len(held.kept) == 1


def test_a_node_that_hangs_does_not_stop_the_others(make_world: Make) -> None:
    """Ten servers of the first node hang; those of the second are read as usual."""
    world = ready(make_world("own", fixture=fixture(20, nodes=2)))
    see(world, "owner", "/servers")
    first = {one.identifier for one in world.demo.world.servers if one.node.name == "node-0"}
    held = Held(first)
    reader = LiveReader(world.app, held)
    world.calls()
    for _ in range(10):
        tick(world, reader)
        held.finish()

    assert len(held.kept) == PER_NODE
    done = {call.split("/")[4] for call in usage_calls(world)}
    assert done == {one.identifier for one in world.demo.world.servers} - first


def test_a_hanging_node_is_the_nodes_trouble_and_pauses_nobody(world: World) -> None:
    world.demo.link.faults[row_of(world, "Lobby").node.uuid] = Fault.NEVER_ANSWERS
    look(world, "owner", [row_of(world, "Lobby").uuid])
    reader = LiveReader(world.app, AtOnce())
    tick(world, reader)
    with world.app.app_context():
        live = records.live([row_of(world, "Lobby").uuid])[row_of(world, "Lobby").uuid]
    look(world, "solo", [row_of(world, "Solo Survival").uuid])

    assert live.error == "node"
    assert tick(world, reader) == 1


def test_a_panel_that_is_down_is_left_alone_for_a_while(world: World) -> None:
    look(world, "owner", [one.uuid for one in world.demo.world.servers[:4]])
    world.demo.set_condition("panel-gateway")
    reader = LiveReader(world.app, AtOnce())
    tick(world, reader)
    world.calls()
    world.clock.advance(4)
    look(world, "owner", [row_of(world, "Skyblock").uuid, row_of(world, "Proxy").uuid])

    assert tick(world, reader) == 0


def test_a_suspended_server_is_viewed_instead_of_read(world: World) -> None:
    see(world, "owner", "/servers?q=the+invoice")
    world.calls()
    tick(world, LiveReader(world.app, AtOnce()))

    assert world.calls() == [f"GET /api/client/servers/{world.server('Unpaid')}"]


def test_the_end_of_a_suspension_shows_by_itself(world: World) -> None:
    path = f"/servers/{world.server('Unpaid')}"
    page = see(world, "owner", path)
    row_of(world, "Unpaid").status = None
    reader = LiveReader(world.app, AtOnce())
    tick(world, reader)
    answer = world.browser("owner").get(poll_of(page), headers=HTMX)

    assert "Suspended" in page
    assert "Suspended" not in answer.text


def test_a_suspension_is_noticed_while_reading(world: World) -> None:
    path = f"/servers/{world.server('Lobby')}"
    see(world, "owner", path)
    reader = LiveReader(world.app, AtOnce())
    tick(world, reader)
    row_of(world, "Lobby").status = "suspended"
    for _ in range(2):
        world.clock.advance(22)
        tick(world, reader)

    assert "Suspended" in see(world, "owner", f"{path}")


@pytest.mark.parametrize("offset", [0, 8, 21])
def test_a_start_on_the_panel_shows_in_the_list_within_half_a_minute(make_world: Make, offset: int) -> None:
    """The worker ticks each second, the page polls each five."""
    world = ready(make_world("service", fixture=fixture(50)))
    reader = LiveReader(world.app, AtOnce())
    browser = world.browser("owner")
    address = poll_of(browser.get("/servers").text)
    for second in range(30 + offset + 30):
        tick(world, reader)
        if second == 30 + offset:
            world.demo.processes[row_of(world, "Server 003").uuid].power("start")
        world.clock.advance(1)
        if second % 5 == 4:
            answer = browser.get(address, headers=HTMX)
            address = poll_of(answer.text) if answer.status_code == 200 else address

    assert "Running" in said(see(world, "owner", "/servers?q=server+003"))
    assert "Running" not in said(see(world, "owner", "/servers?q=server+004")).split("Order")[1]
