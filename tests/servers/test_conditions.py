"""Whatever is wrong with node or panel: every page stands and says the right thing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.demo import CONDITIONS
from portal.demo.link import Fault
from tests.conftest import World
from tests.servers.support import HTMX, poll_of, row_of, said, see

pytestmark = pytest.mark.slow

MAIN = "Survival SMP"
SENTENCES = {
    "node-down": "Node unreachable",
    "node-refuses": "Node unreachable",
    "node-hangs": "Node unreachable",
    "node-maintenance": "Maintenance",
    "server-transferring": "Moving",
    "install-failed": "Install failed",
    "reinstall-failed": "Running",
    "panel-maintenance": "Your host is working on the panel",
    "panel-gateway": "The panel does not answer",
    "panel-database-down": "The panel does not answer",
}
NODE = [name for name in SENTENCES if name.startswith("node-") and name != "node-maintenance"]
PANEL = [name for name in SENTENCES if name.startswith("panel-")]


def pages(world: World) -> list[str]:
    identifier = world.server(MAIN)
    return [see(world, "owner", path) for path in _paths(identifier)]


def _paths(identifier: str) -> tuple[str, ...]:
    return "/servers?q=survival+smp", f"/servers/{identifier}", f"/servers/{identifier}/console"


def struck(world: World, condition: str) -> World:
    """Read well, looked at, then struck; the background process has noticed."""
    pages(world)
    world.read_live()
    world.demo.set_condition(condition)
    world.clock.advance(31)
    world.work()
    return world


@pytest.mark.parametrize(("condition", "sentence"), SENTENCES.items())
def test_every_page_says_what_is_wrong(world: World, condition: str, sentence: str) -> None:
    for page in pages(struck(world, condition)):
        assert sentence in said(page)
        assert MAIN in page


def test_no_page_breaks_or_claims_that_there_is_nothing(world: World) -> None:
    for condition in CONDITIONS:
        struck(world, condition)
        for page in pages(world):
            assert "No servers yet" not in page, condition


@pytest.mark.parametrize("mode", ["own", "service"])
def test_struck_from_the_beginning_nothing_is_claimed(make_world: Callable[..., World], mode: str) -> None:
    world = make_world(mode)
    for condition in (*PANEL, "two-factor-required"):
        world.demo.set_condition(condition)
        world.clock.advance(31)
        world.work()
        page = see(world, "owner", "/servers")

        assert "could not be read yet" in page, condition
        assert "No servers yet" not in page, condition


@pytest.mark.parametrize("condition", NODE)
def test_a_node_in_trouble_is_not_a_panel_in_trouble(world: World, condition: str) -> None:
    for page in pages(struck(world, condition)):
        assert "The panel does not answer" not in page
        assert "/power/" not in page


def test_one_server_whose_figures_make_the_panel_stumble_is_not_a_panel_in_trouble(world: World) -> None:
    """A 500 for one server's usage says nothing about the panel: the others answer."""
    broken = row_of(world, "Terraria Master Mode")
    world.demo.link.faults[broken.node.uuid] = Fault.ANSWERS_HTML
    world.demo.latency = 0.5
    page = see(world, "owner", "/servers?sort=node&q=terraria")
    for _ in range(4):
        world.clock.advance(22)
        world.read_live()
        page = world.browser("owner").get(poll_of(page), headers=HTMX).text or page

        assert "The panel does not answer" not in page


@pytest.mark.parametrize("condition", PANEL)
def test_panel_down_keeps_the_last_state_with_its_age_without_actions(world: World, condition: str) -> None:
    for page in pages(struck(world, condition)):
        assert "Running" in page
        assert "Last read: " in page
        assert "/power/" not in page


@pytest.mark.parametrize("condition", PANEL)
def test_after_a_quarter_of_an_hour_the_figures_are_hidden(world: World, condition: str) -> None:
    struck(world, condition)
    world.clock.advance(15 * 60)
    for page in pages(world):
        assert "<meter" not in page
        assert "Not known" in page
        assert MAIN in page


def test_two_factors_demanded_is_said_as_lost_access(world: World) -> None:
    mode = world.app.config["ROOST"].use_service_key
    sentence = "The portal has lost its access" if mode else "The panel no longer accepts your key"
    for page in pages(struck(world, "two-factor-required")):
        assert sentence in page
        assert MAIN in page
        assert "/power/" not in page


def test_a_refused_key_is_not_asked_again_and_again(world: World) -> None:
    struck(world, "two-factor-required")
    pages(world)
    world.calls()
    world.clock.advance(60)
    pages(world)
    world.read_live()

    assert [call for call in world.calls() if "/api/client" in call] == []


def test_a_refused_application_key_does_not_condemn_the_service_key(service_world: World) -> None:
    """Rights cannot be read, so they grow old; what the service key reads goes on."""
    for key in service_world.demo.world.api_keys:
        if key.grants is not None:
            key.secret = "x" * 32
    service_world.clock.advance(61)
    service_world.work()
    pages(service_world)
    service_world.calls()
    service_world.work()

    assert "GET /api/client" in service_world.calls()


def test_everything_is_well_again_afterwards(world: World) -> None:
    for condition in ("panel-gateway", "node-down", "panel-maintenance"):
        struck(world, condition)
        pages(world)
        world.demo.set_condition(None)
        world.clock.advance(31)
        world.work()
        for page in pages(world):
            assert "Running" in page
            assert "/power/stop" in page
            assert "class=\"band warn\"" not in page.replace('id="offline" class="band warn"', "")
