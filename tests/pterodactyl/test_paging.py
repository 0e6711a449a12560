"""Paged lists: each page asked for by itself, links never followed, no list without end."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.pterodactyl import api, errors
from tests.pterodactyl.fakes import World

STAMP = "2024-05-01T12:30:00+00:00"


def user(number: int) -> dict[str, Any]:
    attributes = {
        "id": number,
        "external_id": None,
        "uuid": f"u{number}",
        "username": "x",
        "email": "x@example.com",
        "first_name": None,
        "last_name": "X",
        "language": "en",
        "root_admin": False,
        "2fa": False,
        "created_at": STAMP,
        "updated_at": STAMP,
    }
    return {"object": "user", "attributes": attributes}


def page(number: int, total_pages: int, *ids: int, **changed: Any) -> tuple[int, dict[str, Any]]:
    links = {"next": "http://elsewhere.test/api/application/users?page=2"}
    numbers = {
        "total": 9,
        "count": len(ids),
        "per_page": 100,
        "current_page": number,
        "total_pages": total_pages,
    }
    meta = {"pagination": numbers | {"links": links} | changed}
    return 200, {"object": "list", "data": [user(one) for one in ids], "meta": meta}


def _queries(world: World) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(sent.url).query) for sent in world.adapter.requests]


def test_all_pages_are_asked_for_with_the_whole_query() -> None:
    world = World(page(1, 3, 1, 2, total=5), page(2, 3, 3, 4, total=5), page(3, 3, 5, total=5))
    found = list(world.application.users.iterate(filters={"email": "x"}, include=("servers",)))
    assert [one.id for one in found] == [1, 2, 3, 4, 5]
    common = {"sort": ["id"], "per_page": ["100"], "include": ["servers"], "filter[email]": ["x"]}
    assert _queries(world) == [common | {"page": [str(number)]} for number in (1, 2, 3)]
    assert {urlsplit(sent.url).netloc for sent in world.adapter.requests} == {"panel.test"}


def test_a_null_name_of_an_old_row_is_empty() -> None:
    assert next(World(page(1, 1, 1)).application.users.iterate()).first_name == ""


def test_an_empty_page_ends_the_list() -> None:
    world = World(page(1, 9, 1, total=1), page(2, 9, total=1))
    assert [one.id for one in world.application.users.iterate()] == [1]


def test_a_list_that_holds_less_than_it_says_is_a_bad_answer() -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        list(World(page(1, 2, 1, 2, total=5), page(2, 2, 3, total=5)).application.users.iterate())
    assert caught.value.path == "meta.pagination.total"


def test_the_same_page_again_is_a_bad_answer() -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        list(World(page(1, 3, 1)).application.users.iterate())
    assert caught.value.path == "meta.pagination.current_page"
    assert caught.value.request == "GET /api/application/users"


def test_a_list_that_grows_for_ever_is_a_bad_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_PAGES", 3)
    world = World(page(1, 99, 1), page(2, 99, 2), page(3, 99, 3))
    with pytest.raises(errors.BadAnswer):
        list(world.application.users.iterate())
    assert world.calls == 3


def test_pages_are_asked_for_only_when_needed() -> None:
    world = World(page(1, 3, 1, 2), page(2, 3, 3))
    next(iter(world.application.users.iterate()))
    assert world.calls == 1


def test_servers_of_the_application_are_sorted_by_id() -> None:
    world = World((200, {"object": "list", "data": [], "meta": page(1, 1, total=0)[1]["meta"]}))
    assert list(world.application.servers.iterate(include=("subusers",))) == []
    assert _queries(world) == [{"sort": ["id"], "page": ["1"], "per_page": ["100"], "include": ["subusers"]}]


def test_a_list_without_its_numbers_is_a_bad_answer() -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        World((200, {"object": "list", "data": []})).application.users.list()
    assert caught.value.path == "meta"
