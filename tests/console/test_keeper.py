"""Who is put out of an open console, by what was done in which process or on the panel, and what the store is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from portal.auth import service as accounts
from portal.auth import sessions
from portal.auth.models import Account, LoginSession
from portal.background.live import watched
from portal.console import checks, keeper
from portal.console import states as states_of_consoles
from portal.console.states import usage_of
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.servers import records
from portal.store import write
from portal.wings import ChannelKey, Link
from tests.conftest import PortalSide, World
from tests.console.live import Live, serving
from tests.servers.support import share_of
from tests.support.waiting import until

NAME = "Survival SMP"


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds are made by the test."""
    monkeypatch.setattr(keeper, "EVERY_S", 3600.0)


def after_a_round(live: Live) -> None:
    """One round, and whatever it started beside."""
    live.relay.keeper.round()
    until(lambda: not [one for one in threading.enumerate() if one.name == "console-aside"])


def in_store(live: Live, act: Callable[[], object]) -> None:
    with live.world.app.app_context():
        act()


def account_of(name: str) -> int:
    return accounts.find(f"{name}@example.com").id


def change(live: Live, who: str, **values: object) -> None:
    """An account's row, changed by another process."""

    def act() -> None:
        with write() as session:
            row = session.get_one(Account, account_of(who))
            for name, value in values.items():
                setattr(row, name, value)

    in_store(live, act)


def test_nothing_happens_to_who_may_stay(live: Live) -> None:
    page = live.open("subuser")
    for _ in range(3):
        after_a_round(live)

    assert page.command("x")["outcome"] == "refused"


@pytest.mark.parametrize("way", ["one browser signed out", "all others signed out", "account disabled", "expired"])
def test_the_end_of_a_session_ends_the_console(live: Live, way: str) -> None:
    page = live.open("subuser")
    other = live.open("owner")

    def sign_out() -> None:
        with write() as session:
            session.query(LoginSession).filter(LoginSession.account_id == account_of("subuser")).delete()

    def expire() -> None:
        with write() as session:
            session.query(LoginSession).filter(LoginSession.account_id == account_of("subuser")).update(
                {"expires_at": 1.0}
            )

    def end_others() -> None:
        sessions.end_others(account_of("subuser"), "another token")

    if way == "one browser signed out":
        in_store(live, sign_out)
    elif way == "all others signed out":
        in_store(live, end_others)
    elif way == "account disabled":
        change(live, "subuser", is_disabled=True)
    else:
        in_store(live, expire)
    after_a_round(live)

    assert page.closing() == (4401, "You are signed out. Sign in again.")
    assert other.command("say still here")["outcome"] == "sent"


def test_another_panel_user_behind_the_account_ends_it(live: Live) -> None:
    page = live.open("subuser")
    change(live, "subuser", panel_user_id=9999)
    after_a_round(live)

    assert page.closing()[0] == 4410


def test_a_key_that_was_taken_away_ends_it(own: Live) -> None:
    page = own.open("subuser")

    def act() -> None:
        with write() as session:
            session.delete(session.get_one(ClientKey, account_of("subuser")))

    in_store(own, act)
    after_a_round(own)

    assert page.closing()[0] == 4410


def test_a_removed_subuser_is_put_out(live: Live) -> None:
    page = live.open("subuser")
    uuid = live.server(NAME).uuid

    def act() -> None:
        linked = accounts.find("subuser@example.com").panel_user_id or 0
        records.save_rights(uuid, linked, None, live.world.clock.now() + 1)

    in_store(live, act)
    after_a_round(live)

    assert page.closing()[0] == 4403


def test_a_subuser_removed_on_the_panel_is_put_out_when_the_background_process_has_seen_it(live: Live) -> None:
    page = live.open("subuser")
    server = live.server(NAME)
    server.subusers.remove(share_of(live.world, NAME))
    live.world.clock.advance(30)
    live.world.work()
    after_a_round(live)

    assert page.closing()[0] == 4403


def test_changed_rights_send_the_page_round_once(live: Live) -> None:
    page = live.open("subuser")
    share_of(live.world, NAME).permissions.append("control.console")
    live.world.clock.advance(30)
    live.world.work()
    after_a_round(live)
    assert page.closing()[0] == 4410
    again = live.open("subuser")

    assert again.heard[0]["hello"]["may_command"] is True
    after_a_round(live)
    assert again.command("say back")["outcome"] == "sent"


def test_without_websocket_connect_it_ends(live: Live) -> None:
    page = live.open("subuser")
    share_of(live.world, NAME).permissions[:] = ["file.read"]
    live.world.clock.advance(30)
    live.world.work()
    after_a_round(live)

    assert page.closing()[0] == 4403


@pytest.mark.parametrize("mode", ["own", "service"])
def test_a_change_on_the_panel_is_seen_without_the_background_process(
    mode: str, make_world: Callable[..., World]
) -> None:
    with serving(make_world(mode, is_ready=True)) as live:
        page = live.open("subuser")
        live.server(NAME).subusers.remove(share_of(live.world, NAME))
        live.world.clock.advance(39)
        after_a_round(live)
        assert page.command("x")["outcome"] == "refused"
        live.world.clock.advance(3)
        after_a_round(live)
        after_a_round(live)

        assert page.closing()[0] == 4403


