"""What of a console reaches whom: the token of the service key is an administrator's, its customers are none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from portal.console import sample, wire
from portal.console.rates import Bucket
from portal.console.seats import Seat
from portal.servers.rights import Rights
from portal.wings import Update
from tests.conftest import TestClock, World
from tests.console.live import Live, serving
from tests.servers.support import share_of

ADMIN_ONLY = ("admin.websocket.install", "admin.websocket.errors", "admin.websocket.transfer")


@pytest.mark.parametrize("rights", [Rights(True, (), 0.0), Rights(False, ("*", *ADMIN_ONLY), 0.0)])
def test_no_customer_holds_what_only_panel_administrators_hold(rights: Rights) -> None:
    seat = Seat(None, "", None, None, rights)  # type: ignore[arg-type]
    assert [one for one in ADMIN_ONLY if seat.allow(one)] == []
    assert seat.allow("control.console") == rights.is_owner


def test_what_the_node_tells_administrators_reaches_no_customer(make_world: Callable[..., World]) -> None:
    with serving(make_world("service", is_ready=True)) as live:
        owner, subuser = live.open("owner"), live.open("subuser")
        server = live.server("Survival SMP")
        sockets = live.demo.nodes[server.node.uuid].sockets
        backup = json.dumps({"uuid": "b", "is_successful": True, "checksum": "", "checksum_type": "", "file_size": 1})
        sockets.send_raw("install output", "secret of the installer", server=server.uuid)
        sockets.send_raw("transfer logs", "secret of the transfer", server=server.uuid)
        sockets.send_raw("made up event", "secret of the future", server=server.uuid)
        sockets.send_raw("backup completed", backup, server=server.uuid)
        sockets.send_raw("console output", "the end", server=server.uuid)
        for page in (owner, subuser):
            page.line("the end")
        while not _events(owner):  # lines and events come by different ways
            owner.next()

        assert "secret" not in str(owner.heard) + str(subuser.heard)
        assert [event for event, _ in _events(owner)] == ["backup completed"]
        held = share_of(live.world, "Survival SMP").permissions
        assert bool(_events(subuser)) == ("backup.read" in held)


def _events(page: object) -> list[list[str]]:
    return [one for told in page.heard for one in told.get("events", ())]  # type: ignore[attr-defined]


def test_channels_are_shared_only_by_who_may_the_same(live: Live) -> None:
    live.open("owner")
    live.open("subuser")
    keys = {one.key for one in live.relay.hub.channels()}

    if live.world.app.config["ROOST"].use_service_key:
        assert {(key.owner, key.permissions) for key in keys} == {(0, frozenset({"*"}))}
    else:
        held = frozenset(share_of(live.world, "Survival SMP").permissions)
        assert {key.permissions for key in keys} == {frozenset({"*"}), held}
        assert len({key.owner for key in keys}) == 2


def test_an_update_is_written_as_the_page_expects_it() -> None:
    stats = '{"state":"running","memory_bytes":1,"cpu_absolute":1.23456,"network":{"rx_bytes":2,"tx_bytes":3},"x":"<"}'
    told = wire.news(Update(5, ("a\ud800\u2028é", None), 3, (("daemon message", "x"),), ("stopping", "offline"), stats))
    text = wire.frame(told)

    assert text.isascii()
    assert json.loads(text) == {
        "dropped": 3, "from": 5, "lines": ["a\ud800\u2028é", None], "status": ["stopping", "offline"],
        "stats": {"memory_bytes": 1, "memory_limit_bytes": 0, "cpu_absolute": 1.235,
                  "network": {"rx_bytes": 2, "tx_bytes": 3}, "uptime": 0, "state": "running", "disk_bytes": 0},
        "events": [["daemon message", "x"]],
    }  # fmt: skip
    assert wire.news(Update()) == {}


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '{"state": "running", "memory_bytes": "1"}', '{"state": "running", "uptime": true}',
     '{"state": "running", "cpu_absolute": 1e999}', '{"state": "running", "cpu_absolute": NaN}',
     '{"state": "running", "network": 5}', "[" * 20_000, '{"state": "running", "uptime": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_a_sample_that_is_none_is_left_out(text: str) -> None:
    assert sample.read(text) is None
    assert wire.news(Update(stats=text or None)) == {}


def test_figures_stay_in_bounds() -> None:
    found = sample.read('{"state": "odd", "memory_bytes": -5, "disk_bytes": 1e300}')
    assert found is not None
    assert (found.state, found.memory_bytes, found.disk_bytes) == ("offline", 0, 2**53)


def test_frames_are_never_more_than_twenty_in_a_second(own_world: World) -> None:
    from portal.console.visit import FRAMES_AT_ONCE, FRAMES_PER_S

    clock: TestClock = own_world.clock
    bucket, sent = Bucket(FRAMES_AT_ONCE, FRAMES_PER_S), []
    assert bucket.wait_s() == 0.0, "the first one goes at once"
    began = clock.now()
    while clock.now() - began < 5:
        clock.advance(bucket.wait_s())
        bucket.spend()
        sent.append(clock.now())

    assert max(sum(at <= one < at + 1 for one in sent) for at in sent) <= 20
    assert len(sent) >= 5 * FRAMES_PER_S
