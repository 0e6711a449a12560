"""A new database: the panel's rules said before and after, its refusals in place, its password for who may see it."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.databases.support import (
    PLAYED,
    break_answer,
    call,
    get,
    give,
    here,
    of,
    only,
    password,
    path,
    post,
    share,
)
from tests.servers.support import audit_of, row_of, said


def make(world: World, who: str = "owner", *, is_page: bool = False, **values: str):  # type: ignore[no-untyped-def]
    return post(world, path(world, "/new"), who, is_page=is_page, **{"database": "web", "remote": "%"} | values)


def test_the_form_says_what_becomes_of_the_name_and_of_everywhere(world: World) -> None:
    only(world)
    number = row_of(world, PLAYED).id
    for is_page in (True, False):
        form = get(world, path(world, "/new"), is_page=is_page)
        assert form.status_code == 200
        assert f"The panel puts s{number}_ in front and cuts the whole at 48 characters" in said(form.text)
        assert f"the first {48 - len(f's{number}_')} of yours are kept" in said(form.text)
        assert "% means everywhere" in said(form.text)
        assert 'value="%"' in form.text
    assert world.calls() == []


def test_a_database_is_made_and_its_password_shown_in_the_dialog(world: World) -> None:
    only(world)
    answer = make(world)
    (made,) = here(world)

    assert answer.status_code == 200
    assert world.calls() == [call(world, method="POST")]
    assert made.database == f"s{row_of(world, PLAYED).id}_web"
    assert password(made) in answer.text
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert answer.headers["Cache-Control"] == "no-store"
    assert audit_of(world, "database.") == [("done", "web")]
    assert "That you looked at it is kept" not in said(answer.text), "nothing but the making is"


def test_without_script_the_way_leads_to_the_password(world: World) -> None:
    only(world)
    browser = world.browser("owner")
    answer = browser.post(path(world, "/new"), data={"database": "web", "remote": "%"})
    (made,) = here(world)

    assert (answer.status_code, answer.headers["Location"]) == (303, of(world, made, "password"))
    with browser.session_transaction() as session:
        assert made.password not in str(dict(session))
    page = browser.get(answer.headers["Location"])
    assert password(made) in page.text
    assert f"The database {made.database} was created." in said(page.text)


@pytest.mark.parametrize("is_page", [True, False])
def test_who_may_not_see_passwords_gets_none_of_a_new_one(is_page: bool, world: World) -> None:
    only(world)
    share(world, "database.read", "database.create")
    form = get(world, path(world, "/new"), "subuser", is_page=is_page)
    assert "does not include database.view_password" in said(form.text)
    browser = world.browser("subuser")
    headers = {} if is_page else {"HX-Request": "true"}
    answer = browser.post(path(world, "/new"), data={"database": "web", "remote": "%"}, headers=headers)
    (made,) = here(world)

    assert answer.status_code == (303 if is_page else 200)
    assert password(made) not in answer.text
    if is_page:
        assert answer.headers["Location"] == path(world)
        page = browser.get(path(world))
        assert f"The database {made.database} was created." in said(page.text)
        assert password(made) not in page.text
    else:
        assert "was created." in said(answer.text)
        assert answer.headers["HX-Trigger"] == "databases-changed"


def test_a_name_that_the_panel_cut_is_said(world: World) -> None:
    only(world)
    share(world, "database.read", "database.create")
    answer = make(world, "subuser", database="n" * 48)

    assert len(here(world)[0].database) == 48
    assert "The panel has cut its name." in said(answer.text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"database": "no spaces!"}, "The database may only contain letters, numbers, and dashes."),
        ({"database": "x"}, "The database must be at least 3 characters."),
        ({"database": "n" * 49}, "The database may not be greater than 48 characters."),
        ({"remote": "not a host;"}, "The remote format is invalid."),
    ],
)
@pytest.mark.parametrize("is_page", [True, False])
def test_the_panels_rules_stand_beside_their_field(
    values: dict[str, str], words: str, is_page: bool, world: World
) -> None:
    only(world)
    answer = make(world, is_page=is_page, **values)
    (field,) = values

    assert answer.status_code == 422
    assert f'<p id="database-{"name" if field == "database" else field}-help" class="wrong">{words}</p>' in answer.text
    assert f'value="{values[field]}"' in answer.text
    assert here(world) == []
    assert [outcome for outcome, _ in audit_of(world, "database.create")] == ["refused"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"database": ""}, "Enter a name."),
        ({"database": "  "}, "Enter a name."),
        ({"remote": " "}, "Enter an IP address, or % for everywhere."),
        ({"remote": "0"}, "Enter an IP address, or % for everywhere."),
        ({"remote": "1" * 192}, "At most 191 characters."),
    ],
)
def test_what_the_panel_breaks_on_is_refused_without_a_call(values: dict[str, str], words: str, world: World) -> None:
    only(world)
    answer = make(world, **values)

    assert answer.status_code == 422
    assert words in said(answer.text)
    assert world.calls() == []
    assert audit_of(world, "database.") == []


@pytest.mark.parametrize("is_page", [True, False])
def test_a_form_without_from_where_opens_nothing_to_everywhere(is_page: bool, world: World) -> None:
    only(world)
    answer = post(world, path(world, "/new"), is_page=is_page, database="web")

    assert answer.status_code == 422
    assert "Enter an IP address, or % for everywhere." in said(answer.text)
    assert 'id="database-remote"' in answer.text
    assert 'value="%"' not in answer.text
    assert world.calls() == []
    assert here(world) == []


def test_a_name_in_use_is_said_beside_the_name(world: World) -> None:
    only(world, "web")
    answer = make(world)

    assert answer.status_code == 422
    assert '<p id="database-name-help" class="wrong">A database with that name already exists' in answer.text
    assert len(here(world)) == 1


def test_a_limit_that_was_reached_meanwhile_is_the_panels_to_refuse(world: World) -> None:
    only(world, limit=1)
    give(world)
    answer = make(world, database="more", is_page=True)

    assert answer.status_code == 409
    assert "put this server over the defined limit" in said(answer.text)
    assert 'value="more"' in answer.text


def test_no_host_for_databases_is_said_in_the_panels_words(world: World) -> None:
    only(world)
    world.demo.world.database_hosts.clear()

    assert "No database host was found" in said(make(world).text)


@pytest.mark.parametrize("is_page", [True, False])
def test_switched_off_is_said_instead_of_unknown(is_page: bool, world: World) -> None:
    """The panel answers 500, which would leave open whether anything was made; its code says that nothing was."""
    only(world)
    world.demo.config.client_databases = False
    answer = make(world, is_page=is_page)

    assert answer.status_code == (409 if is_page else 422)
    assert "Your host has switched off making databases." in said(answer.text)
    assert "not known" not in said(answer.text)
    assert [outcome for outcome, _ in audit_of(world, "database.create")] == ["refused"]


@pytest.mark.parametrize("effect", ["before", "after"])
def test_after_an_unknown_outcome_the_list_is_read_again(effect: str, world: World) -> None:
    only(world)
    break_answer(world, "POST", effect=effect)
    answer = make(world)
    page = make(world, database="second", is_page=True)

    assert "Whether it was done is not known" in said(answer.text)
    assert "Whether it was done is not known" in said(page.text)
    assert answer.headers["HX-Trigger"] == "databases-changed"
    assert page.status_code == 503
    assert [one.database.partition("_")[2] for one in here(world)] == (["web", "second"] if effect == "after" else [])
    assert audit_of(world, "database.create") == [("unknown", "web"), ("unknown", "second")]
    assert world.calls() == [call(world, method="POST")] * 2


@pytest.mark.parametrize("is_page", [True, False])
def test_without_the_permission_nothing_is_asked(is_page: bool, world: World) -> None:
    only(world)
    share(world, "database.read", "database.update", "database.delete", "database.view_password")

    assert get(world, path(world, "/new"), "subuser", is_page=is_page).status_code == 403
    answer = make(world, "subuser", is_page=is_page)
    assert answer.status_code == 403
    assert "database.create" in said(answer.text)
    assert world.calls() == []
    assert here(world) == []