@pytest.mark.parametrize("mode", ["own", "service"])
def test_a_suspension_on_the_panel_is_seen_without_the_background_process(
    mode: str, make_world: Callable[..., World]
) -> None:
    with serving(make_world(mode, is_ready=True)) as live:
        pages = [live.open("owner"), live.open("subuser")]
        live.server(NAME).status = "suspended"
        live.world.clock.advance(42)
        after_a_round(live)
        after_a_round(live)

        assert {page.closing() for page in pages} == {(4409, "This server is suspended.")}


def test_with_the_background_process_at_work_nothing_is_asked_twice(service_world: World) -> None:
    with serving(service_world) as live:
        live.open("owner")
        live.open("subuser")
        for _ in range(3):
            live.world.clock.advance(30)
            live.world.work()
            live.world.calls()
            after_a_round(live)
            assert [call for call in live.world.calls() if "websocket" not in call] == []


def test_a_panel_that_is_down_puts_nobody_out_but_commands_wait_for_it(live: Live) -> None:
    page = live.open()
    live.demo.set_condition("panel-gateway")
    live.world.clock.advance(70)
    after_a_round(live)
    after_a_round(live)
    answer = page.command("say hello")

    assert answer["outcome"] == "refused"
    assert "panel" in answer["said"]
    assert live.process(NAME).commands == []
    live.demo.set_condition(None)
    live.world.clock.advance(11)
    after_a_round(live)
    after_a_round(live)
    assert page.command("say hello")["outcome"] == "sent"


def test_a_round_that_fails_is_not_the_last(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    page = own.open()

    def locked(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(checks, "stored", locked)
        after_a_round(own)
    change(own, "owner", is_disabled=True)
    after_a_round(own)

    assert page.closing()[0] == 4401


def test_the_thread_makes_rounds_by_itself_and_ends_with_the_last_page(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "EVERY_S", 0.05)
    page = own.open()
    assert own.relay.keeper.is_running
    change(own, "owner", is_disabled=True)
    assert page.closing()[0] == 4401
    page.leave()
    until(lambda: not own.relay.keeper.is_running)


def test_what_sockets_say_is_stored_so_that_nobody_reads_it_from_the_panel(live: Live) -> None:
    page = live.open()
    uuid = live.server(NAME).uuid
    live.world.clock.advance(30)
    page.until(lambda told: "stats" in told)
    after_a_round(live)
    with live.world.app.app_context():
        usage = records.live([uuid])[uuid].usage
        assert usage is not None
        now = live.world.clock.now()
        records.watch(1, [uuid])
        due = [one.uuid for one in watched(now) if now - one.tried_at >= 22]
    while not (same := [one["stats"] for one in page.heard if _uptime(one) == usage.uptime_ms]):
        page.next()  # the sample that was stored is on its way to the page as well
    stats = same[-1]

    assert usage.current_state == "running"
    assert (usage.memory_bytes, usage.cpu_percent, usage.disk_bytes) == (
        stats["memory_bytes"], stats["cpu_absolute"], stats["disk_bytes"],
    )  # fmt: skip
    assert usage.uptime_ms == stats["uptime"]
    assert usage.network_rx_bytes == stats["network"]["rx_bytes"]
    assert due == []


def _uptime(told: dict[str, Any]) -> int | None:
    return told["stats"]["uptime"] if "stats" in told else None


class Channel:
    """What `usage_of` looks at."""

    key = ChannelKey("u", 0, frozenset())
    link = Link("live")
    state: str | None = "running"
    stats: str | None = '{"state": "running", "memory_bytes": 5, "cpu_absolute": 1.5, "uptime": 7, "disk_bytes": 9}'


@pytest.mark.parametrize(
    ("name", "value"),
    [("link", Link("lost", "cut")), ("link", Link("connecting")), ("state", None), ("stats", None), ("stats", "{}"),
     ("stats", "[1]"), ("stats", "[" * 10_000)],
)  # fmt: skip
def test_only_what_a_live_socket_says_is_believed(name: str, value: object) -> None:
    channel = Channel()
    assert usage_of(channel, 1.0) is not None  # type: ignore[arg-type]
    setattr(channel, name, value)

    assert usage_of(channel, 1.0) is None  # type: ignore[arg-type]


def test_a_server_that_went_off_uses_nothing_but_its_disk() -> None:
    channel = Channel()
    channel.state = "offline"
    usage = usage_of(channel, 1.0)  # type: ignore[arg-type]

    assert usage is not None
    assert (usage.current_state, usage.memory_bytes, usage.cpu_percent, usage.uptime_ms, usage.disk_bytes) == (
        "offline", 0, 0.0, 0, 9,
    )  # fmt: skip


def test_a_changed_state_is_stored_at_once_and_an_unchanged_one_every_ten_seconds(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(records, "save_usages", lambda usages: written.append(usages["u"].current_state))
    monkeypatch.setattr(states_of_consoles, "clock", PortalSide(own.world.clock))  # which stands
    states, channel = own.relay.keeper._states, Channel()
    seen = [("running", 0), ("running", 5), ("stopping", 1), ("offline", 1), ("offline", 9), ("offline", 2)]
    for state, wait_s in seen:
        own.world.clock.advance(wait_s)
        channel.state = state
        states.write([channel])  # type: ignore[list-item]

    assert written == ["running", "stopping", "offline", "offline"]


def test_own_keys_are_known_by_their_names(own: Live) -> None:
    with own.world.app.app_context():
        owner = account_of("owner")
        assert set(credentials.own_keys([owner, 12345])) == {owner}
