"""A folder's page: the shell at once, the list from the node, what is said when that fails, one entry."""

from __future__ import annotations

import re
from html import unescape

import pytest

from portal.demo.link import Fault
from portal.files.folders import KEPT_S
from portal.files.listing import PART
from portal.files.paths import packed
from tests.conftest import World
from tests.files.acting import SERVER, disk, fill, permit, post, root
from tests.servers.support import HTMX, row_of, said

NODE_CALL = "GET /api/client/servers/{uuid}/files/list"


@pytest.fixture
def filled(world: World) -> World:
    """A server with some files of its own, looked at before."""
    disk(world).make_folder("/config")
    fill(world, "file10.txt", "file2.txt", "big.log", "config/a.yml")
    world.browser("owner").get(f"/servers/{world.server(SERVER)}")
    world.calls()
    return world


def listed(world: World, who: str = "owner", **asked: object) -> str:
    answer = world.browser(who).get(f"{root(world)}/list", query_string=asked, headers=HTMX)
    assert answer.status_code == 200
    return answer.text


def names(text: str) -> list[str]:
    """The names of the rows, as a browser shows them."""
    return [unescape(one) for one in re.findall(r'<a class="name"[^>]*>.*?<bdi>(.*?)</bdi>', text)]


def node_calls(world: World) -> int:
    path = NODE_CALL.format(uuid=row_of(world, SERVER).uuid)
    return world.calls().count(path)


def test_the_page_does_not_wait_for_the_node(filled: World) -> None:
    answer = filled.browser("owner").get(root(filled))
    assert answer.status_code == 200
    assert filled.calls() == []
    assert 'hx-trigger="load, files-changed from:body"' in answer.text
    assert "Reading the folder" in answer.text


def test_the_list_is_one_call(filled: World) -> None:
    text = listed(filled)
    assert node_calls(filled) == 1
    assert names(text)[0] == "config"
    assert [one for one in names(text) if "file" in one or one == "big.log"] == ["big.log", "file2.txt", "file10.txt"]


def test_without_script_the_page_comes_with_the_list(filled: World) -> None:
    browser = filled.browser("owner")
    shell = browser.get(root(filled), query_string={"directory": "/config"}).text
    refresh = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]*)"></noscript>', shell)
    assert refresh
    answer = browser.get(unescape(refresh[1]))
    assert names(answer.text) == ["a.yml"]
    assert 'http-equiv="refresh"' not in answer.text
    assert "Reading the folder" not in answer.text


def test_a_fragment_asked_for_as_a_page_leads_to_the_page(filled: World) -> None:
    answer = filled.browser("owner").get(f"{root(filled)}/list?directory=/config&sort=size&part=2")
    assert answer.status_code == 303
    assert answer.location == f"{root(filled)}?directory=/config&sort=size&part=2&now=1"


def test_sorting_and_filtering_ask_the_node_once(filled: World) -> None:
    read_at = re.search(r'name="read" value="([^"]*)"', listed(filled))
    assert read_at
    assert names(listed(filled, read=read_at[1], sort="size", desc=1))
    assert names(listed(filled, read=read_at[1], q="FILE")) == ["file2.txt", "file10.txt"]
    assert node_calls(filled) == 1


def test_a_list_is_never_older_than_what_was_shown(filled: World) -> None:
    """Another process may have kept the folder as it was before a change."""
    listed(filled)
    disk(filled).delete("/big.log")
    assert "big.log" in listed(filled, read=filled.clock.now())
    assert "big.log" not in listed(filled, read=filled.clock.now() + 1)
    assert node_calls(filled) == 2


def test_an_opened_folder_and_a_changed_one_are_read_anew(filled: World) -> None:
    listed(filled)
    disk(filled).delete("/big.log")
    assert "big.log" not in listed(filled)
    assert node_calls(filled) == 2


def test_what_was_read_is_kept_for_some_seconds_only(filled: World) -> None:
    listed(filled)
    then = filled.clock.now()
    filled.clock.advance(KEPT_S + 1)
    listed(filled, read=then)
    assert node_calls(filled) == 2


