"""A new password: asked with what it breaks, done once, shown to who may see passwords."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.databases.support import (
    SECRET,
    answered,
    break_answer,
    call,
    get,
    of,
    only,
    password,
    path,
    post,
    share,
    token,
)
from tests.servers.support import audit_of, said


@pytest.mark.parametrize("is_page", [True, False])
def test_the_question_says_who_is_locked_out(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    question = get(world, of(world, web, "rotate"), is_page=is_page)

    assert "stops working at once" in said(question.text)
    assert "locked out" in said(question.text)
    assert web.database in question.text
    assert world.calls() == [call(world)]
    assert web.password == SECRET


def test_the_new_password_is_shown_at_once(world: World) -> None:
    (web,) = only(world, "web")
    answer = answered(world, web, "rotate")

    assert answer.status_code == 200
    assert web.password != SECRET
    assert password(web) in answer.text
    assert "The old one no longer works." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert answer.headers["Cache-Control"] == "no-store"
    identifier = of(world, web, "rotate").split("/")[4]
    assert world.calls() == [call(world, f"/{identifier}/rotate-password", "POST")]
    assert audit_of(world, "database.") == [("done", web.database)]


def test_without_script_the_way_leads_to_the_new_password(world: World) -> None:
    (web,) = only(world, "web")
    answer = answered(world, web, "rotate", is_page=True)

    assert (answer.status_code, answer.headers["Location"]) == (303, of(world, web, "password"))
    assert password(web) in get(world, answer.headers["Location"], is_page=True).text


@pytest.mark.parametrize("is_page", [True, False])
def test_who_may_not_see_passwords_rotates_without_seeing(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    share(world, "database.read", "database.update")
    assert "You will not see the new password" in said(get(world, of(world, web, "rotate"), "subuser").text)
    answer = answered(world, web, "rotate", "subuser", is_page=is_page)

    assert web.password != SECRET
    assert password(web) not in answer.text
    assert answer.headers.get("Location") == (path(world) if is_page else None)
    assert ("has a new password" in said(answer.text)) is not is_page


@pytest.mark.parametrize("is_page", [True, False])
def test_without_the_permission_nothing_is_asked(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    share(world, "database.read", "database.create", "database.delete", "database.view_password")

    assert get(world, of(world, web, "rotate"), "subuser", is_page=is_page).status_code == 403
    answer = post(world, of(world, web, "rotate"), "subuser", is_page=is_page, of="anything")
    assert answer.status_code == 403
    assert "database.update" in said(answer.text)
    assert world.calls() == []
    assert web.password == SECRET


def test_an_answer_to_another_question_changes_nothing(world: World) -> None:
    web, shop = only(world, "web", "shop")
    carried = token(get(world, of(world, shop, "rotate")))
    world.calls()
    for of_what in (carried, "", "made up", carried[:-2]):
        answer = post(world, of(world, web, "rotate"), of=of_what)
        assert answer.status_code == 409, of_what
        assert "Nothing was changed." in said(answer.text)
    assert world.calls() == []
    assert audit_of(world, "database.") == []
    assert {web.password, shop.password} == {SECRET}


def test_an_unknown_outcome_is_called_so(world: World) -> None:
    (web,) = only(world, "web")
    where = of(world, web, "rotate")
    carried = token(get(world, where))
    break_answer(world, "POST", effect="after")
    answer = post(world, where, of=carried)

    assert "Whether it was done is not known" in said(answer.text)
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert audit_of(world, "database.") == [("unknown", web.database)]


def test_a_database_that_went_meanwhile_is_gone(world: World) -> None:
    (web,) = only(world, "web")
    where = of(world, web, "rotate")
    carried = token(get(world, where))
    world.demo.world.databases.remove(web)
    for is_page in (True, False):
        answer = post(world, where, is_page=is_page, of=carried)
        assert answer.status_code == 404
        assert "no such database on this server any more" in said(answer.text)
    assert [outcome for outcome, _ in audit_of(world, "database.")] == ["refused"] * 2
