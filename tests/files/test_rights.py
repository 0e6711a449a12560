"""Who may do what with files: every route of the blueprint, for the owner, for a subuser with each single permission,
for one without any, and for a stranger. What is refused is refused without asking the panel; what would be refused is
not shown; and nothing is told in passing that a permission would be needed for.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.files.listing import names_version
from portal.files.paths import packed
from portal.files.text import versions
from tests.conftest import World
from tests.files.acting import SERVER, file_calls, fill, held, permit, root
from tests.servers.support import HTMX, row_of, share_of

READ, CONTENT, CREATE = "file.read", "file.read-content", "file.create"
UPDATE, DELETE, ARCHIVE = "file.update", "file.delete", "file.archive"
SINGLE = (READ, CONTENT, CREATE, UPDATE, DELETE, ARCHIVE, "file.sftp", "websocket.connect")
"""`websocket.connect` is what every subuser has at least."""
NEEDS = {
    "GET": READ, "GET list": READ, "GET entry": READ, "GET search": READ, "POST search": READ,
    "GET new-folder": CREATE, "POST new-folder": CREATE, "GET new-file": CREATE, "POST new-file": CREATE,
    "GET rename": UPDATE, "POST rename": UPDATE, "GET move": UPDATE, "POST move": UPDATE, "POST move/ask": UPDATE,
    "GET copy": CREATE, "POST copy": CREATE, "GET delete": DELETE, "POST delete": DELETE, "POST delete/ask": DELETE,
    "GET permissions": UPDATE, "POST permissions": UPDATE, "POST permissions/ask": UPDATE,
    "POST archive": ARCHIVE, "GET unarchive": CREATE, "POST unarchive": CREATE, "GET pull": CREATE,
    "POST pull": CREATE, "GET work/live": READ, "POST work/1/put-away": READ,
    "GET upload": CREATE, "POST upload": CREATE, "POST upload/check": CREATE, "GET download": CONTENT,
    "GET edit": CONTENT, "GET edit/text": CONTENT, "POST edit": CREATE, "GET versions": CONTENT,
    "GET deleted": CONTENT, "GET versions/1": CONTENT, "GET versions/1/compared": CONTENT,
    "POST versions/1/restore": CREATE,
}  # fmt: skip
"""The permission that each route needs, as the panel's client API has it for what the route asks of it."""
ALSO = {"POST new-file": {READ}, "GET deleted": {READ}, "POST edit": {CONTENT}, "POST versions/1/restore": {CONTENT}}
"""What else is refused without: an empty file is stored over whatever has its name, so somebody has to look first; an
edited text is compared with what is there; what is deleted is known by what is not."""
SECRET, HIDDEN = "what only readers may see", "a-name-that-only-lists-tell"
FIELDS: dict[str, Any] = {
    "directory": "/box", "file": "/box/a.txt", "name": packed("a.txt"), "new_name": "b.txt", "target": "/other",
    "mode": "600", "shown": "", "url": "https://example.com/x.zip", "base": "0" * 64, "text": "mine", "q": "a",
}  # fmt: skip


def routes(world: World) -> dict[str, Rule]:
    """Every route about files, called by its method and what stands behind `files/`."""
    found = [rule for rule in world.app.url_map.iter_rules() if rule.endpoint.startswith("files.")]
    return {_called(rule): rule for rule in found}


def _called(rule: Rule) -> str:
    (method,) = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    path = rule.rule.partition("/files")[2].lstrip("/").replace("<number:number>", "1")
    return f"{method} {path}".strip()


def call(world: World, who: str, route: str, **more: Any) -> TestResponse:
    """Ask for a route by hand, with everything that any of them takes."""
    method, _, path = route.partition(" ")
    address = f"{root(world)}/{path}".rstrip("/")
    browser = world.browser(who)
    if method == "GET":
        return browser.get(address, query_string=FIELDS | {"now": "1"} | more, headers=HTMX)
    return browser.post(address, data=FIELDS | more, headers=HTMX)


@pytest.fixture
def room(world: World) -> World:
    """A folder with a text that has a secret in it, and a file beside it."""
    fill(world, "/box/a.txt", content=SECRET.encode())
    fill(world, f"/box/{HIDDEN}")
    return world


def test_every_route_stands_in_the_table_with_what_it_needs(own_world: World) -> None:
    found = {name: own_world.app.view_functions[rule.endpoint].policy for name, rule in routes(own_world).items()}

    assert {name: policy.permission for name, policy in found.items()} == NEEDS
    assert {policy.kind for policy in found.values()} == {"server"}


def test_a_subuser_with_one_permission_may_do_what_it_is_for_and_nothing_else(room: World) -> None:
    for permission in SINGLE:
        permit(room, permission)
        fill(room, "/box/a.txt", content=SECRET.encode())
        for route, needed in NEEDS.items():
            told = f"{route} with {permission}"
            answer = call(room, "subuser", route)
            asked = room.calls()
            if permission == needed and not ALSO.get(route):
                assert answer.status_code not in (401, 403, 500), told
            else:
                assert answer.status_code == 403, told
                assert asked == [], told
                assert SECRET not in answer.text, told


