"""Deleting: asked with the names, done in one call, told for each file by what is there afterwards."""

from __future__ import annotations

import re
from html import unescape

from requests.exceptions import ConnectionError as Refused

from portal.demo.link import Fault
from portal.files.attempts import MOST_SINGLE
from tests.conftest import World
from tests.files.acting import (
    SERVER,
    Lost,
    Said,
    ask,
    changed,
    disk,
    file_calls,
    fill,
    held,
    node_error,
    permit,
    post,
    root,
)
from tests.files.text_support import Editor
from tests.servers.support import HTMX, audit_of, said


def test_files_and_folders_go_in_one_call_and_the_folder_is_looked_at_after(world: World) -> None:
    fill(world, "/box/a.txt", "/box/b b.txt", "/box/deep/er/c", "/box/stays")

    answer = post(world, "delete", "a.txt", "b b.txt", "deep", directory="/box")

    assert held(world, "/box") == {"stays"}
    assert "3 of 3 were deleted." in said(answer.text)
    assert changed(answer) == ("/box", "")
    assert answer.headers["HX-Retarget"] == "#notices"
    assert file_calls(world) == ["GET list", "POST delete", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: a.txt, b b.txt, deep")]


def test_what_is_not_there_any_more_is_said_although_the_node_says_yes(world: World) -> None:
    fill(world, "/box/a.txt")

    answer = post(world, "delete", "a.txt", "gone.txt", directory="/box")

    assert "1 of 2 were deleted. gone.txt (not there): There is no such file any more." in said(answer.text)
    assert 'class="band warn' in answer.text


def test_one_that_cannot_be_deleted_hides_and_loses_nothing_of_the_rest(world: World) -> None:
    """The node stops at the first that it cannot delete; the others are deleted one by one."""
    fill(world, "/box/a", "/box/stuck", "/box/z")
    Said(world, lambda path, body: path.endswith("/delete") and b"stuck" in body, *node_error(400, "It is in use"))

    answer = post(world, "delete", "a", "stuck", "z", directory="/box")

    assert held(world, "/box") == {"stuck"}
    assert "2 of 3 were deleted. stuck (not done): The machine that runs this server refused: It is in use" in said(
        answer.text
    )
    assert file_calls(world) == ["GET list", "POST delete", "GET list"] + ["POST delete"] * 3 + ["GET list"]


def test_no_more_than_a_few_are_tried_one_by_one_and_the_rest_is_named(own_world: World) -> None:
    names = [f"f{number:02}" for number in range(MOST_SINGLE + 2)]
    fill(own_world, *(f"/box/{name}" for name in names))
    Said(own_world, lambda path, body: path.endswith("/delete") and b"f00" in body, *node_error(400, "No"))

    answer = post(own_world, "delete", *names, directory="/box")

    assert held(own_world, "/box") == {"f00", names[-2], names[-1]}
    told = f"2 not done: Not tried: this is done for at most 50 files in one go. {names[-2]} {names[-1]}"
    assert told in said(answer.text)


def test_an_answer_that_got_lost_is_found_out_by_looking(world: World) -> None:
    fill(world, "/box/a")
    Lost(world, lambda method, path: path.endswith("/delete"))

    answer = post(world, "delete", "a", directory="/box")

    assert "a : was deleted." in said(answer.text)
    assert file_calls(world) == ["GET list", "POST delete", "GET list"]
    assert audit_of(world, "file.") == [("unknown", "/box: a")]


def test_what_may_still_be_going_on_is_not_called_failed(world: World) -> None:
    fill(world, "/box/a")
    Lost(world, lambda method, path: path.endswith("/delete"), happens=False)

    answer = post(world, "delete", "a", directory="/box")

    assert "Whether it was done is not known" in said(answer.text)
    assert 'class="band warn' in answer.text


def test_when_nobody_can_look_afterwards_it_is_unknown(world: World) -> None:
    fill(world, "/box/a", "/box/b")
    lists = iter([False, *[True] * 9])
    Lost(world, lambda method, path: path.endswith("/files/list") and next(lists))

    answer = post(world, "delete", "a", "b", directory="/box")

    assert "0 of 2 were deleted." in said(answer.text)
    assert "2 not known: The folder cannot be read just now" in said(answer.text)
    assert held(world, "/box") == set()


def test_a_panel_that_cannot_be_reached_is_told_and_nothing_else_is_tried(world: World) -> None:
    fill(world, "/box/a", "/box/b")
    world.browser("owner").get(root(world))
    world.calls()

    def down(*_: object) -> list[bytes]:
        raise Refused

    world.adapter.app = down
    answer = post(world, "delete", "a", "b", directory="/box")

    assert answer.status_code == 503
    assert held(world, "/box") == {"a", "b"}
    assert not [call for call in file_calls(world) if call.startswith("POST")]


def test_the_question_lists_the_first_names_and_counts_the_rest(world: World) -> None:
    names = [f"n{number:02}" for number in range(25)]
    fill(world, *(f"/box/{name}" for name in names), "/box/folder/")

    answer = post(world, "delete/ask", *names, "folder", directory="/box")

    told = said(answer.text)
    assert "These 26 are deleted:" in told
    assert "n19 and 6 more" in told
    assert "n20" not in told
    assert "1 of them is a folder: it is deleted with everything in it." in told
    assert held(world, "/box") == {*names, "folder"}


def test_the_question_about_a_folder_says_that_all_in_it_goes(world: World) -> None:
    fill(world, "/box/deep/", "/box/file")

    assert "The folder is deleted with everything in it." in said(ask(world, "delete", "deep", directory="/box"))
    assert "folder" not in said(ask(world, "delete", "file", directory="/box"))


def test_everything_that_fits_a_filter_goes_but_not_what_came_since(world: World) -> None:
    fill(world, "/box/a.log", "/box/b.log", "/box/keep.txt")
    browser = world.browser("owner")
    page = browser.get(f"{root(world)}/list", query_string={"directory": "/box", "q": ".log"}, headers=HTMX).text
    version = page.partition('name="all" value="')[2].partition('"')[0]
    fields = {"all": version, "q": ".log"}

    asked = post(world, "delete/ask", directory="/box", **fields)
    assert "These 2 are deleted: a.log b.log" in said(asked.text)
    assert f'name="all" value="{version}"' in asked.text
    fill(world, "/box/c.log")
    refused = post(world, "delete", directory="/box", **fields)
    assert refused.status_code == 409
    assert held(world, "/box") == {"a.log", "b.log", "c.log", "keep.txt"}
    disk(world).delete("/box/c.log")
    post(world, "delete", directory="/box", **fields)
    assert held(world, "/box") == {"keep.txt"}


def test_the_names_of_a_filter_are_not_told_to_who_may_not_see_them(world: World) -> None:
    permit(world, "file.delete")

    for act in ("delete/ask", "delete"):
        assert post(world, act, who="subuser", all="0" * 16, q="").status_code == 403
    assert world.calls() == []


def test_without_seeing_the_folder_it_is_done_but_not_known(world: World) -> None:
    fill(world, "/box/a")
    permit(world, "file.delete")

    answer = post(world, "delete", "a", directory="/box", who="subuser")

    assert file_calls(world) == ["POST delete"]
    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert held(world, "/box") == set()


def test_without_script_question_and_answer_are_pages(world: World) -> None:
    fill(world, "/box/a")

    page = ask(world, "delete", "a", directory="/box", script=False)
    assert '<h1 id="dialog-title">Delete <bdi>a</bdi></h1>' in page
    assert file_calls(world) == []
    done = post(world, "delete", "a", directory="/box", script=False)
    assert done.status_code == 200
    assert "a : was deleted." in said(done.text)
    assert f'href="{root(world)}?directory=/box"' in done.text


def test_thousands_of_names_are_taken(own_world: World) -> None:
    names = [f"a rather long name of a file, number {number}" for number in range(4000)]

    answer = post(own_world, "delete/ask", *names)

    assert "and 3980 more" in said(answer.text)


def test_nothing_chosen_is_said(world: World) -> None:
    answer = post(world, "delete/ask")

    assert answer.status_code == 422
    assert "Select something first." in said(answer.text)
    assert file_calls(world) == []


def test_a_reason_that_many_files_share_is_said_once(world: World) -> None:
    folders = [f"/box/folder-{number:02}/" for number in range(14)]
    fill(world, *folders, "/box/a.txt")
    names = [one.split("/")[2] for one in folders]

    answer = post(world, "copy", *names, "a.txt", "gone.txt", directory="/box")

    told = said(answer.text)
    assert told.count("Folders cannot be copied.") == 1
    assert "14 not done: Folders cannot be copied." in told
    assert all(name in told for name in names)
    assert "gone.txt (not there): There is no such file any more." in told


# ---- Texts whose earlier versions are kept ----


def keep(world: World, *files: str) -> None:
    """Texts that were saved through Roost."""
    editor = Editor(world, SERVER)
    for file in files:
        editor.put(b"one\n", file)
        editor.edit("two\n", file)
    world.calls()


def links(text: str) -> list[str]:
    """Where the links of a notice lead."""
    return [unescape(one) for one in re.findall(r'href="([^"]*)"', text)]


def test_the_question_says_that_earlier_versions_of_texts_are_kept(world: World) -> None:
    fill(world, "/box/a.txt")

    assert "Earlier versions of texts saved here are kept" in said(ask(world, "delete", "a.txt", directory="/box"))


def test_a_deleted_text_leads_to_its_earlier_versions(own_world: World) -> None:
    keep(own_world, "/box/a.yml")
    fill(own_world, "/box/other.txt")

    answer = post(own_world, "delete", "a.yml", directory="/box")

    assert "Earlier versions are kept" in said(answer.text)
    page = f"{root(own_world)}/versions?file=/box/a.yml"
    assert page in links(answer.text)
    assert own_world.browser("owner").get(page).text.count("/files/versions/") == 2
    assert "Earlier versions" not in post(own_world, "delete", "other.txt", directory="/box").text


def test_several_deleted_texts_lead_to_all_of_their_folder(own_world: World) -> None:
    keep(own_world, "/box/a.yml", "/box/deep/er/b.yml", "/box/stays.yml", "/boxes/c.yml")

    answer = post(own_world, "delete", "a.yml", "deep", directory="/box")

    page = f"{root(own_world)}/deleted?directory=/box"
    assert page in links(answer.text)
    found = links(own_world.browser("owner").get(page, headers=HTMX).text)
    assert [one.partition("file=")[2] for one in found if "/versions?" in one] == ["/box/a.yml", "/box/deep/er/b.yml"]


def test_deleted_texts_are_found_from_the_folder_also_when_that_is_gone(own_world: World) -> None:
    keep(own_world, "/box/a.yml", "/box/b.yml")
    browser = own_world.browser("owner")
    assert f"{root(own_world)}/deleted?directory=/box" in links(browser.get(f"{root(own_world)}?directory=/box").text)
    page = f"{root(own_world)}/deleted?directory=/box&now=1"
    assert "No version is kept of any text that was deleted" in said(browser.get(page).text)

    disk(own_world).delete("/box")

    assert "/box/a.yml" in said(browser.get(page).text)
    assert "/box/b.yml" in said(browser.get(f"{root(own_world)}/deleted?now=1").text)


def test_deleted_texts_do_not_make_the_page_wait_and_a_failed_read_is_no_empty_list(own_world: World) -> None:
    keep(own_world, "/box/a.yml")
    browser = own_world.browser("owner")
    shell = browser.get(f"{root(own_world)}/deleted?directory=/box").text
    assert file_calls(own_world) == []
    assert 'http-equiv="refresh"' in shell
    own_world.demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    for answer in (
        browser.get(f"{root(own_world)}/deleted?now=1"),
        browser.get(f"{root(own_world)}/deleted", headers=HTMX),
    ):
        assert "This folder could not be read" in answer.text
        assert "No version is kept" not in answer.text


def test_versions_are_not_told_of_to_who_may_not_read_texts(own_world: World) -> None:
    keep(own_world, "/box/a.yml")
    permit(own_world, "file.read", "file.delete")

    answer = post(own_world, "delete", "a.yml", directory="/box", who="subuser")

    assert "was deleted" in said(answer.text)
    assert "Earlier versions" not in answer.text
