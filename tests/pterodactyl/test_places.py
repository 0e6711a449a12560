"""Each place of each recorded answer, taken away or of the wrong type: the error names exactly that place."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.pterodactyl.app_routes import ROUTES as APP_ROUTES
from tests.pterodactyl.app_routes import matched as app_matched
from tests.pterodactyl.places import Case, Keys, at, cases, removed, replaced, spelt, walk, wrong
from tests.pterodactyl.routes import ROUTES, matched
from tests.support.replay import needs_recordings

pytestmark = needs_recordings

CASES = [pytest.param(case, id=case.name) for case in cases()]


def _places(case: Case) -> list[Keys]:
    """All places, but of long lists only the first and the last entry."""
    found = list(walk(case.step.json))
    return [
        keys
        for keys in found
        if all(
            not isinstance(key, int) or key in (0, len(at(case.step.json, keys[:index])) - 1)
            for index, key in enumerate(keys)
        )
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_field_that_is_missing_is_named(case: Case) -> None:
    whole, fault = case.outcome(case.step.json)
    assert fault is None
    seen: Counter[str] = Counter()
    for keys in _places(case):
        if isinstance(keys[-1], int):
            continue
        place = spelt(keys)
        found, path = case.outcome(removed(case.step.json, keys))
        seen[_judged(case, found, path, whole, place)] += 1
    assert seen["named"] >= 2  # as few as that only in an empty list


@pytest.mark.parametrize("case", CASES)
def test_a_value_of_the_wrong_type_is_named(case: Case) -> None:
    whole, _ = case.outcome(case.step.json)
    seen: Counter[str] = Counter()
    for keys in _places(case):
        place = spelt(keys)
        found, path = case.outcome(replaced(case.step.json, keys, wrong(at(case.step.json, keys))))
        seen[_judged(case, found, path, whole, place)] += 1
    assert seen["named"] >= 2  # as few as that only in an empty list


def _judged(case: Case, found: object, path: str | None, whole: object, place: str) -> str:
    if path is not None:
        assert path == place
        return "named"
    if found == whole:
        return "unread"
    assert case.may_differ(place), place
    return "other"


def test_of_the_client_api_nearly_nothing_is_left_unread() -> None:
    """Links are never followed, a batch is always null, and what is withheld has no attributes."""
    unread = set()
    for param in CASES:
        case = param.values[0]
        if case.step.path.startswith("/api/application"):
            continue
        whole, _ = case.outcome(case.step.json)
        for keys in _places(case):
            found, path = case.outcome(replaced(case.step.json, keys, wrong(at(case.step.json, keys))))
            if path is None and found == whole:
                unread.add(keys[-1])
    assert unread == {"links", "next", "previous", "batch", "attributes"}


def test_of_the_application_api_nothing_is_left_unread_but_this() -> None:
    """Links are never followed; of the rest, what is said twice, or is of no use to anybody who asks."""
    unread = set()
    for param in CASES:
        case = param.values[0]
        if not case.step.path.startswith("/api/application"):
            continue
        whole, _ = case.outcome(case.step.json)
        for keys in _places(case):
            found, path = case.outcome(replaced(case.step.json, keys, wrong(at(case.step.json, keys))))
            if path is None and found == whole:
                place = re.sub(r"\[\d+\]", "", spelt(keys)).split("relationships.")[-1]
                above, _, name = place.rpartition("attributes.")
                unread.add(f"{above}{name}" if above.startswith("variables") else name)
    unread = {place for place in unread if not place.startswith("container.environment.")}
    assert unread == UNREAD


UNREAD = {
    "meta", "meta.resource", "meta.pagination.links", "meta.pagination.links.next",
    "mounts", "container.installed", "variables.data.created_at", "variables.data.updated_at",
}  # fmt: skip


def test_every_application_route_that_answers_with_something_is_among_them() -> None:
    found = [app_matched(param.values[0].step.method, param.values[0].step.path.split("?")[0]) for param in CASES]
    silent = {
        *(route for route in APP_ROUTES if route.startswith("DELETE")),
        *(f"POST /servers/{{server}}/{act}" for act in ("suspend", "unsuspend", "reinstall")),
        "POST /servers/{server}/databases/{database}/reset-password",
        "POST /nodes/{node}/allocations",
        "GET /nodes/deployable",  # never recorded
    }
    assert {one[0] for one in found if one} == set(APP_ROUTES) - silent


def test_every_route_that_answers_with_something_is_among_them() -> None:
    there = set()
    for param in CASES:
        step = param.values[0].step
        if not step.path.startswith("/api/client"):
            continue
        found = matched(step.method, step.path.split("?")[0])
        if found:
            there.add(found[0])
    silent = {
        "GET /servers/{server}/files/contents",  # bytes
        *(route for route in ROUTES if route.startswith("DELETE")),
        *(f"PUT /{rest}" for rest in ("account/email", "account/password", "servers/{server}/files/rename",
                                      "servers/{server}/settings/docker-image")),
        *(f"POST /servers/{{server}}/{rest}" for rest in (
            "command", "power", "files/copy", "files/write", "files/decompress", "files/delete",
            "files/create-folder", "files/chmod", "files/pull", "schedules/{schedule}/execute",
            "backups/{backup}/restore", "settings/rename", "settings/reinstall",
        )),
        "POST /account/two-factor/disable", "POST /account/ssh-keys/remove",
    }  # fmt: skip
    assert there == set(ROUTES) - silent
