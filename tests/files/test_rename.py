"""Renaming one file or folder: never over another one, and what came of it is looked at."""

from __future__ import annotations

import pytest

from portal.files.text import versions
from tests.conftest import World
from tests.files.acting import Lost, Said, ask, changed, file_calls, fill, held, node_error, permit, post
from tests.servers.support import audit_of, said


def test_a_file_gets_another_name(world: World) -> None:
    fill(world, "/box/old.txt")

    answer = post(world, "rename", "old.txt", directory="/box", new_name="new name.txt")

    assert "old.txt : is now called new name.txt ." in said(answer.text)
    assert changed(answer) == ("/box", "new name.txt")
    assert held(world, "/box") == {"new name.txt"}
    assert file_calls(world) == ["GET list", "PUT rename", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: old.txt")]


def test_a_folder_gets_another_name_with_all_that_is_in_it(world: World) -> None:
    fill(world, "/box/dir/a")

    post(world, "rename", "dir", directory="/box", new_name="other")

    assert held(world, "/box/other") == {"a"}


def test_letters_may_change_their_size(world: World) -> None:
    fill(world, "/box/readme")

    post(world, "rename", "readme", directory="/box", new_name="README")

    assert held(world, "/box") == {"README"}


def test_another_file_is_never_replaced(world: World) -> None:
    fill(world, "/box/a", "/box/b")

    answer = post(world, "rename", "a", directory="/box", new_name="b")

    assert answer.status_code == 422
    assert "There is already something with this name." in said(answer.text)
    assert 'value="b"' in answer.text
    assert file_calls(world) == ["GET list"]
    assert held(world, "/box") == {"a", "b"}


def test_the_same_name_changes_nothing(world: World) -> None:
    assert "That is its name already." in said(post(world, "rename", "a", new_name="a").text)
    assert file_calls(world) == []


def test_what_is_not_there_any_more_is_said_although_the_node_would_say_yes(world: World) -> None:
    fill(world, "/box/")

    answer = post(world, "rename", "gone", directory="/box", new_name="b")

    assert "gone : There is no such file any more." in said(answer.text)
    assert file_calls(world) == ["GET list"]


def test_a_refusal_of_the_node_is_told_in_its_words(world: World) -> None:
    fill(world, "/box/a")
    Said(world, lambda path, body: path.endswith("/rename"), *node_error(403, "This file cannot be modified"))

    answer = post(world, "rename", "a", directory="/box", new_name="b")

    assert answer.status_code == 422
    assert "refused: This file cannot be modified" in said(answer.text)


def test_an_error_without_words_is_failed_when_nothing_changed(world: World) -> None:
    fill(world, "/box/a")
    status, body = "500 Said", b'{"errors":[{"code":"DaemonConnectionException","status":"500","detail":"No."}]}'
    Said(world, lambda path, _body: path.endswith("/rename"), status, body)

    answer = post(world, "rename", "a", directory="/box", new_name="b")

    assert "The node could not do it, and does not say why." in said(answer.text)


def test_an_answer_that_got_lost_is_found_out_by_looking(world: World) -> None:
    fill(world, "/box/a")
    Lost(world, lambda method, path: path.endswith("/rename"))

    assert "is now called b" in said(post(world, "rename", "a", directory="/box", new_name="b").text)


@pytest.mark.parametrize("name", ["", "..", "a/b", "../up", "a\rb"])
def test_what_is_no_name_is_refused_before_anything_is_asked(name: str, own_world: World) -> None:
    answer = post(own_world, "rename", "a", new_name=name)

    assert answer.status_code == 422
    assert file_calls(own_world) == []


@pytest.mark.parametrize("name", [" ..", "  ", ". ", "a ", " a", "%2e%2e", "%2F", "a\nb", "🐉", "\\..\\", "-rf", "*"])
@pytest.mark.parametrize("directory", ["/", "/box"])
def test_a_file_of_any_name_can_be_renamed_and_back_and_deleted(name: str, directory: str, own_world: World) -> None:
    before = held(own_world)
    fill(own_world, f"{directory.rstrip('/')}/{name}")

    assert "is now called plain" in said(post(own_world, "rename", name, directory=directory, new_name="plain").text)
    fill(own_world, f"{directory.rstrip('/')}/{name}")
    assert "was deleted." in said(post(own_world, "delete", name, directory=directory).text)
    assert held(own_world, directory) - before == {"plain"}


def test_earlier_versions_go_with_the_file(world: World) -> None:
    fill(world, "/box/dir/a.txt", content=b"one")
    uuid = next(one.uuid for one in world.demo.world.servers if one.name == "Hardcore Week 42")
    with world.app.app_context():
        versions.keep(1, uuid, "/box/dir/a.txt", b"one", is_before=True)

    post(world, "rename", "dir", directory="/box", new_name="other")
    post(world, "rename", "a.txt", directory="/box/other", new_name="b.txt")

    with world.app.app_context():
        assert len(versions.of(uuid, "/box/other/b.txt")) == 1
        assert not versions.of(uuid, "/box/dir/a.txt")


def test_one_name_at_a_time(own_world: World) -> None:
    assert post(own_world, "rename", "a", "b", new_name="c").status_code == 422
    assert post(own_world, "rename", new_name="c").status_code == 422


def test_without_seeing_the_folder_it_is_done_but_not_known(world: World) -> None:
    fill(world, "/box/a")
    permit(world, "file.update")

    answer = post(world, "rename", "a", directory="/box", who="subuser", new_name="b")

    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert held(world, "/box") == {"b"}


def test_the_question_holds_the_name_that_it_has(world: World) -> None:
    fill(world, "/box/a b")

    for script in (True, False):
        assert 'value="a b"' in ask(world, "rename", "a b", directory="/box", script=script)
    assert file_calls(world) == []