def test_the_address_of_a_filtered_list_can_be_opened(filled: World) -> None:
    answer = filled.browser("owner").get(
        f"{root(filled)}/list", query_string={"q": "file", "sort": "date", "desc": "1", "read": "1"}, headers=HTMX
    )
    address = answer.headers["HX-Replace-Url"]
    assert address == f"{root(filled)}?q=file&sort=date&desc=1"
    shell = filled.browser("owner").get(address).text
    assert f'hx-get="{root(filled)}/list?q=file&amp;sort=date&amp;desc=1"' in shell


def test_thousands_come_in_parts(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(PART + 20)))
    first = listed(filled, directory="/many")
    assert len(names(first)) == PART
    following = re.search(r'<li class="next" hx-get="([^"]*)"', first)
    assert following
    rest = filled.browser("owner").get(unescape(following[1]), headers=HTMX).text
    assert names(first) + names(rest) == [f"f{number}.txt" for number in range(PART + 20)]
    assert 'class="next"' not in rest
    assert node_calls(filled) == 1


def test_a_list_reaches_to_a_name_that_an_act_led_to(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(PART + 20)), "many/x y%.txt")
    assert "x y%.txt" in names(listed(filled, directory="/many", to=packed("x y%.txt"), upto=1))
    assert len(names(listed(filled, directory="/many", upto=1))) == PART
    answer = filled.browser("owner").get(f"{root(filled)}/list?directory=/many&to=%25FF", headers=HTMX)
    assert answer.status_code == 422


def test_a_part_of_a_folder_that_changed_is_not_put_below(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(PART + 20)))
    following = re.search(r'<li class="next" hx-get="([^"]*)"', listed(filled, directory="/many"))
    assert following
    disk(filled).delete("/many/f0.txt")
    filled.clock.advance(KEPT_S + 1)
    answer = filled.browser("owner").get(unescape(following[1]), headers=HTMX).text
    assert names(answer) == []
    again = re.search(r'hx-get="([^"]*)" hx-trigger="load" hx-target="#files"', answer)
    assert again
    assert len(names(filled.browser("owner").get(unescape(again[1]), headers=HTMX).text)) == PART + 19


def test_without_script_the_parts_are_pages(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(PART + 20)))
    answer = filled.browser("owner").get(f"{root(filled)}?directory=/many&part=2&now=1")
    assert len(names(answer.text)) == 20
    assert "Show those before" in answer.text


def test_an_empty_folder_is_said_to_be_empty(filled: World) -> None:
    disk(filled).make_folder("/nothing")
    assert "This folder is empty" in listed(filled, directory="/nothing")


def test_a_filter_that_nothing_fits_offers_a_search(filled: World) -> None:
    text = listed(filled, q="zzz")
    assert "Nothing here fits" in text
    assert f"{root(filled)}/search?directory=/&amp;q=zzz" in text


@pytest.mark.parametrize("fault", [Fault.NOTHING_LISTENS, Fault.ANSWERS_HTML, Fault.NEVER_ANSWERS])
def test_a_failed_read_is_never_an_empty_list(filled: World, fault: Fault) -> None:
    filled.demo.link.fault_everywhere = fault
    for text in (listed(filled), filled.browser("owner").get(f"{root(filled)}?now=1").text):
        assert "This folder could not be read" in text
        assert "Try again" in text
        assert "What is in this folder is not known." in text
        assert "Nothing was" not in text
        assert "empty</h2>" not in text
        assert names(text) == []


def test_a_folder_that_is_not_there_is_said_so(filled: World) -> None:
    answer = filled.browser("owner").get(f"{root(filled)}/list?directory=/config/gone", headers=HTMX)
    assert answer.status_code == 404
    assert "There is no such folder" in answer.text
    assert f'href="{root(filled)}?directory=/config"' in answer.text


STATES = {
    "Unpaid": "Suspended Your host has suspended this server.",
    "CS2 Scrims": "Maintenance The machine that runs this server is being worked on.",
    "New Adventure": "Installing It is being set up.",
    "Broken Pack": "Install failed Setting it up did not work.",
    "Yesterday's World": "Restoring A backup is being restored.",
    "On the Move": "Moving It is being moved to another machine.",
}


