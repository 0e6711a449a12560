"""One server's own page: everything that may be known of it, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tests.conftest import World
from tests.servers.support import details, poll_of, row_of, said, see, share_of, without_reference


def overview(world: World, name: str, who: str = "owner") -> str:
    return see(world, who, f"/servers/{world.server(name)}")


def test_every_limit_stands_with_its_unit(world: World) -> None:
    row_of(world, "Survival SMP").limits = dataclasses.replace(
        row_of(world, "Survival SMP").limits, swap=512, threads="0-1,3"
    )
    world.clock.advance(11)
    shown = details(overview(world, "Survival SMP"))

    assert {name: shown[name] for name in ("Memory", "Swap", "Disk", "CPU", "CPU cores", "Disk priority")} == {
        "Memory": "8.0 GiB", "Swap": "512 MiB", "Disk": "20.0 GiB", "CPU": "400 % of one core", "CPU cores": "0-1,3",
        "Disk priority": "500 of 10 to 1000",
    }  # fmt: skip
    assert [shown[name] for name in ("Databases", "Allocations", "Backups")] == ["3", "4", "5"]


def test_zero_is_said_as_unlimited(world: World) -> None:
    shown = details(overview(world, "Factorio Space Age"))

    assert [shown[name] for name in ("Memory", "Disk", "CPU")] == ["unlimited"] * 3


def test_swap_zero_is_none_and_minus_one_unlimited(world: World) -> None:
    long_name = next(one.name for one in world.demo.world.servers if one.name.startswith("The Extraordinarily"))

    assert details(overview(world, "Lobby"))["Swap"] == "none"
    assert details(overview(world, long_name))["Swap"] == "unlimited"


def test_how_many_of_each_are_allowed(world: World) -> None:
    """Databases null: no limit; allocations null: none may be added; backups 0: none."""
    shown = details(overview(world, "Factorio Space Age"))

    assert [shown[name] for name in ("Databases", "Allocations", "Backups")] == ["unlimited", "none", "none"]


def test_owner_sees_all_allocations_with_their_notes(world: World) -> None:
    _note(world, "Viking Fjord")
    shown = details(overview(world, "Viking Fjord"))["Addresses"].replace("the voice port", "#")

    assert shown == "192.0.2.11:2456 primary # 192.0.2.11:2457 # 192.0.2.11:2458 #"


def test_subuser_with_allocation_read_sees_the_notes(world: World) -> None:
    _note(world, "Viking Fjord")

    assert overview(world, "Viking Fjord", "subuser").count("the voice port") == 3


def test_subuser_without_allocation_read_sees_the_primary_address_alone(world: World) -> None:
    _note(world, "Survival SMP")
    page = overview(world, "Survival SMP", "subuser")

    assert details(page)["Addresses"] == "play.example.com:25565 primary"
    assert "the voice port" not in page


def test_sftp_username_is_the_viewers_own(world: World) -> None:
    identifier = world.server("Viking Fjord")

    for who in ("owner", "subuser"):
        shown = details(overview(world, "Viking Fjord", who))
        assert shown["Username"] == f"{who}.{identifier}"
        assert shown["Address"] == "sftp://fra-1.example.com:2022"
        assert "password of the panel" in shown["Password"]


def test_sftp_is_not_shown_without_file_sftp(world: World) -> None:
    page = overview(world, "The Factory", "subuser")

    assert "SFTP" not in page
    assert "subuser." not in page


def test_description_and_node_are_shown(world: World) -> None:
    shown = details(overview(world, "Survival SMP"))

    assert shown["Description"] == "Vanilla-like survival, resets every spring"
    assert shown["Node"] == "fra-1"


def test_use_and_uptime_are_shown_once_read(world: World) -> None:
    overview(world, "Survival SMP")
    world.read_live()
    text = said(overview(world, "Survival SMP"))

    assert "Running for 6 d 19 h" in text
    for figure in ("/ 8.0 GiB", "/ 400 %", "/ 20.0 GiB", "Network in", "Network out"):
        assert figure in text


def test_figures_without_a_limit_say_so(world: World) -> None:
    overview(world, "Factorio Space Age")
    world.read_live()

    assert said(overview(world, "Factorio Space Age")).count("/ unlimited") == 3


def test_a_page_makes_at_most_one_call(world: World) -> None:
    world.clock.advance(11)
    overview(world, "Lobby")

    assert world.calls() == [f"GET /api/client/servers/{world.server('Lobby')}"]


def test_again_within_ten_seconds_no_call(world: World) -> None:
    world.clock.advance(11)
    overview(world, "Lobby")
    world.calls()
    world.clock.advance(9)
    overview(world, "Lobby")

    assert world.calls() == []


def test_old_rights_cost_one_call_too(service_world: World) -> None:
    """The worker stood still: the rights are read again, and the server is shown as last known."""
    service_world.clock.advance(61)
    overview(service_world, "Survival SMP", "subuser")

    assert service_world.calls() == [f"GET /api/application/servers/{row_of(service_world, 'Survival SMP').id}"]


def test_stranger_gets_the_same_as_for_an_unknown_server(world: World) -> None:
    theirs, unknown = (
        world.browser("stranger").get(f"/servers/{identifier}") for identifier in (world.server("Lobby"), "zzzzzzzz")
    )

    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert without_reference(theirs.text) == without_reference(unknown.text)
    assert list(theirs.headers.keys()) == list(unknown.headers.keys())


def test_an_admin_of_the_portal_is_a_stranger_to_servers(world: World) -> None:
    see(world, "admin", f"/servers/{world.server('Lobby')}", 404)


def test_a_malformed_identifier_is_not_found(world: World) -> None:
    for path in ("/servers/ABCDEFGH", "/servers/short", "/servers/%00%00%00%00%00%00%00%00", "/servers/toolong12"):
        see(world, "owner", path, 404)
    assert world.calls() == []


def test_subuser_with_one_right_is_offered_that_one(world: World) -> None:
    """May start; neither stop nor restart."""
    overview(world, "Hardcore Week 42", "subuser")
    world.read_live()
    page = overview(world, "Hardcore Week 42", "subuser")

    assert "/power/start" in page
    assert "/power/stop" not in page
    assert "/power/restart" not in page


def test_subuser_without_power_rights_is_offered_none(world: World) -> None:
    overview(world, "Survival SMP", "subuser")
    world.read_live()

    assert "/power/" not in overview(world, "Survival SMP", "subuser")


def test_a_lost_share_is_not_found_at_the_next_read(world: World) -> None:
    overview(world, "Survival SMP", "subuser")
    row_of(world, "Survival SMP").subusers.clear()
    world.clock.advance(61)

    see(world, "subuser", f"/servers/{world.server('Survival SMP')}", 404)
    see(world, "subuser", poll_of(overview(world, "Survival SMP")), 404)


def test_both_kinds_of_key_show_the_same_page(make_world: Callable[..., World]) -> None:
    pages: dict[str, list[str]] = {"own": [], "service": []}
    for mode, shown in pages.items():
        world = make_world(mode)
        world.work()
        world.clock.advance(11)
        shares = [one for one in world.demo.world.servers if share_is_there(one.name, world)]
        for server in shares:
            shown += [said(overview(world, server.name, who)) for who in ("owner", "subuser")]

    assert len(pages["own"]) == 8
    assert pages["own"] == pages["service"]


def share_is_there(name: str, world: World) -> bool:
    return any(one.user.username == "subuser" for one in row_of(world, name).subusers)


def test_a_right_given_on_the_panel_shows_within_a_minute(world: World) -> None:
    overview(world, "Survival SMP", "subuser")
    share_of(world, "Survival SMP").permissions.append("file.sftp")
    world.clock.advance(31)
    world.work()

    assert "Username" in details(overview(world, "Survival SMP", "subuser"))


def _note(world: World, name: str) -> None:
    for one in world.demo.world.allocations:
        if one.server is row_of(world, name):
            one.notes = "the voice port"
    world.clock.advance(11)
