"""What a dialog says when something is wrong, and what it never gives away."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import pytest

from portal.egg_features.features import FEATURES
from tests.conftest import World
from tests.egg_features.support import COMPLAINTS, SENT, SERVERS, TOKEN, act, ask, fails, look, path, settle, state_of
from tests.servers.support import HTMX, audit_of, row_of, said

ACTS = sorted(SENT)
WRONG = {"": "Enter the token.", "   ": "Enter the token.", "abc": "this has 3 characters", "x" * 33: "this has 33",
         "0123456789ABCDEF-123456789abcdef": "letters and digits only",
         "\u0660" * 32: "letters and digits only"}  # fmt: skip


@pytest.mark.parametrize("token", sorted(WRONG))
def test_a_token_of_another_shape_never_leaves(token: str, own_world: World) -> None:
    look(own_world)
    answer = act(own_world, "gsl_token", token=token)

    assert answer.status_code == 422
    assert WRONG[token] in said(answer.text)
    assert own_world.calls() == []
    assert audit_of(own_world, "egg_feature.") == []


def test_what_was_pasted_around_a_token_does_not_matter(own_world: World) -> None:
    look(own_world)
    act(own_world, "gsl_token", token=f"  {TOKEN}\n")

    assert row_of(own_world, SERVERS["gsl_token"]).server_values["STEAM_ACC"] == TOKEN


def test_a_token_is_in_no_page_no_log_and_not_in_the_store(world: World, caplog: pytest.LogCaptureFixture) -> None:
    look(world)
    caplog.set_level(logging.DEBUG)
    before = ask(world, "gsl_token").text
    texts = [before, act(world, "gsl_token").text, ask(world, "gsl_token").text]
    texts += [world.browser("owner").get(f"{path(world, 'gsl_token')}?done=restart").text]
    texts += [f"{one.getMessage()} {one.args}" for one in caplog.records if not one.name.startswith("sqlalchemy")]
    with closing(sqlite3.connect(world.instance / "roost.db")) as store:
        texts += list(store.iterdump())

    assert settle(world, "gsl_token") == "running"
    assert not [one for one in texts if TOKEN in one]


def test_a_token_is_not_carried_over_when_the_session_has_ended(own_world: World) -> None:
    browser = own_world.browser()
    answer = browser.post(path(own_world, "gsl_token"), data={"token": TOKEN})

    assert answer.status_code == 303
    assert TOKEN not in str(answer.headers)
    with browser.session_transaction() as session:
        assert TOKEN not in str(dict(session))


@pytest.mark.parametrize("feature", ACTS)
@pytest.mark.parametrize(
    ("condition", "text"),
    [("panel-gateway", "did not answer in time"), ("panel-maintenance", "working on the panel"),
     ("rate-limited", "Too much")],
)  # fmt: skip
def test_trouble_with_the_panel_is_said_in_the_dialog(feature: str, condition: str, text: str, world: World) -> None:
    look(world)
    world.demo.set_condition(condition)
    for is_page in (False, True):
        answer = act(world, feature, is_page=is_page)
        assert answer.status_code == 422 if not is_page else answer.status_code >= 429, said(answer.text)
        assert text in said(answer.text)
        assert f'action="{path(world, feature)}"' in answer.text
        for value in SENT[feature].values():
            assert value in answer.text, "what was typed stays"
    assert audit_of(world, "power.") == []


def test_a_node_that_does_not_answer_is_said_and_nothing_is_started(world: World) -> None:
    look(world)
    world.demo.set_condition("node-down")
    answer = act(world, "eula")

    assert answer.status_code == 422
    assert "Whether it was done is not known" in said(answer.text)
    assert audit_of(world, "power.") == []
    assert [outcome for outcome, _ in audit_of(world, "egg_feature.")] == ["unknown"]


def test_a_change_that_could_not_be_followed_by_a_start_says_so(world: World) -> None:
    """The image is the panel's own business; the power signal needs the node."""
    fails(world, "java_version")
    world.demo.set_condition("node-down")
    answer = act(world, "java_version")

    assert answer.status_code == 200
    assert "start it yourself" in said(answer.text) or "starts again" in said(answer.text)
    assert [outcome for outcome, _ in audit_of(world, "egg_feature.")] == ["done"]