@pytest.mark.parametrize("name", STATES)
def test_a_server_in_a_state_without_files_says_it_as_the_overview_does_and_offers_nothing(
    world: World, name: str
) -> None:
    path = f"/servers/{world.server(name)}/files"
    for text in (
        world.browser("owner").get(f"{path}/list", headers=HTMX).text,
        world.browser("owner").get(f"{path}?now=1").text,
    ):
        assert STATES[name] in said(text)
        assert "Try again" not in text.partition('id="files"')[2]
        assert names(text) == []
    assert "What is in" not in said(text)
    for offered in ("upload", "new-file", "new-folder", "pull", "search"):
        assert f"{path}/{offered}" not in text
    assert 'id="uploads"' not in text
    assert 'id="filter"' not in text


def test_a_state_that_was_not_known_before_is_said_in_the_words_of_the_portal(filled: World) -> None:
    row_of(filled, SERVER).status = "suspended"
    text = listed(filled)
    assert "Your host has suspended this server." in said(text)
    assert "functionality requested" not in text
    assert "Try again" not in text


@pytest.mark.parametrize("path", ["/..", "/a/../..", "/%00"])
def test_no_address_leads_out(filled: World, path: str) -> None:
    for place in ("", "/list", "/search"):
        asked = f"{root(filled)}{place}?directory={path}&now=1&q=x"
        assert filled.browser("owner").get(asked, headers=HTMX).status_code == 404
    assert filled.browser("owner").get(f"{root(filled)}/entry?file={path}").status_code == 404
    assert filled.calls() == []


def test_a_strange_name_is_shown_and_leads_to_its_file(filled: World) -> None:
    strange = ('a#b?c&d%2e"x<y>', " blank ", "two\nlines", "שלום.txt", "🐉", "\u202egnp.exe", "back\\slash")
    fill(filled, *(f"odd/{one}" for one in strange))
    text = listed(filled, directory="/odd")
    for one in strange:
        assert f'value="{packed(one)}"' in text
        entry = filled.browser("owner").get(f"{root(filled)}/entry", query_string={"file": f"/odd/{one}"})
        assert entry.status_code == 200
    assert "two↵lines" in names(text)
    assert "␣blank␣" in names(text)
    links = [unescape(one) for one in re.findall(r'href="([^"]*/entry\?file=[^"]*)"', text)]
    assert len(set(links)) == len(strange)
    for link in links:
        assert filled.browser("owner").get(link).status_code == 200


def test_links_and_special_files_are_marked(filled: World) -> None:
    disk(filled).link("/shortcut", "config")
    text = listed(filled)
    assert re.search(r"<bdi>shortcut</bdi><small>link</small>", text)
    entry = filled.browser("owner").get(f"{root(filled)}/entry?file=/shortcut").text
    assert "Link to something else" in entry
    assert "Open as a folder" in entry


def test_the_dialog_of_a_file_offers_what_can_be_done(filled: World) -> None:
    fill(filled, "world.zip")
    text = filled.browser("owner").get(f"{root(filled)}/entry?file=/world.zip", headers=HTMX).text
    assert "<!doctype" not in text
    for word in (
        "Download",
        "Unarchive",
        "Rename",
        "Move",
        "Copy",
        "Permissions",
        "Archive",
        "Delete",
        "Earlier versions",
    ):
        assert word in text
    folder = filled.browser("owner").get(f"{root(filled)}/entry?file=/config", headers=HTMX).text
    for word in ("Unarchive", "Download", "Copy", "Earlier versions"):
        assert word not in folder


def test_a_file_that_is_gone_is_said_so(filled: World) -> None:
    listed(filled)
    disk(filled).delete("/big.log")
    filled.clock.advance(KEPT_S + 1)
    answer = filled.browser("owner").get(f"{root(filled)}/entry?file=/big.log", headers=HTMX)
    assert answer.status_code == 404
    assert "no big.log in this folder any more" in answer.text


def test_a_file_that_is_new_is_found_although_its_folder_was_kept(filled: World) -> None:
    listed(filled)
    fill(filled, "new.txt")
    assert filled.browser("owner").get(f"{root(filled)}/entry?file=/new.txt", headers=HTMX).status_code == 200


