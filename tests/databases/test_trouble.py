"""What could not be read is never an empty list, and says what is wrong."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.databases.support import call, get, of, only, path
from tests.servers.support import Bent, audit_of, said

CONDITIONS = {
    "panel-gateway": (503, "cannot be reached"),
    "panel-maintenance": (503, "working on the panel"),
    "server-transferring": (409, ""),
}


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_a_failed_read_is_no_empty_list(condition: str, world: World) -> None:
    only(world, "web")
    status, text = CONDITIONS[condition]
    world.demo.set_condition(condition)
    page = get(world, path(world), is_page=True)
    part = get(world, path(world))

    assert (page.status_code, part.status_code) == (status, 200)
    for answer in (page, part):
        assert text in said(answer.text)
        assert "There is none yet" not in said(answer.text)
        assert "of 3 used" not in said(answer.text)
        assert "/databases/new" not in answer.text


def test_too_many_calls_say_how_long_to_wait(world: World) -> None:
    only(world, "web")
    world.demo.set_condition("rate-limited")
    for _ in range(40):
        page = get(world, path(world), is_page=True)
        if page.status_code == 429:
            break

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert "Too much at once" in said(page.text)
    assert "There is none yet" not in said(page.text)


@pytest.mark.parametrize("nonsense", [b"<html>hello</html>", b'{"object":"list","data":[{"object":"server"}]}', b"[]"])
def test_nonsense_is_not_understood(nonsense: bytes, world: World) -> None:
    (web,) = only(world, "web")
    Bent(world, lambda path, document: nonsense if "/databases" in path else document)
    page = get(world, path(world), is_page=True)

    assert page.status_code == 503
    assert "There is none yet" not in said(page.text)
    for act in ("password", "rotate", "delete"):
        assert get(world, of(world, web, act), is_page=True).status_code == 503, act
    assert audit_of(world, "database.") == []


@pytest.mark.parametrize("act", ["password", "rotate", "delete"])
@pytest.mark.parametrize("is_page", [True, False])
def test_a_question_about_a_database_that_is_gone_says_so(act: str, is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    where = of(world, web, act)
    world.demo.world.databases.remove(web)
    answer = get(world, where, is_page=is_page)

    assert answer.status_code == 404
    assert "no such database on this server any more" in said(answer.text)
    assert world.calls() == [call(world)]
    if not is_page:
        assert answer.headers["HX-Trigger"] == "databases-changed"
    assert audit_of(world, "database.") == []


@pytest.mark.parametrize("act", ["password", "rotate", "delete"])
def test_a_database_of_another_server_is_none_of_this_one(act: str, world: World) -> None:
    (mine,) = only(world, "web")
    (other,) = only(world, "web", server="Lobby")
    where = of(world, mine, act).replace(of(world, mine, "x").split("/")[4], of(world, other, "x").split("/")[4])

    assert get(world, where, is_page=True).status_code == 404
    assert audit_of(world, "database.") == []
