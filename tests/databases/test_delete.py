"""A database goes only when its name was typed, and what is lost was said."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.databases.support import answered, break_answer, call, get, here, of, only, path, post, share, token
from tests.servers.support import audit_of, said


@pytest.mark.parametrize("is_page", [True, False])
def test_the_question_says_what_is_lost_and_asks_for_the_name(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    question = get(world, of(world, web, "delete"), is_page=is_page)

    assert "All its tables and everything in them are lost" in said(question.text)
    assert "Backups of the server do not hold databases" in said(question.text)
    assert f"Type {web.database} to delete it." in said(question.text)
    assert 'class="button act stop"' in question.text
    assert world.calls() == [call(world)]


def test_the_right_name_deletes_it(world: World) -> None:
    web, shop = only(world, "web", "shop")
    identifier = of(world, web, "delete").split("/")[4]
    answer = answered(world, web, "delete", name=web.database)

    assert answer.status_code == 200
    assert here(world) == [shop]
    assert f"The database {web.database} was deleted." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert world.calls() == [call(world, f"/{identifier}", "DELETE")]
    assert audit_of(world, "database.") == [("done", web.database)]


def test_without_script_it_leads_back_with_the_news(world: World) -> None:
    (web,) = only(world, "web")
    answer = answered(world, web, "delete", is_page=True, name=web.database)

    assert (answer.status_code, answer.headers["Location"]) == (303, path(world))
    assert here(world) == []


WRONG = ("", "web", "S{0}_WEB", "s{0}_we", "s{0}_webb", "s{0}_web s{0}_web", "%", "s{0}_shop")


@pytest.mark.parametrize("typed", WRONG)
@pytest.mark.parametrize("is_page", [True, False])
def test_any_other_name_asks_the_panel_nothing(typed: str, is_page: bool, world: World) -> None:
    web, shop = only(world, "web", "shop")
    typed = typed.format(web.server.id)
    answer = answered(world, web, "delete", is_page=is_page, name=typed)

    assert answer.status_code == 422
    assert ("This is not its name. Nothing was deleted." if typed else "Type its name.") in said(answer.text)
    assert f'value="{typed}"' in answer.text
    assert 'name="of"' in answer.text
    assert world.calls() == []
    assert here(world) == [web, shop]
    assert audit_of(world, "database.") == []


def test_the_question_of_one_database_never_deletes_another(world: World) -> None:
    web, shop = only(world, "web", "shop")
    carried = token(get(world, of(world, shop, "delete")))
    world.calls()
    for of_what, name in ((carried, shop.database), (carried, web.database), ("", web.database)):
        assert post(world, of(world, web, "delete"), of=of_what, name=name).status_code == 409
    assert world.calls() == []
    assert here(world) == [web, shop]


def test_the_question_of_one_server_is_none_of_another(world: World) -> None:
    (web,) = only(world, "web")
    only(world, "web", server="Lobby")
    carried = token(get(world, of(world, web, "delete")))
    world.calls()
    where = path(world, f"/{of(world, web, 'x').split('/')[4]}/delete", server="Lobby")

    assert post(world, where, of=carried, name=web.database).status_code == 409
    assert world.calls() == []


@pytest.mark.parametrize("is_page", [True, False])
@pytest.mark.parametrize("missing", ["database.delete", "database.read"])
def test_without_the_permissions_nothing_is_asked(missing: str, is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    every = ("database.read", "database.create", "database.update", "database.delete", "database.view_password")
    share(world, *(one for one in every if one != missing))
    question = get(world, of(world, web, "delete"), "subuser", is_page=is_page)

    assert question.status_code == 403
    assert missing in said(question.text)
    assert web.database not in question.text
    answer = post(world, of(world, web, "delete"), "subuser", is_page=is_page, of="x", name=web.database)
    assert answer.status_code == (403 if missing == "database.delete" else 409)
    assert world.calls() == []
    assert here(world) == [web]


def test_a_host_that_does_not_answer_leaves_it_open(world: World) -> None:
    (web,) = only(world, "web")
    where = of(world, web, "delete")
    carried = token(get(world, where))
    break_answer(world, "DELETE", status=500)
    answer = post(world, where, of=carried, name=web.database)

    assert "Whether it was done is not known" in said(answer.text)
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert f'value="{web.database}"' in answer.text
    assert audit_of(world, "database.") == [("unknown", web.database)]


@pytest.mark.parametrize("is_page", [True, False])
def test_what_is_gone_already_is_no_failure(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    where = of(world, web, "delete")
    browser = world.browser("owner")
    headers = {} if is_page else {"HX-Request": "true"}
    carried = token(browser.get(where))
    world.demo.world.databases.remove(web)
    answer = browser.post(where, data={"of": carried, "name": web.database}, headers=headers)
    if is_page:
        assert answer.status_code == 303
        answer = browser.get(answer.headers["Location"])

    assert "The panel finds no such database on this server any more. Nothing was deleted now." in said(answer.text)


@pytest.mark.parametrize("typed", ["s{0}_Z\u00fcge", "s{0}_Zu\u0308ge", "\u200es{0}_Z\u00fcge\u200f"])
@pytest.mark.parametrize("named", ["Z\u00fcge", "Zu\u0308ge"])
def test_a_name_is_the_same_however_its_letters_are_written(named: str, typed: str, world: World) -> None:
    """Keyboards and clipboards write a letter and its marks as one or as two, and put direction marks around."""
    (one,) = only(world, named)

    assert answered(world, one, "delete", name=typed.format(one.server.id)).status_code == 200
    assert here(world) == []