def test_who_only_looks_is_offered_nothing_else(filled: World) -> None:
    permit(filled, "file.read")
    text = filled.browser("subuser").get(root(filled)).text + listed(filled, "subuser")
    text += filled.browser("subuser").get(f"{root(filled)}/entry?file=/big.log", headers=HTMX).text
    text = text.replace(f'action="{root(filled)}/move/ask"', "")  # a form has to name something; it has no button
    acts = (
        "upload new-file new-folder pull move copy rename delete permissions archive edit download versions unarchive"
    )
    for act in acts.split():
        assert not re.search(rf"{root(filled)}/{act}[\"?/]", text), act


def test_who_can_do_nothing_with_several_files_cannot_select_any(filled: World) -> None:
    for more, is_there in (("file.read-content", False), ("file.update", True)):
        permit(filled, "file.read", more)
        text = listed(filled, "subuser")
        assert "big.log" in names(text)
        for part in ('type="checkbox"', 'class="bulk"', "<kbd>Space</kbd>"):
            assert (part in text) is is_there, f"{part} with {more}"


def test_what_was_told_of_one_folder_does_not_stand_above_another(filled: World) -> None:
    text = filled.browser("owner").get(f"{root(filled)}?directory=/config").text + listed(filled)
    ways = re.findall(r'<(?:nav|ul|a) [^>]*hx-select="#browser"[^>]*>', text)
    assert len(ways) == 2  # the crumbs, and the folders of the list
    assert all('hx-select-oob="#notices:innerHTML"' in one for one in ways)
    assert re.search(r'<div id="notices"[^>]*></div>', text)


def test_every_notice_can_be_closed(filled: World) -> None:
    notices = [
        post(filled, "delete", "big.log", "gone.txt"),
        post(filled, "delete/ask"),
        post(filled, "archive", "config"),
    ]
    for answer in notices:
        assert re.search(r'class="band [^>]*>\s*<button [^>]*data-close-notice aria-label="Close"', answer.text), (
            answer.text
        )


def test_without_script_an_act_with_nothing_ticked_leads_back_to_the_folder(filled: World) -> None:
    for act in ("delete/ask", "move/ask", "permissions/ask", "copy", "archive"):
        data = {"in": packed("/config"), "q": ""}
        answer = filled.browser("owner").post(f"{root(filled)}/{act}", data=data)
        assert answer.status_code == 422
        assert "Select something first." in answer.text
        assert f'href="{root(filled)}?directory=/config">Back to the folder</a>' in answer.text


def test_who_may_not_look_gets_nothing(filled: World) -> None:
    permit(filled, "control.console")
    for place in ("", "/list", "/entry?file=/big.log", "/search"):
        assert filled.browser("subuser").get(f"{root(filled)}{place}", headers=HTMX).status_code == 403
    assert filled.browser("subuser").post(f"{root(filled)}/search", data={"q": "x"}).status_code == 403
    assert filled.calls() == []


def test_everything_that_was_shown_is_chosen_without_naming_it(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(PART + 20)), "many/keep.yml")
    version = re.search(r'name="all" value="(\w+)"', listed(filled, directory="/many", q=".txt"))
    assert version
    answer = post(filled, "delete", directory="/many", all=version[1], q=".txt", but=packed("f7.txt"))
    assert answer.status_code == 200
    assert {one.name for one in disk(filled).listed("/many")} == {"f7.txt", "keep.yml"}


def test_nothing_is_done_to_everything_of_a_folder_that_changed(filled: World) -> None:
    fill(filled, *(f"many/f{number}.txt" for number in range(30)))
    version = re.search(r'name="all" value="(\w+)"', listed(filled, directory="/many"))
    assert version
    fill(filled, "many/precious.txt")
    answer = post(filled, "delete", directory="/many", all=version[1])
    assert answer.status_code == 409
    assert "changed since you looked" in answer.text
    assert len(disk(filled).listed("/many")) == 31


def test_a_form_with_a_name_that_leads_elsewhere_is_refused(filled: World) -> None:
    for name in ("..", "a/b", "", "%ff"):
        answer = filled.browser("owner").post(
            f"{root(filled)}/delete", data={"directory": "/", "name": packed(name) if name != "%ff" else name}
        )
        assert answer.status_code in (400, 422), name
    assert not [one for one in filled.calls() if "delete" in one]
