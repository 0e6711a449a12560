"""Choosing the Docker image: the egg's, unless an administrator chose another one."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.startup.support import PAPER, Lost, api, seen, share, startup

JAVA_17 = "ghcr.io/pterodactyl/yolks:java_17"
OF_THE_HOST = "registry.example.org/own:1"


def choose(world: World, image: str, who: str = "owner", *, is_page: bool = False) -> TestResponse:
    path = f"/servers/{world.server(PAPER)}/startup/image"
    return world.browser(who).post(path, data={"image": image}, headers={} if is_page else HTMX)


def test_the_chosen_image_is_marked_among_the_labels_of_the_egg(world: World) -> None:
    page = startup(world)

    assert '<option value="ghcr.io/pterodactyl/yolks:java_21" selected>Java 21 (chosen)</option>' in page
    assert f'<option value="{JAVA_17}">Java 17</option>' in page


def test_another_image_is_chosen_and_shown_at_once(world: World) -> None:
    seen(world, PAPER)
    answer = choose(world, JAVA_17)

    assert answer.status_code == 200
    assert world.calls() == [f"GET {api(world, PAPER, 'startup')}", f"PUT {api(world, PAPER, 'settings/docker-image')}"]
    assert row_of(world, PAPER).image == JAVA_17
    assert f'<option value="{JAVA_17}" selected>Java 17 (chosen)</option>' in answer.text
    assert "It counts from the next start of the server." in said(answer.text)
    assert f'<option value="{JAVA_17}" selected>Java 17 (chosen)</option>' in startup(world)
    assert audit_of(world, "startup.image") == [("done", JAVA_17)]


def test_without_script_it_leads_back_to_the_page(world: World) -> None:
    seen(world, PAPER)
    answer = choose(world, JAVA_17, is_page=True)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{world.server(PAPER)}/startup")


def test_an_image_that_the_host_chose_is_fixed(world: World) -> None:
    row_of(world, PAPER).image = OF_THE_HOST
    seen(world, PAPER)
    page = startup(world)

    assert "so it is fixed" in said(page)
    assert OF_THE_HOST in page
    assert "/startup/image" not in page
    assert "-jar server.jar" in page


def test_an_image_that_the_host_chose_meanwhile_is_said_to_be_fixed(world: World) -> None:
    seen(world, PAPER)
    row_of(world, PAPER).image = OF_THE_HOST
    for is_page, status in ((False, 422), (True, 409)):
        answer = choose(world, JAVA_17, is_page=is_page)
        assert answer.status_code == status
        assert "so it is fixed" in said(answer.text)
    assert row_of(world, PAPER).image == OF_THE_HOST
    assert [outcome for outcome, _ in audit_of(world, "startup.image")] == ["refused", "refused"]


def test_an_image_of_another_egg_is_refused_beside_the_field(world: World) -> None:
    seen(world, PAPER)
    answer = choose(world, "example.org/evil:1")

    assert answer.status_code == 422
    assert 'class="wrong">The selected docker image is invalid.' in answer.text
    assert '<option value="example.org/evil:1" selected>' in answer.text
    assert '<option value="">' not in answer.text


def test_no_image_is_no_call_of_change(world: World) -> None:
    seen(world, PAPER)
    answer = choose(world, "")

    assert "Choose an image." in said(answer.text)
    assert "PUT" not in " ".join(world.calls())


def test_without_its_permission_nothing_is_asked(world: World) -> None:
    share(world, PAPER, "startup.read", "startup.update")
    answer = choose(world, JAVA_17, "subuser")

    assert answer.status_code == 403
    assert "startup.docker-image" in said(answer.text)
    assert world.calls() == []


def test_who_may_choose_but_not_read_is_shown_no_images(world: World) -> None:
    share(world, PAPER, "startup.docker-image")
    answer = choose(world, JAVA_17, "subuser")

    assert row_of(world, PAPER).image == JAVA_17
    assert "java_21" not in answer.text
    assert world.calls() == [f"PUT {api(world, PAPER, 'settings/docker-image')}"]


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_others_find_nothing(who: str, world: World) -> None:
    seen(world, PAPER)

    assert choose(world, JAVA_17, who).status_code == 404
    assert world.calls() == []


def test_a_lost_answer_is_called_unknown(world: World) -> None:
    seen(world, PAPER)
    Lost(world)
    answer = choose(world, JAVA_17)

    assert "Whether it was done is not known" in said(answer.text)
    assert f'<option value="{JAVA_17}" selected>' in answer.text
    assert audit_of(world, "startup.image") == [("unknown", JAVA_17)]


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance"])
def test_trouble_keeps_what_was_chosen(condition: str, world: World) -> None:
    seen(world, PAPER)
    world.demo.set_condition(condition)
    answer = choose(world, JAVA_17, is_page=True)

    assert answer.status_code == 503
    assert "Nothing was changed." in said(answer.text)
    assert f'<option value="{JAVA_17}" selected>' in answer.text
