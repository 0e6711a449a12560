"""A folder that the node cannot read just now is not a folder in which nothing is: nothing is changed blindly."""

from __future__ import annotations

import pytest

from portal.files.paths import packed
from tests.conftest import World
from tests.files.acting import disk, file_calls, fill, post, root
from tests.files.text_support import refuse

ACTS = [
    ("rename", [], {"name": packed("a.txt"), "new_name": "b.txt"}),
    ("move", ["a.txt"], {"target": "/full"}),
    ("new-file", [], {"new_name": "b.txt"}),
    ("new-folder", [], {"new_name": "b.txt"}),
]


@pytest.mark.parametrize(("act", "names", "fields"), ACTS)
def test_nothing_is_changed_while_a_folder_cannot_be_read(
    act: str, names: list[str], fields: dict[str, str], own_world: World
) -> None:
    fill(own_world, "box/a.txt", "full/a.txt")
    own_world.browser("owner").get(root(own_world).removesuffix("/files"))
    refuse(own_world, "/files/list", status=500, code="DaemonConnectionException", effect="before")
    own_world.calls()
    answer = post(own_world, act, *names, directory="/box", **fields)

    assert answer.status_code in (409, 422, 503), answer.text
    assert [call for call in file_calls(own_world) if not call.startswith("GET list")] == []
    assert {one.name for one in disk(own_world).listed("/full")} == {"a.txt"}


@pytest.mark.parametrize(("act", "names", "fields"), ACTS)
def test_a_folder_is_read_again_when_the_one_above_says_that_it_is_there(
    act: str, names: list[str], fields: dict[str, str], own_world: World
) -> None:
    """What is there already is seen then: nothing is done as if the folder were empty."""
    fill(own_world, "box/a.txt", "box/b.txt", "full/a.txt")
    refuse(own_world, "/files/list", times=2, status=500, code="DaemonConnectionException", effect="before")
    own_world.calls()
    answer = post(own_world, act, *names, directory="/box", **fields)

    assert answer.status_code in (409, 422), answer.text
    assert [call for call in file_calls(own_world) if not call.startswith("GET list")] == []
    assert {one.name for one in disk(own_world).listed("/box")} == {"a.txt", "b.txt"}
    assert {one.name for one in disk(own_world).listed("/full")} == {"a.txt"}


def test_a_folder_that_is_gone_is_still_said_to_be_gone(own_world: World) -> None:
    for directory in ("/no", "/no/such/folder"):
        answer = own_world.browser("owner").get(root(own_world), query_string={"directory": directory, "now": 1})
        assert answer.status_code == 404


def test_a_folder_that_cannot_be_read_is_not_said_to_be_gone(own_world: World) -> None:
    fill(own_world, "box/in/a.txt")
    refuse(own_world, "/files/list", status=500, code="DaemonConnectionException", effect="before")
    for directory in ("/box", "/box/in", "/never"):
        answer = own_world.browser("owner").get(root(own_world), query_string={"directory": directory, "now": 1})
        assert answer.status_code == 200
        assert "Try again" in answer.text
    calls = [call for call in file_calls(own_world) if call.startswith("GET list")]
    assert len(calls) <= 2 * (2 + 3 + 2)
