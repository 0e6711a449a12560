"""Moving many files into another folder: what is in the way is named before, the rest is moved, each is looked at."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.files.acting import Lost, Said, ask, changed, file_calls, fill, held, node_error, permit, post
from tests.servers.support import audit_of, said


def test_files_and_folders_are_moved_in_one_call(world: World) -> None:
    fill(world, "/box/a", "/box/dir/in", "/box/stays", "/target/")

    answer = post(world, "move", "a", "dir", directory="/box", target="/target")

    assert "2 of 2 were moved." in said(answer.text)
    assert "directory=/target" in answer.text
    assert changed(answer) == ("/box", "")
    assert (held(world, "/box"), held(world, "/target"), held(world, "/target/dir")) == (
        {"stays"},
        {"a", "dir"},
        {"in"},
    )
    assert file_calls(world) == ["GET list", "GET list", "PUT rename", "GET list", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: a, dir")]


@pytest.mark.parametrize(
    ("directory", "target", "where"),
    [("/box", "..", "/"), ("/box", "deep/er", "/box/deep/er"), ("/box", "../other/", "/other"), ("/", "box", "/box")],
)
def test_a_target_may_be_seen_from_the_folder(directory: str, target: str, where: str, own_world: World) -> None:
    fill(own_world, f"{directory}/a file", "/box/")

    post(own_world, "move", "a file", directory=directory, target=target)

    assert "a file" in held(own_world, where)
    assert "a file" not in held(own_world, directory)


def test_a_folder_that_is_not_there_is_made_and_that_is_said(world: World) -> None:
    fill(world, "/box/a")

    answer = post(world, "move", "a", directory="/box", target="/new/one")

    assert "The folder was not there before; it was made." in said(answer.text)
    assert held(world, "/new/one") == {"a"}


def test_what_is_in_the_way_is_named_and_the_rest_is_moved(world: World) -> None:
    fill(world, "/box/a", "/box/b", "/box/dir/", "/target/b", "/target/dir/")

    answer = post(world, "move", "a", "b", "dir", "gone", directory="/box", target="/target")

    told = said(answer.text)
    assert "1 of 4 were moved." in told
    assert "2 not done: There is already something with this name in that folder. b dir" in told
    assert "gone (not there): There is no such file any more." in told
    assert (held(world, "/box"), held(world, "/target")) == ({"b", "dir"}, {"a", "b", "dir"})


def test_a_folder_is_not_moved_into_itself_but_the_rest_is(world: World) -> None:
    fill(world, "/box/a", "/box/dir/sub/", "/box/dirty")

    answer = post(world, "move", "a", "dir", "dirty", directory="/box", target="/box/dir/sub")

    assert "dir (not done): A folder cannot be moved into itself." in said(answer.text)
    assert held(world, "/box/dir/sub") == {"a", "dirty"}


def test_one_that_the_node_refuses_hides_and_loses_nothing_of_the_rest(world: World) -> None:
    fill(world, "/box/a", "/box/denied", "/box/z", "/target/")
    Said(world, lambda path, body: path.endswith("/rename") and b"denied" in body, *node_error(403, "No"))

    answer = post(world, "move", "a", "denied", "z", directory="/box", target="/target")

    assert (
        "2 of 3 were moved. Open the folder denied (not done): The machine that runs this server refused: No"
        in said(answer.text)
    )
    assert held(world, "/target") == {"a", "z"}


def test_an_answer_that_got_lost_is_found_out_by_looking_and_not_repeated(world: World) -> None:
    fill(world, "/box/a", "/box/b", "/target/")
    Lost(world, lambda method, path: path.endswith("/rename"))

    answer = post(world, "move", "a", "b", directory="/box", target="/target")

    assert "2 of 2 were moved." in said(answer.text)
    assert file_calls(world).count("PUT rename") == 1


def test_what_may_still_be_going_on_is_unknown_and_not_repeated(world: World) -> None:
    fill(world, "/box/a", "/box/b", "/target/")
    Lost(world, lambda method, path: path.endswith("/rename"), happens=False)

    answer = post(world, "move", "a", "b", directory="/box", target="/target")

    assert "2 not known: The panel did not answer in time." in said(answer.text)
    assert file_calls(world).count("PUT rename") == 1


@pytest.mark.parametrize("target", ["", "../..", "/..", "a/../../../b", "a\0b"])
def test_no_target_leads_out_of_the_servers_folder(target: str, own_world: World) -> None:
    fill(own_world, "/box/a")

    answer = post(own_world, "move", "a", directory="/box", target=target)

    assert answer.status_code == 422
    assert file_calls(own_world) == []


@pytest.mark.parametrize("target", ["/box", ".", "/box/", "../box"])
def test_the_same_folder_is_no_target(target: str, own_world: World) -> None:
    answer = post(own_world, "move", "a", directory="/box", target=target)

    assert "They are in this folder already." in said(answer.text)
    assert file_calls(own_world) == []


@pytest.mark.parametrize("name", [" ..", "  ", "a\nb", "%2e%2e", " a "])
def test_a_file_of_any_name_can_be_moved_up_and_down(name: str, own_world: World) -> None:
    fill(own_world, f"/{name}", "/box/")

    post(own_world, "move", name, target="/box")
    assert held(own_world, "/box") == {name}
    post(own_world, "move", name, directory="/box", target="/")
    assert name in held(own_world)


def test_the_question_suggests_folders_near(world: World) -> None:
    fill(world, "/box/a", "/box/in/", "/box/deep/here/a", "/box/deep/here/further/")

    page = ask(world, "move", "a", directory="/box/deep/here")

    suggested = [part.partition('"')[0] for part in page.split('<option value="')[1:]]
    assert suggested == ["/", "/box", "/box/deep", "/box/deep/here", "/box/deep/here/further"]
    assert 'value="/box/deep/here/"' in page


def test_the_question_about_many_lists_them(world: World) -> None:
    answer = post(world, "move/ask", "a", "b", directory="/box", script=False)

    assert "Move a b To the folder" in said(answer.text)
    assert file_calls(world) == []


def test_without_seeing_the_folders_it_is_done_but_not_known(world: World) -> None:
    fill(world, "/box/a", "/target/")
    permit(world, "file.update")

    answer = post(world, "move", "a", directory="/box", target="/target", who="subuser")

    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert held(world, "/target") == {"a"}
    assert file_calls(world) == ["PUT rename"]


def test_without_script_the_answer_is_a_page_with_a_way_back(world: World) -> None:
    fill(world, "/box/a", "/target/")

    answer = post(world, "move", "a", directory="/box", target="/target", script=False)

    assert "a : was moved. Open the folder" in said(answer.text)
    assert "Back to the folder" in answer.text
