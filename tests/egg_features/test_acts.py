"""Each act really cures the demo's server, for whoever may do it, and never for anybody else."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.egg_features.support import (
    JAVA_17,
    SENT,
    SERVERS,
    TOKEN,
    act,
    ask,
    fails,
    look,
    path,
    settle,
    share,
    state_of,
)
from tests.servers.support import HTMX, audit_of, row_of, said

ACTS = sorted(SENT)
PERMISSION = {"eula": "file.create", "java_version": "startup.docker-image", "gsl_token": "startup.update"}
CALL = {"eula": "POST /api/client/servers/{uuid}/files/write",
        "java_version": "PUT /api/client/servers/{identifier}/settings/docker-image",
        "gsl_token": "PUT /api/client/servers/{identifier}/startup/variable"}  # fmt: skip


def power_calls(world: World, feature: str) -> list[str]:
    return [f"POST /api/client/servers/{world.server(SERVERS[feature])}/power"]


def change_call(world: World, feature: str) -> str:
    row = row_of(world, SERVERS[feature])
    return CALL[feature].format(uuid=row.uuid, identifier=row.identifier)


@pytest.mark.parametrize("feature", ACTS)
def test_the_act_cures_the_server_and_starts_it(feature: str, world: World) -> None:
    fails(world, feature)
    answer = act(world, feature)

    assert answer.status_code == 200, said(answer.text)
    assert "The server starts again." in said(answer.text)
    assert world.calls() == [change_call(world, feature), *power_calls(world, feature)]
    assert settle(world, feature) == "running"
    assert [outcome for outcome, _ in audit_of(world, "egg_feature.")] == ["done"]
    assert audit_of(world, "power.restart") == [("done", "")]


@pytest.mark.parametrize("feature", ACTS)
def test_without_the_act_a_start_goes_on_failing(feature: str, own_world: World) -> None:
    """The other half of the test above: it is the act that cures, not the restart."""
    fails(own_world, feature)
    own_world.browser("owner").post(f"/servers/{own_world.server(SERVERS[feature])}/power/start")

    assert settle(own_world, feature) == "offline"


@pytest.mark.parametrize("feature", ACTS)
def test_a_subuser_with_the_permissions_acts(feature: str, world: World) -> None:
    fails(world, feature)
    share(world, feature, PERMISSION[feature], "startup.read", "control.restart")

    assert f'action="{path(world, feature)}"' in ask(world, feature, "subuser").text
    assert act(world, feature, "subuser").status_code == 200
    assert settle(world, feature) == "running"


@pytest.mark.parametrize("feature", ACTS)
def test_start_alone_is_enough_for_a_server_that_is_off(feature: str, world: World) -> None:
    fails(world, feature)
    share(world, feature, PERMISSION[feature], "control.start")
    act(world, feature, "subuser")

    assert audit_of(world, "power.") == [("done", "")]
    assert settle(world, feature) == "running"


@pytest.mark.parametrize("feature", ACTS)
def test_without_a_power_permission_the_change_is_made_and_others_are_asked_for(feature: str, world: World) -> None:
    fails(world, feature)
    share(world, feature, PERMISSION[feature], "startup.read")

    assert "ask somebody who may to restart it" in said(ask(world, feature, "subuser").text)
    world.calls()
    answer = act(world, feature, "subuser")

    assert "Ask somebody who may to restart the server." in said(answer.text)
    assert world.calls() == [change_call(world, feature)]
    assert state_of(world, feature) == "offline"
    world.browser("owner").post(f"/servers/{world.server(SERVERS[feature])}/power/start")
    assert settle(world, feature) == "running"


@pytest.mark.parametrize("feature", ACTS)
def test_without_its_permission_an_act_is_neither_offered_nor_done(feature: str, world: World) -> None:
    fails(world, feature)
    share(world, feature, "startup.read", "control.start", "control.restart", "file.read", "file.update")
    shown = ask(world, feature, "subuser")

    assert shown.status_code == 200
    assert "<form" not in shown.text
    assert PERMISSION[feature] in said(shown.text)
    assert world.calls() == []
    answer = act(world, feature, "subuser")
    assert answer.status_code == 403
    assert PERMISSION[feature] in said(answer.text)
    assert world.calls() == []
    assert settle(world, feature) == "offline"


def test_images_are_not_shown_without_startup_read(world: World) -> None:
    share(world, "java_version", "startup.docker-image", "control.restart")
    shown = ask(world, "java_version", "subuser")

    assert "startup.read" in said(shown.text)
    assert "yolks" not in shown.text
    assert world.calls() == []


@pytest.mark.parametrize("feature", sorted(SERVERS))
@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_whoever_has_nothing_to_do_with_the_server_finds_nothing(feature: str, who: str, world: World) -> None:
    look(world)

    assert ask(world, feature, who).status_code == 404
    assert act(world, feature, who).status_code == (404 if feature in SENT else 405)
    assert world.calls() == []


def test_an_act_that_the_egg_does_not_have_is_not_found(world: World) -> None:
    look(world)
    for feature, name in (("gsl_token", "Creative Plots"), ("eula", "Dust2 24/7"), ("java_version", "Dust2 24/7")):
        for method in ("GET", "POST"):
            answer = world.browser("owner").open(path(world, feature, name), method=method, data=SENT[feature])
            assert answer.status_code == 404, feature
    assert world.calls() == []


@pytest.mark.parametrize("feature", ["pid_limit", "steam_disk_space", "nothing"])
def test_what_cannot_be_done_here_has_no_act(feature: str, own_world: World) -> None:
    page = path(own_world, feature, "Crashy")

    assert own_world.browser("owner").post(page).status_code == (404 if feature == "nothing" else 405)


def test_a_running_server_is_not_restarted_for_a_change_that_can_wait(world: World) -> None:
    look(world)
    assert state_of(world, "eula") == "running"
    assert "players stay connected" in said(ask(world, "eula").text)
    answer = act(world, "eula")

    assert "It counts from the next start of the server." in said(answer.text)
    assert world.calls() == [change_call(world, "eula")]
    assert state_of(world, "eula") == "running"


def test_a_token_is_used_at_once_also_by_a_running_server(world: World) -> None:
    look(world)
    assert state_of(world, "gsl_token") == "running"
    assert "is disconnected for a moment" in said(ask(world, "gsl_token").text)
    act(world, "gsl_token")

    assert world.calls() == [change_call(world, "gsl_token"), *power_calls(world, "gsl_token")]
    assert settle(world, "gsl_token") == "running"
    assert row_of(world, SERVERS["gsl_token"]).server_values["STEAM_ACC"] == TOKEN


def test_an_audit_line_names_the_image_and_never_the_token(world: World) -> None:
    look(world)
    for feature in ACTS:
        act(world, feature)

    assert audit_of(world, "egg_feature.") == [("done", ""), ("done", ""), ("done", JAVA_17)]


@pytest.mark.parametrize("feature", ACTS)
def test_without_script_a_page_asks_and_a_page_tells(feature: str, world: World) -> None:
    fails(world, feature)
    browser = world.browser("owner")
    page = browser.get(path(world, feature))
    assert "<h1" in page.text
    assert "<!doctype html>" in page.text
    answer = act(world, feature, is_page=True)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path(world, feature)}?done=restart")
    told = browser.get(answer.headers["Location"])
    assert "The server starts again." in said(told.text)
    assert f'href="/servers/{world.server(SERVERS[feature])}/console"' in told.text


def test_the_console_page_gets_its_state_anew_and_other_pages_do_not(own_world: World) -> None:
    look(own_world)
    page = f"http://localhost/servers/{own_world.server(SERVERS['eula'])}/console"
    browser = own_world.browser("owner")
    there = browser.post(path(own_world, "eula"), headers={**HTMX, "HX-Current-URL": page})
    beside = browser.post(path(own_world, "eula"), headers={**HTMX, "HX-Current-URL": "http://localhost/consoles"})

    assert '<section id="live"' in there.text
    assert '<section id="live"' not in beside.text
    assert '<div id="notices" hx-swap-oob="innerHTML">' in beside.text
