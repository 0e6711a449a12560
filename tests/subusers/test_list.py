"""The list: who has access, how far, and what is offered to whom."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, Bent, row_of, said
from tests.subusers.support import MAILS, PLAYED, added, invite, let, page, path, person


def test_it_shows_everybody_with_one_call(world: World) -> None:
    person(world, "mika").use_totp = True
    page(world)
    world.calls()
    text = said(page(world).text)
    assert world.calls() == [f"GET /api/client/servers/{row_of(world, PLAYED).uuid}/users"]
    assert "The owner You Holds every permission, always." in text
    assert "mika@example.com Two-factor on mika · 3 permissions in 2 groups · added on the panel" in text
    assert "subuser@example.com Two-factor off subuser · 1 permission in 1 group · added on the panel" in text


def test_nobody_else_is_said_with_the_first_step(world: World) -> None:
    assert page(world).text.count(path(world, "/new")) == 1
    row_of(world, PLAYED).subusers.clear()
    answer = page(world)
    assert "Nobody else has access" in said(answer.text)
    assert answer.text.count(path(world, "/new")) == 1
    assert said(answer.text).count("Invite somebody") == 1


def test_the_fragment_is_the_section_alone_and_reads_itself_again(world: World) -> None:
    html = world.browser("owner").get(path(world), headers=HTMX).text
    assert html.lstrip().startswith('<section id="subusers"')
    assert 'hx-trigger="subusers-changed from:body"' in html


@pytest.mark.parametrize(
    ("held", "offered"),
    [
        (("user.read",), ()),
        (("user.read", "user.create"), ("/new",)),
        (("user.read", "user.update"), ("/edit",)),
        (("user.read", "user.delete"), ("/remove",)),
    ],
)
def test_a_subuser_is_offered_what_they_may_do(world: World, held: tuple[str, ...], offered: tuple[str, ...]) -> None:
    let(world, *held)
    html = page(world, "subuser").text
    for one in ("/new", "/edit", "/remove"):
        assert (one in html) == (one in offered), one


def test_nothing_is_offered_for_oneself(world: World) -> None:
    let(world, "user.read", "user.create", "user.update", "user.delete")
    html = page(world, "subuser").text
    assert f"/{person(world, 'mika').uuid}/edit" in html
    assert f"/{person(world, 'subuser').uuid}/" not in html
    assert "subuser@example.com You" in said(html)


def test_without_user_read_there_is_no_page_and_no_call(world: World) -> None:
    let(world, "user.create", "user.update", "user.delete")
    answer = page(world, "subuser")
    assert answer.status_code == 403
    assert "mika" not in answer.text
    assert world.calls() == []


def test_a_stranger_finds_nothing(world: World) -> None:
    assert page(world, "stranger").status_code == 404


@pytest.mark.parametrize(
    ("condition", "status"), [("panel-gateway", 503), ("panel-maintenance", 503), ("rate-limited", 429)]
)
def test_a_failed_read_is_no_empty_list(world: World, condition: str, status: int) -> None:
    page(world)
    if condition == "rate-limited":
        for _ in range(8):
            world.clock.advance(1)
    world.demo.set_condition(condition)
    answers = [page(world) for _ in range(8)]
    assert answers[-1].status_code == status
    assert "Retry-After" in answers[-1].headers
    text = said(answers[-1].text)
    assert "This could not be read" in text
    assert "Who has access is not known just now." in text
    assert "Nobody else has access" not in text
    assert "The owner You" not in text


def test_nonsense_is_no_empty_list(world: World) -> None:
    page(world)
    Bent(world, lambda path, body: {"object": "list", "data": "none"} if path.endswith("/users") else body)
    answer = page(world)
    assert answer.status_code == 503
    assert "does not understand" in said(answer.text)


def test_a_suspended_server_says_so(world: World) -> None:
    answer = world.browser("owner").get(path(world, name="Unpaid"))
    assert answer.status_code == 409
    assert "Suspended" in said(answer.text)
    assert "People who may use this server" not in answer.text
    assert "/new" not in answer.text


def test_hostile_names_stay_text(world: World) -> None:
    mika = person(world, "mika")
    mika.email, mika.username = '"><script>alert(1)</script>@example.com', "<img src=x onerror=alert(1)>\u202e"
    html = page(world).text
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html
    assert "\u202e" not in html


def test_who_was_invited_is_marked_until_they_sign_in(world: World) -> None:
    invite(world)
    text = said(page(world).text)
    assert "helper@example.net Invited, not yet signed in 3 permissions in 3 groups · added just now" in text


def test_panel_added_people_can_be_invited_where_there_is_mail(make_world) -> None:  # type: ignore[no-untyped-def]
    world = make_world("service", is_ready=True, **MAILS)
    added(world, "stranger", "file.read")
    assert "Invite to the portal" in said(page(world).text)


def test_without_mail_nothing_is_offered_to_send(world: World) -> None:
    invite(world)
    assert "Send again" not in said(page(world).text)
    assert "Invite to the portal" not in said(page(world).text)