def test_an_image_that_the_host_chose_is_fixed(world: World) -> None:
    row_of(world, SERVERS["java_version"]).image = "example.org/own:1"
    look(world)
    shown = ask(world, "java_version")
    assert "so it is fixed" in said(shown.text)
    assert "<form" not in shown.text
    answer = act(world, "java_version")

    assert answer.status_code == 422
    assert "so it is fixed" in said(answer.text)
    assert row_of(world, SERVERS["java_version"]).image == "example.org/own:1"


def test_an_image_of_another_egg_is_refused_by_the_panel(world: World) -> None:
    look(world)
    answer = act(world, "java_version", image="example.org/evil:1")

    assert answer.status_code == 422
    assert "selected docker image is invalid" in said(answer.text)
    assert [outcome for outcome, _ in audit_of(world, "egg_feature.")] == ["refused"]


def test_no_image_is_asked_for_again_with_all_the_choices(world: World) -> None:
    look(world)
    answer = act(world, "java_version", image="")

    assert answer.status_code == 422
    assert "Choose a version." in said(answer.text)
    assert answer.text.count("<option") == 1 + 5
    assert " selected" not in answer.text


def test_a_suspended_server_keeps_its_dialogs_but_refuses_the_act(world: World) -> None:
    look(world)
    row_of(world, SERVERS["eula"]).status = "suspended"
    answer = act(world, "eula")

    assert answer.status_code == 422
    assert "suspended" in said(answer.text)


def test_the_choice_of_images_costs_one_call_and_the_others_none(world: World) -> None:
    look(world)
    for feature, name in SERVERS.items():
        assert ask(world, feature).status_code == 200
        asked = [f"GET /api/client/servers/{world.server(name)}/startup"] if feature == "java_version" else []
        assert world.calls() == asked


@pytest.mark.parametrize("feature", ["pid_limit", "steam_disk_space"])
def test_what_is_for_the_host_is_told_to_administrators_of_roost_only(feature: str, own_world: World) -> None:
    look(own_world)
    hint = {"pid_limit": "container_pid_limit", "steam_disk_space": "/var/lib/pterodactyl"}[feature]
    plain = said(ask(own_world, feature).text)
    with closing(sqlite3.connect(own_world.instance / "roost.db")) as store, store:
        store.execute("UPDATE account SET is_admin = 1 WHERE email = 'owner@example.com'")

    assert hint not in plain
    assert "https://example.com/support" in ask(own_world, feature).text
    assert hint in said(ask(own_world, feature).text)


@pytest.mark.parametrize("feature", sorted(SERVERS))
def test_the_needles_are_in_what_the_demo_prints(feature: str) -> None:
    assert [one for one in FEATURES[feature].needles if one in COMPLAINTS[feature].lower()]


def test_needles_are_lower_case() -> None:
    for feature in FEATURES.values():
        assert all(one == one.lower() and one for one in feature.needles)


@pytest.mark.parametrize("feature", ["pid_limit", "steam_disk_space"])
def test_the_demo_shows_what_only_the_host_can_cure(feature: str, own_world: World) -> None:
    fails(own_world, feature)

    assert state_of(own_world, feature) == "offline"


def test_an_answer_is_a_fragment_for_the_dialog_and_a_page_for_the_rest(own_world: World) -> None:
    look(own_world)
    browser = own_world.browser("owner")
    for feature in SERVERS:
        assert "<!doctype" not in browser.get(path(own_world, feature), headers=HTMX).text
        assert "<!doctype" in browser.get(path(own_world, feature)).text
