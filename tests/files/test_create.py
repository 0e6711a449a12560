"""New folders and new, empty files: nothing that is there is touched, and what came of it is looked at."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.files.acting import Lost, Said, ask, changed, disk, file_calls, fill, held, node_error, permit, post, root
from tests.servers.support import audit_of, said


def size(world: World, name: str) -> int:
    return disk(world).entry(disk(world).place(name)).size


def test_a_folder_is_made(world: World) -> None:
    fill(world, "/box/")

    answer = post(world, "new-folder", directory="/box", new_name="maps & more")

    assert "maps & more : the folder was made." in said(answer.text)
    assert changed(answer) == ("/box", "maps & more")
    assert held(world, "/box") == {"maps & more"}
    assert file_calls(world) == ["GET list", "POST create-folder", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: maps & more")]


def test_an_empty_file_is_made_although_the_node_refuses_to_write_one(world: World) -> None:
    fill(world, "/box/")

    answer = post(world, "new-file", directory="/box", new_name="notes.txt")

    assert "notes.txt : the file was made, with nothing in it." in said(answer.text)
    assert size(world, "/box/notes.txt") == 0
    assert file_calls(world) == ["GET list", "GET upload", "GET list"]


@pytest.mark.parametrize(
    ("act", "taken"), [("new-file", "a"), ("new-file", "dir"), ("new-folder", "a"), ("new-folder", "dir")]
)
def test_what_is_there_already_stays_as_it_is(act: str, taken: str, world: World) -> None:
    fill(world, "/box/a", "/box/dir/", content=b"precious")

    answer = post(world, act, directory="/box", new_name=taken)

    assert answer.status_code == 422
    kind = "folder" if taken == "dir" else "file"
    assert f"There is already a {kind} with this name." in said(answer.text)
    assert f'value="{taken}"' in answer.text
    assert file_calls(world) == ["GET list"]
    assert size(world, "/box/a") == len(b"precious")


def test_no_empty_file_is_made_when_nobody_can_see_what_it_would_replace(world: World) -> None:
    fill(world, "/box/a", content=b"precious")
    Lost(world, lambda method, path: path.endswith("/files/list"))

    answer = post(world, "new-file", directory="/box", new_name="a")

    assert answer.status_code == 422
    assert size(world, "/box/a") == len(b"precious")
    assert not [call for call in file_calls(world) if "upload" in call]


def test_a_folder_that_cannot_be_read_gets_no_empty_file(world: World) -> None:
    answer = post(world, "new-file", directory="/no such folder", new_name="a")

    assert answer.status_code == 422
    assert "The folder is not there, or cannot be read just now." in said(answer.text)
    assert "no such folder" not in held(world)


def test_folders_on_the_way_are_made_too(world: World) -> None:
    """As uploads of whole trees need it for their empty folders."""
    answer = post(world, "new-folder", directory="/tree/of", new_name="folders")

    assert answer.status_code == 200
    assert held(world, "/tree/of") == {"folders"}


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "../a", "a\nb", "\x00", "\x7f", "é" * 128])
@pytest.mark.parametrize("act", ["new-file", "new-folder"])
def test_what_is_no_name_is_refused_before_anything_is_asked(act: str, name: str, own_world: World) -> None:
    answer = post(own_world, act, new_name=name)

    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert file_calls(own_world) == []


def test_a_name_that_the_library_does_not_send_is_refused(own_world: World) -> None:
    answer = post(own_world, "new-file", new_name=" .. ")

    assert answer.status_code == 422
    assert "A file of this name cannot be made." in said(answer.text)


@pytest.mark.parametrize("name", ["%2e%2e", "a b ", "#", "üñ", "שלום", "🐉", "'\"", "\\", "a" * 255])
@pytest.mark.parametrize("act", ["new-file", "new-folder"])
def test_names_of_every_kind_come_out_as_they_were_typed(act: str, name: str, own_world: World) -> None:
    fill(own_world, "/box/")

    post(own_world, act, directory="/box", new_name=name)

    assert held(own_world, "/box") == {name}


def test_a_refusal_of_the_node_keeps_what_was_typed(world: World) -> None:
    fill(world, "/box/")
    Said(world, lambda path, body: path.endswith("/create-folder"), *node_error(400, "The disk is full"))

    answer = post(world, "new-folder", directory="/box", new_name="maps")

    assert answer.status_code == 422
    assert "refused: The disk is full" in said(answer.text)
    assert 'value="maps"' in answer.text
    assert audit_of(world, "file.") == [("refused", "NodeRefused: /box: maps")]


def test_an_answer_that_got_lost_is_found_out_by_looking(world: World) -> None:
    fill(world, "/box/")
    Lost(world, lambda method, path: path.endswith("/create-folder"))

    assert "the folder was made." in said(post(world, "new-folder", directory="/box", new_name="maps").text)


def test_a_folder_can_be_made_without_seeing_it(world: World) -> None:
    permit(world, "file.create")

    answer = post(world, "new-folder", who="subuser", new_name="blind")

    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert "blind" in held(world)


def test_an_empty_file_needs_the_right_to_look(world: World) -> None:
    """It could empty what is there."""
    permit(world, "file.create")

    answer = post(world, "new-file", who="subuser", new_name="blind")

    assert answer.status_code == 403
    assert "file.read" in answer.text
    assert world.calls() == []


def test_a_script_is_told_in_its_own_language(world: World) -> None:
    fill(world, "/box/")
    browser = world.browser("owner")
    form = {"directory": "/box", "new_name": "empty"}

    made = browser.post(f"{root(world)}/new-folder", data=form, headers={"Accept": "application/json"})
    again = browser.post(f"{root(world)}/new-folder", data=form, headers={"Accept": "application/json"})

    assert made.json == {"files": [{"name": "empty", "state": "done", "why": ""}]}
    assert (again.status_code, again.json) == (422, {"error": "There is already a folder with this name."})


def test_without_script_question_refusal_and_answer_are_pages(world: World) -> None:
    fill(world, "/box/", "/box/taken")

    page = ask(world, "new-file", directory="/box", script=False)
    assert '<h1 id="dialog-title">New file</h1>' in page
    assert file_calls(world) == []
    refused = post(world, "new-file", directory="/box", script=False, new_name="taken")
    assert refused.status_code == 422
    assert "<!doctype html>" in refused.text
    done = post(world, "new-file", directory="/box", script=False, new_name="free")
    assert "free : the file was made" in said(done.text)
    assert f'href="{root(world)}?directory=/box"' in done.text
