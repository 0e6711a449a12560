"""The fragments that a page asks for by itself: only what has changed, only from the store."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import World
from tests.servers.support import HTMX, fixture, poll_of, ready, row_of, rows, said, see


def poll(world: World, address: str, who: str = "owner") -> tuple[int, str]:
    answer = world.browser(who).get(address, headers=HTMX)
    return answer.status_code, answer.text


def later(world: World) -> None:
    """The next round of the background process."""
    world.clock.advance(31)
    world.work()
    world.calls()


def test_nothing_changed_is_no_content(world: World) -> None:
    for path in ("/servers", f"/servers/{world.server('Lobby')}", f"/servers/{world.server('Lobby')}/console"):
        page = see(world, "owner", path)
        world.calls()

        assert poll(world, poll_of(page)) == (204, "")
        assert world.calls() == []


def test_only_the_rows_that_changed_come(world: World) -> None:
    both = "/servers?state=offline&q=fra-1"
    see(world, "owner", "/servers")
    see(world, "owner", "/servers?page=2")
    world.read_live()
    page = see(world, "owner", both)
    assert {world.server("Valheim Test"), world.server("Retakes")} < set(rows(page))
    world.demo.processes[row_of(world, "Retakes").uuid].power("start")
    later(world)
    status, fragment = poll(world, poll_of(page))

    assert status == 200
    assert list(rows(fragment)) == [world.server("Retakes")]
    assert "hx-swap-oob" in fragment
    assert "<html" not in fragment


def test_a_row_that_left_the_filter_goes_on_being_told(world: World) -> None:
    """It still stands on the page: from offline to starting, and on to running."""
    see(world, "owner", "/servers?q=retakes")
    world.read_live()
    page = see(world, "owner", "/servers?state=offline&q=retakes")
    world.browser("owner").post(f"/servers/{world.server('Retakes')}/power/start")
    _, first = poll(world, poll_of(page))
    later(world)
    _, second = poll(world, poll_of(first))

    assert "Starting" in first
    assert "Running" in second


def test_the_next_poll_follows_from_the_fragment(world: World) -> None:
    page = see(world, "owner", "/servers?q=lobby")
    world.read_live()
    _, fragment = poll(world, poll_of(page))

    assert poll(world, poll_of(fragment))[0] == 204


def test_changing_servers_are_asked_for_sooner(world: World) -> None:
    path = f"/servers/{world.server('Skyblock')}"
    see(world, "owner", path)
    world.read_live()
    assert 'hx-trigger="every 5s, ' in see(world, "owner", path)
    world.browser("owner").post(f"{path}/power/stop")

    assert 'hx-trigger="every 2s, ' in see(world, "owner", path)


def test_garbage_in_what_was_seen_is_tolerated(world: World) -> None:
    see(world, "owner", "/servers")
    world.calls()
    for seen in ("x", "zzzzzzzz.00000000", "." * 3000, "%00", "%ED%A0%80", "aaaaaaaa.bbbbbbbb-" * 500, ""):
        for path in ("/servers/live", f"/servers/{world.server('Lobby')}/live"):
            assert poll(world, f"{path}?seen={seen}&status=%00&page=-1&state=x")[0] == 200
    assert world.calls() == []


def test_what_others_own_is_not_told(world: World) -> None:
    _, fragment = poll(world, f"/servers/live?seen={world.server('Lobby')}.00000000", "solo")

    assert "Lobby" not in fragment
    assert '<li class="server"' not in fragment


def test_panel_down_shows_a_banner_that_goes_with_recovery(world: World) -> None:
    for path in ("/servers?q=lobby", f"/servers/{world.server('Lobby')}"):
        world.demo.set_condition(None)
        page = see(world, "owner", path)
        later(world)
        page = see(world, "owner", path)
        world.demo.set_condition("panel-gateway")
        later(world)
        status, down = poll(world, poll_of(page))
        world.demo.set_condition(None)
        later(world)
        again, up = poll(world, poll_of(down))

        assert (status, again) == (200, 200)
        assert "The panel does not answer" in down
        assert "/power/" not in down
        assert "The panel does not answer" not in up


def test_the_banner_goes_also_when_no_server_has_figures(make_world: Callable[..., World]) -> None:
    """Suspended servers are viewed, not read: that answer too says that the panel is back."""
    content = fixture(2)
    for one in content["servers"]:
        one["status"] = "suspended"
    for mode in ("own", "service"):
        world = ready(make_world(mode, fixture=content))
        see(world, "owner", "/servers")
        world.clock.advance(11)
        world.demo.set_condition("panel-gateway")
        world.work()
        down = see(world, "owner", "/servers")
        world.demo.set_condition(None)
        later(world)
        _, up = poll(world, poll_of(down))

        assert "The panel does not answer" in down
        assert "The panel does not answer" not in up
        assert 'id="list-status"' in up


def test_after_access_is_lost_the_poll_is_not_found(world: World) -> None:
    page = see(world, "subuser", f"/servers/{world.server('The Factory')}")
    row_of(world, "The Factory").subusers.clear()
    later(world)

    assert poll(world, poll_of(page), "subuser")[0] == 404


def test_a_start_that_fails_reads_stopped_again_with_the_way_to_the_console(world: World) -> None:
    path = f"/servers/{world.server('Crashy')}"
    see(world, "owner", path)
    world.browser("owner").post(f"{path}/power/start")
    later(world)

    for page in (see(world, "owner", path), see(world, "owner", "/servers?q=crashy")):
        assert "Stopped again" in said(page)
        assert f'href="{path}/console"' in page
    world.clock.advance(300)
    world.work()
    assert "Stopped again" in see(world, "owner", path)
    world.browser("owner").post(f"{path}/power/start")
    assert "Stopped again" not in see(world, "owner", path)


def test_kill_is_offered_after_half_a_minute_of_stopping(world: World) -> None:
    path = f"/servers/{world.server('Stubborn')}"
    see(world, "owner", path)
    world.read_live()
    world.browser("owner").post(f"{path}/power/stop")
    assert "/power/" not in see(world, "owner", path)
    later(world)

    assert "/power/kill" in see(world, "owner", path)
