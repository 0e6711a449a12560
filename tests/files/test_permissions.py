"""Permissions of files: as a number or as ticks, which agree without script; what came of it is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import World
from tests.files.acting import Lost, Said, ask, changed, disk, file_calls, fill, held, node_error, permit, post, root
from tests.servers.support import HTMX, audit_of, said


def mode(world: World, name: str) -> str:
    return f"{disk(world).entry(disk(world).place(name)).mode & 0o777:o}"


def bits(number: int) -> list[str]:
    return [str(1 << place) for place in range(9) if number & 1 << place]


def test_many_get_the_same_in_one_call(world: World) -> None:
    fill(world, "/box/a", "/box/b c", "/box/dir/in")

    answer = post(world, "permissions", "a", "b c", "dir", directory="/box", mode="750", shown="")

    assert "3 of 3 have the permissions now." in said(answer.text)
    assert changed(answer) == ("/box", "")
    assert [mode(world, f"/box/{name}") for name in ("a", "b c", "dir", "dir/in")] == ["750", "750", "750", "644"]
    assert file_calls(world) == ["POST chmod", "GET list"]
    assert audit_of(world, "file.") == [("done", "/box: a, b c, dir")]


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"mode": "600", "bit": bits(0o644), "shown": "644"}, "600"),
        ({"mode": "0600", "bit": bits(0o644), "shown": "644"}, "600"),
        ({"mode": "644", "bit": bits(0o755), "shown": "644"}, "755"),
        ({"mode": "644", "bit": bits(0o644), "shown": "644"}, "644"),
        ({"mode": "755", "bit": bits(0o755), "shown": "644"}, "755"),
        ({"mode": "", "bit": bits(0o700), "shown": ""}, "700"),
        ({"mode": "7", "bit": [], "shown": ""}, "7"),
        ({"mode": "000", "bit": bits(0o644), "shown": "644"}, "0"),
        ({"mode": "644", "bit": [], "shown": "644"}, "0"),
    ],
)
def test_what_was_changed_counts(fields: dict[str, Any], result: str, own_world: World) -> None:
    fill(own_world, "/box/a")

    assert "has the permissions now." in said(post(own_world, "permissions", "a", directory="/box", **fields).text)
    assert mode(own_world, "/box/a") == result


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"mode": "600", "bit": bits(0o755), "shown": "644"}, "The number says 600, the ticks say 755."),
        ({"mode": "", "bit": [], "shown": ""}, "Enter a number, or tick what shall be allowed."),
        ({"mode": "888", "bit": [], "shown": ""}, "Use three digits from 0 to 7"),
        ({"mode": "4755", "bit": [], "shown": ""}, "Use three digits from 0 to 7"),
        ({"mode": "rwx", "bit": [], "shown": ""}, "Use three digits from 0 to 7"),
        ({"mode": "٦٤٤", "bit": [], "shown": ""}, "Use three digits from 0 to 7"),
    ],
)
def test_what_makes_no_sense_is_asked_again_with_what_was_typed(
    fields: dict[str, Any], why: str, own_world: World
) -> None:
    answer = post(own_world, "permissions", "a", **fields)

    assert answer.status_code == 422
    assert why in said(answer.text)
    assert f'value="{fields["mode"]}"' in answer.text
    assert file_calls(own_world) == []


def test_a_bit_that_there_is_not_is_refused(own_world: World) -> None:
    assert post(own_world, "permissions", "a", mode="", bit=["512"], shown="").status_code == 422
    assert post(own_world, "permissions", "a", mode="", bit=["x"], shown="").status_code == 422
    assert file_calls(own_world) == []


def test_what_is_not_there_any_more_is_said_although_the_node_says_yes(world: World) -> None:
    fill(world, "/box/a")

    told = said(post(world, "permissions", "a", "gone", directory="/box", mode="600", shown="").text)

    assert "1 of 2 have the permissions now. gone (not there): There is no such file any more." in told


def test_a_link_shows_only_its_own_permissions(world: World) -> None:
    fill(world, "/box/real")
    disk(world).link("/box/link", "real")

    told = said(post(world, "permissions", "link", directory="/box", mode="600", shown="").text)

    assert "cannot be told by looking" in told


def test_one_that_the_node_refuses_hides_and_loses_nothing_of_the_rest(world: World) -> None:
    fill(world, "/box/a", "/box/denied", "/box/z")
    Said(world, lambda path, body: path.endswith("/chmod") and b"denied" in body, *node_error(400, "No"))

    told = said(post(world, "permissions", "a", "denied", "z", directory="/box", mode="600", shown="").text)

    assert "2 of 3 have the permissions now. denied (not done): The machine that runs this server refused: No" in told


def test_a_node_that_does_nothing_and_says_yes_is_found_out(world: World) -> None:
    fill(world, "/box/a")
    Said(world, lambda path, body: path.endswith("/chmod"), "204 No Content", b"")

    answer = post(world, "permissions", "a", directory="/box", mode="600", shown="")

    assert answer.status_code == 422
    assert "The node said that it was done, but it is not." in said(answer.text)


def test_an_answer_that_got_lost_is_found_out_by_looking(world: World) -> None:
    fill(world, "/box/a")
    Lost(world, lambda method, path: path.endswith("/chmod"))

    assert "has the permissions now." in said(
        post(world, "permissions", "a", directory="/box", mode="600", shown="").text
    )


def test_the_question_shows_what_it_has_now_as_number_and_ticks(world: World) -> None:
    fill(world, "/box/a")
    disk(world).set_mode("/box/a", 0o640)

    page = ask(world, "permissions", "a", directory="/box")

    assert 'value="640"' in page.partition('id="mode"')[2].partition(">")[0]
    assert 'name="shown" value="640"' in page
    assert [bit for bit in bits(0o777) if f'value="{bit}" ' in page and _is_ticked(page, bit)] == bits(0o640)


def _is_ticked(page: str, bit: str) -> bool:
    return " checked" in page.partition(f'id="bit-{bit}"')[2].partition(">")[0]


def test_several_that_differ_show_none(world: World) -> None:
    fill(world, "/box/a", "/box/b", "/box/c")
    disk(world).set_mode("/box/a", 0o600)

    both = post(world, "permissions/ask", "a", "b", directory="/box").text
    same = post(world, "permissions/ask", "b", "c", directory="/box").text

    assert 'name="shown" value=""' in both
    assert "They differ now; all of them get the same." in said(both)
    assert " checked" not in both
    assert 'name="shown" value="644"' in same


def test_number_and_ticks_are_brought_together_while_somebody_changes_them(world: World) -> None:
    browser = world.browser("owner")
    for query, number in (
        ({"mode": "600", "bit": bits(0o644), "shown": "644"}, "600"),
        ({"mode": "644", "bit": bits(0o755), "shown": "644"}, "755"),
    ):
        page = browser.get(f"{root(world)}/permissions", query_string=query, headers=HTMX).text
        assert f'name="shown" value="{number}"' in page
        assert [bit for bit in bits(0o777) if _is_ticked(page, bit)] == bits(int(number, 8))
    assert file_calls(world) == []


def test_without_script_the_page_waits_for_no_node_and_loads_itself_again_with_what_it_has(world: World) -> None:
    fill(world, "/box/a b")

    page = ask(world, "permissions", "a b", directory="/box", script=False)
    assert file_calls(world) == []
    address = page.partition('<noscript><meta http-equiv="refresh" content="0; url=')[2].partition('"')[0]
    assert address.startswith(f"{root(world)}/permissions?")
    again = world.browser("owner").get(address.replace("&amp;", "&")).text
    assert 'name="shown" value="644"' in again
    assert "<noscript>" not in again
    done = post(world, "permissions", "a b", directory="/box", script=False, mode="600", shown="644", bit=bits(0o644))
    assert "has the permissions now." in said(done.text)


def test_a_page_that_knows_them_already_asks_nobody(world: World) -> None:
    browser = world.browser("owner")
    page = browser.get(f"{root(world)}/permissions?name=a&mode=755", headers=HTMX).text

    assert 'name="shown" value="755"' in page
    assert file_calls(world) == []


def test_without_seeing_the_folder_it_is_done_but_not_known(world: World) -> None:
    fill(world, "/box/a")
    permit(world, "file.update")

    page = ask(world, "permissions", "a", directory="/box", who="subuser")
    assert 'name="shown" value=""' in page
    answer = post(world, "permissions", "a", directory="/box", who="subuser", mode="600", shown="")
    assert "Your access does not include seeing whether it was done." in said(answer.text)
    assert file_calls(world) == ["POST chmod"]
    assert held(world, "/box") == {"a"}
