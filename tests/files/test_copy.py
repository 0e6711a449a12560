"""Copying files beside themselves: the node chooses the name, so Roost looks which one it is."""

from __future__ import annotations

import re

import pytest

from portal.files.copying import is_copy_of
from tests.conftest import World
from tests.files.acting import Lost, Said, ask, changed, disk, file_calls, fill, held, node_error, permit, post
from tests.servers.support import audit_of, said


@pytest.mark.parametrize(
    ("name", "copies"),
    [("a.txt", ["a copy.txt", "a copy 1.txt", "a copy 2.txt"]), ("world.tar.gz", ["world copy.tar.gz"]),
     ("plain", ["plain copy"]), (".env", [" copy.env"]), ("a*b(1)", ["a*b(1) copy"])],
)  # fmt: skip
def test_the_copy_is_told_by_the_name_that_the_node_gave_it(name: str, copies: list[str], own_world: World) -> None:
    fill(own_world, f"/box/{name}", content=b"same")

    for made in copies:
        told = said(post(own_world, "copy", name, directory="/box").text)
        assert f"{name} : was copied. The copy is {said(made.replace(' copy.env', '␣copy.env'))} ." in told
    assert held(own_world, "/box") == {name, *copies}


def test_several_files_are_copied_one_by_one(world: World) -> None:
    fill(world, "/box/a.txt", "/box/b.txt")

    answer = post(world, "copy", "a.txt", "b.txt", directory="/box")

    assert "2 of 2 were copied." in said(answer.text)
    assert "a.txt : a copy.txt b.txt : b copy.txt" in said(answer.text)
    assert changed(answer) == ("/box", "")
    assert file_calls(world) == ["GET list", "POST copy", "POST copy", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: a.txt"), ("done", "/box: b.txt")]


def test_folders_and_what_is_gone_are_named_and_not_asked_for(world: World) -> None:
    fill(world, "/box/a.txt", "/box/dir/")

    told = said(post(world, "copy", "dir", "gone", "a.txt", directory="/box").text)

    assert "1 of 3 were copied. dir (not done): Folders cannot be copied." in told
    assert "gone (not there): There is no such file any more." in told
    assert file_calls(world).count("POST copy") == 1


def test_one_that_the_node_refuses_hides_and_loses_nothing_of_the_rest(world: World) -> None:
    fill(world, "/box/a", "/box/denied", "/box/z")
    Said(world, lambda path, body: path.endswith("/copy") and b"denied" in body, *node_error(403, "No"))

    told = said(post(world, "copy", "a", "denied", "z", directory="/box").text)

    assert "2 of 3 were copied. denied (not done): The machine that runs this server refused: No" in told
    assert held(world, "/box") == {"a", "denied", "z", "a copy", "z copy"}


def test_no_more_than_a_few_in_one_go(own_world: World) -> None:
    names = [f"f{number:02}" for number in range(51)]
    fill(own_world, *(f"/box/{name}" for name in names))

    told = said(post(own_world, "copy", *names, directory="/box").text)

    assert "50 of 51 were copied. f50 (not done): Not tried: this is done for at most 50 files in one go." in told
    assert len(held(own_world, "/box")) == 101


def test_a_call_budget_that_ends_midway_leaves_the_rest_named(make_world) -> None:
    world = make_world("own", is_ready=True, client_calls_per_minute=24)
    names = [f"f{number:02}" for number in range(20)]
    fill(world, *(f"/box/{name}" for name in names))
    world.browser("owner").get(f"/servers/{world.server('Hardcore Week 42')}")

    told = said(post(world, "copy", *names, directory="/box").text)

    assert "Not tried: Too much at once." in told
    done = len(held(world, "/box")) - 20
    assert 0 < done < 20
    counts = [int(one) for one in re.findall(r"(\d+) not (?:known|done):", told)]
    assert sum(counts) == 20
    assert f"{counts[-1]} not done: Not tried" in told


def test_an_answer_that_got_lost_is_found_out_by_looking(world: World) -> None:
    fill(world, "/box/a.txt")
    Lost(world, lambda method, path: path.endswith("/copy"))

    assert "The copy is a copy.txt" in said(post(world, "copy", "a.txt", directory="/box").text)


def test_a_copy_that_is_shorter_may_still_be_growing(world: World) -> None:
    fill(world, "/box/a.txt", content=b"all of it")
    Lost(world, lambda method, path: _cut(world, path), happens=False)

    told = said(post(world, "copy", "a.txt", directory="/box").text)

    assert "Whether it was done, or is still going on, cannot be told by looking." in told


def _cut(world: World, path: str) -> bool:
    """The node has begun to copy when the answer gets lost."""
    if path.endswith("/copy"):
        disk(world).write("/box/a copy.txt", [b"all"])
    return path.endswith("/copy")


def test_a_link_may_have_its_copy_elsewhere(world: World) -> None:
    fill(world, "/box/dir/real")
    disk(world).link("/box/link", "dir/real")

    assert "cannot be told by looking" in said(post(world, "copy", "link", directory="/box").text)


def test_without_seeing_the_folder_it_is_done_but_not_known(world: World) -> None:
    fill(world, "/box/a")
    permit(world, "file.create")

    answer = post(world, "copy", "a", directory="/box", who="subuser")

    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert held(world, "/box") == {"a", "a copy"}


def test_a_refusal_is_a_notice_because_no_dialog_asked(world: World) -> None:
    answer = post(world, "copy", "a", directory="/no such folder")

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "The folder is not there" in said(answer.text)


def test_without_script_it_is_asked_and_answered_with_pages(world: World) -> None:
    fill(world, "/box/a")

    assert '<h1 id="dialog-title">Copy <bdi>a</bdi></h1>' in ask(world, "copy", "a", directory="/box", script=False)
    assert "was copied" in said(post(world, "copy", "a", directory="/box", script=False).text)


@pytest.mark.parametrize("other", ["a.txt", "a copy.tx", "b copy.txt", "a copy x.txt", "xa copy.txt", "a copy.txt.bak"])
def test_other_names_are_no_copies(other: str) -> None:
    assert not is_copy_of("a.txt", other)


def test_after_fifty_copies_the_node_takes_the_date() -> None:
    assert is_copy_of("a.txt", "acopy.2024-05-01T12:30:00Z.txt")