def test_nothing_is_told_in_passing_that_needs_another_permission(room: World) -> None:
    fits = {"name": packed(HIDDEN[:5]), "q": HIDDEN[:5]}, {"all": "0" * 16, "q": ""}
    for permission in set(NEEDS.values()):
        permit(room, permission)
        for route in (route for route, needed in NEEDS.items() if needed == permission):
            fill(room, "/box/a.txt", content=SECRET.encode())
            for more in ({}, *fits):
                answer = call(room, "subuser", route, **more)
                assert permission == CONTENT or SECRET not in answer.text, f"{route} with {permission}"
                assert permission == READ or HIDDEN not in answer.text, f"{route} with {permission}"


@pytest.mark.parametrize("route", ["archive", "delete", "move"])
def test_names_cannot_be_guessed_by_choosing_all_that_fit(room: World, route: str) -> None:
    """ "All that fit" as one who saw nothing would have it: whether something fits must make no difference."""
    permit(room, ARCHIVE, UPDATE, DELETE)
    nothing = names_version(())
    room.calls()
    answers = [
        call(room, "subuser", f"POST {route}", all=nothing, q=q, target="/", directory="/box")
        for q in (HIDDEN[:5], "no such name")
    ]
    assert answers[0].status_code == answers[1].status_code == 403
    assert file_calls(room) == []


def test_the_owner_may_do_everything(room: World) -> None:
    for route in NEEDS:
        fill(room, "/box/a.txt", content=SECRET.encode())
        answer = call(room, "owner", route)
        assert answer.status_code not in (401, 403, 500), route


def test_a_stranger_finds_nothing_and_asks_the_panel_nothing(room: World) -> None:
    room.browser("owner").get(root(room))
    room.calls()
    before = held(room, "/box")
    for route in NEEDS:
        answer = call(room, "stranger", route)
        assert answer.status_code == 404, route
        assert file_calls(room) == [], route
    assert held(room, "/box") == before


def test_a_permission_that_was_taken_away_a_moment_ago_counts_at_once_for_changes(room: World) -> None:
    """Rights older than a minute are read again before anything is changed."""
    permit(room, READ, DELETE)
    room.clock.advance(61)
    share = next(one for one in room.demo.world.servers if one.name == SERVER).subusers
    share[0].permissions[:] = [READ]

    assert call(room, "subuser", "POST delete").status_code == 403
    assert "a.txt" in held(room, "/box")


HANDED_OUT = ("edit", "edit/text", "versions", "versions/1", "versions/1/compared", "download")


def test_what_was_taken_away_hours_ago_hands_out_no_contents(room: World) -> None:
    """Nobody was there to read the rights again: with the service key nothing else stands between."""
    with room.app.app_context():
        versions.keep(1, row_of(room, SERVER).uuid, "/box/a.txt", SECRET.encode(), is_before=False)
    for path in HANDED_OUT:
        permit(room, READ, CONTENT)
        share_of(room, SERVER).permissions[:] = [READ]
        room.clock.advance(3600)
        answer = call(room, "subuser", f"GET {path}")
        assert answer.status_code == 403, path
        assert SECRET not in answer.text, path
        assert file_calls(room) == [], path


# ---- What is not allowed is not shown ----

PLACES = ("GET", "GET list", "GET entry", "GET search")
GETS = re.compile(r'(?:href|hx-get)="([^"]*)"')
POSTS = re.compile(r'(?:formaction|hx-post|method="post"[^>]* action|action)="([^"]*)"')


def shown(world: World, who: str) -> set[str]:
    """The routes that the pages of a folder and of its entries lead to."""
    found: set[str] = set()
    pages = [call(world, who, place, q="") for place in PLACES]
    pages += [call(world, who, "GET entry", file=file) for file in ("/box/folder", "/box/pack.zip")]
    for answer in pages:
        assert answer.status_code == 200
        for pattern, method in ((GETS, "GET"), (POSTS, "POST")):
            for address in pattern.findall(answer.text):
                path = unescape(address).partition("?")[0]
                name = f"{method} {path.removeprefix(root(world)).lstrip('/')}".strip()
                if path.startswith(root(world)) and name in NEEDS:
                    found.add(name)
    return found


def test_pages_lead_only_to_what_this_person_may_do(room: World) -> None:
    fill(room, "/box/folder/", "/box/pack.zip")
    for permission in SINGLE:
        permit(room, READ, permission)
        for route in shown(room, "subuser"):
            assert {NEEDS[route], *ALSO.get(route, ())} <= {READ, permission}, f"{route} with {permission}"


def test_the_owner_finds_everything_from_the_pages(room: World) -> None:
    fill(room, "/box/folder/", "/box/pack.zip")

    found = shown(room, "owner")

    asked = {f"GET {name}" for name in ("new-folder", "new-file", "rename", "move", "delete", "permissions", "pull",
                                        "unarchive", "upload", "download", "edit", "versions", "search")}  # fmt: skip
    done = {f"POST {name}" for name in ("copy", "archive", "move/ask", "delete/ask", "permissions/ask")}
    assert asked | done <= found


def test_downloading_a_selection_needs_to_archive_and_to_read(room: World) -> None:
    page = root(room) + "/archive?download=1"
    for permissions, is_shown in (((READ, ARCHIVE), False), ((READ, ARCHIVE, CONTENT), True)):
        permit(room, *permissions)
        assert (page in call(room, "subuser", "GET list", q="").text) is is_shown
    permit(room, ARCHIVE)
    answer = room.browser("subuser").post(page, data=FIELDS, headers=HTMX)
    assert answer.status_code == 403
    assert file_calls(room) == []
