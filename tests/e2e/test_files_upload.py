"""Uploading in a browser: files and whole folders, dropped or chosen; cancelled, retried, cut off, refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import uploading, walk
from tests.e2e.behind import BehindNginx
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.relay import stop_time, wait_for
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings_in_both
from tests.e2e.test_layout import SMALL, WIDER
from tests.e2e.uploading import band, choose, contents, drop, ends_with, open_files, row

SERVER = "Lobby"
SENDING = re.compile(r"/files/upload\?")
KIB = 1024


@pytest.fixture
def desk(open_page: OpenPage, site: Stand) -> Page:
    return open_page(site, "owner", viewport=DESKTOP)


@pytest.fixture
def here(site: Stand, request: pytest.FixtureRequest) -> Path:
    """A folder of the server for this test alone, on the node's disk."""
    return uploading.folder(site, SERVER, re.sub(r"\W+", "-", request.node.name))


def make_tree(top: Path, files: int = 200) -> dict[str, bytes | None]:
    """A folder with small files in it and in folders below."""
    for number in range(files):
        path = top / ("config/worlds" if number % 3 == 0 else "") / f"part {number} #{number % 7}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"number: {number}\r\n".encode() * (number % 40))
    return contents(top)


def show_each(page: Page) -> None:
    details = band(page).locator("details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()


def test_a_chosen_folder_of_200_files_arrives_with_its_tree(
    desk: Page, site: Stand, here: Path, tmp_path: Path
) -> None:
    sent = make_tree(tmp_path / "my world")
    open_files(desk, site, SERVER, f"/{here.name}")
    choose(desk, tmp_path / "my world")
    ends_with(desk, "200 of 200 files arrived")
    assert contents(here / "my world") == sent
    expect(desk.locator("#files").get_by_role("link", name="my world", exact=True)).to_be_visible()
    expect(desk.locator("[data-upload-status]")).to_have_text("200 of 200 files arrived")


def test_a_dropped_folder_arrives_with_empty_folders_and_more_files_than_a_browser_gives_at_once(
    desk: Page, site: Stand, here: Path, tmp_path: Path
) -> None:
    top = tmp_path / "pack"
    (top / "empty" / "emptier").mkdir(parents=True)
    for number in range(230):
        (top / f"{number}.txt").write_text(str(number))
    (tmp_path / "beside.txt").write_text("beside")
    sent = contents(top)
    open_files(desk, site, SERVER, f"/{here.name}")
    drop(desk, top, tmp_path / "beside.txt")
    ends_with(desk, "231 of 231 files arrived")
    assert contents(here / "pack") == sent
    assert (here / "beside.txt").read_text() == "beside"


def test_the_page_says_where_a_drop_would_go(desk: Page, site: Stand, here: Path) -> None:
    open_files(desk, site, SERVER, f"/{here.name}")
    over = desk.locator("[data-drop-over]")
    events = """(kind) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["x"], "dropped.txt"));
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    }"""
    desk.evaluate(events, "dragover")
    expect(over).to_have_text(f"Drop to upload into /{here.name}")
    desk.evaluate(events, "dragleave")
    expect(over).to_be_hidden()
    desk.evaluate(events, "drop")
    ends_with(desk, "1 of 1 file arrived")
    assert contents(here) == {"dropped.txt": b"x"}


def test_the_button_opens_the_choice_of_files_or_a_folder(desk: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    (tmp_path / "one.txt").write_text("one")
    open_files(desk, site, SERVER, f"/{here.name}")
    desk.get_by_role("link", name="Upload", exact=True).click()
    expect(desk.get_by_role("heading", name=f"Upload into /{here.name}")).to_be_visible()
    with desk.expect_file_chooser() as chooser:
        desk.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(str(tmp_path / "one.txt"))
    ends_with(desk, "1 of 1 file arrived")
    assert contents(here) == {"one.txt": b"one"}


def test_a_phone_chooses_files_at_once(page: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    open_files(page, site, SERVER, f"/{here.name}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="Upload", exact=True).tap()
    chooser.value.set_files(str(tmp_path / "photo.png"))
    ends_with(page, "1 of 1 file arrived")


def test_a_cancelled_upload_stores_nothing_and_arrives_when_it_is_tried_again(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    big = tmp_path / "world.zip"
    big.write_bytes(bytes(range(256)) * 4 * 4096)
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 128 * KIB)
    choose(desk, big)
    expect(row(desk, "world.zip").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    bar = desk.get_by_role("progressbar", name="Progress of world.zip")
    assert 0 < float(bar.evaluate("bar => bar.value / bar.max")) < 1
    desk.get_by_role("button", name="Cancel world.zip").click()
    expect(row(desk, "world.zip").locator("[data-state]")).to_have_text("Cancelled")
    ends_with(desk, "0 of 1 files arrived")
    assert contents(here) == {}
    uploading.slow(desk, -1)
    desk.get_by_role("button", name="Try again: world.zip").click()
    ends_with(desk, "1 of 1 file arrived")
    assert (here / "world.zip").read_bytes() == big.read_bytes()


def test_one_of_many_is_cancelled_and_the_others_arrive(desk: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    for name in ("a.bin", "b.bin", "c.bin"):
        (tmp_path / name).write_bytes(name.encode() * 480 * KIB)
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 256 * KIB)
    choose(desk, *(tmp_path / name for name in ("a.bin", "b.bin", "c.bin")))
    expect(row(desk, "a.bin").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    desk.get_by_role("button", name="Cancel b.bin").click()
    uploading.slow(desk, -1)
    ends_with(desk, "2 of 3 files arrived")
    assert sorted(contents(here)) == ["a.bin", "c.bin"]


def test_all_are_cancelled_at_once(desk: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    top = tmp_path / "many"
    make_tree(top, 60)
    (top / "0").mkdir()
    (top / "0" / "first.txt").write_text("first")
    for slow in (top / "a.bin", top / "config" / "worlds" / "a.bin"):  # one in each of the two that go at once
        slow.write_bytes(bytes(2048 * KIB))
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 64 * KIB)
    choose(desk, top)
    expect(band(desk).locator("[data-title]")).to_have_text("Uploading 1 of 63 files")
    desk.get_by_role("button", name="Cancel all").click()
    ends_with(desk, "1 of 63 files arrived")
    there = [path for path, found in contents(here).items() if found is not None]
    assert there == ["many/0/first.txt"]
    expect(desk.get_by_role("button", name="Try again (62)")).to_be_visible()
    desk.get_by_role("button", name="Close").click()
    expect(band(desk)).to_be_hidden()


def put(here: Path, tmp_path: Path) -> list[Path]:
    """Three files to send, two of them are there already with other contents."""
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(f"new {name}")
    for name in ("a.txt", "b.txt"):
        (here / name).write_text(f"old {name}")
    return [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]


@pytest.mark.parametrize(("answer", "replaced", "told"), [
    ("Replace all", "ab", "3 of 3 files arrived"),
    ("Leave them as they are", "", "1 of 3 files arrived"),
    ("Replace the 1 ticked", "b", "2 of 3 files arrived"),
], ids=["all", "none", "one"])  # fmt: skip
def test_what_is_there_already_is_replaced_only_when_asked_for(
    desk: Page, site: Stand, tmp_path: Path, here: Path, answer: str, replaced: str, told: str
) -> None:
    paths = put(here, tmp_path)
    open_files(desk, site, SERVER, f"/{here.name}")
    choose(desk, *paths)
    dialog = desk.get_by_role("dialog", name="2 of these files are there already")
    expect(dialog).to_be_visible()
    assert not (here / "c.txt").exists()
    if "ticked" in answer:
        dialog.get_by_label("b.txt").check()
    dialog.get_by_role("button", name=answer).click()
    ends_with(desk, told)
    now = {name: f"{'new' if name[0] in replaced else 'old'} {name}".encode() for name in ("a.txt", "b.txt")}
    assert contents(here) == now | {"c.txt": b"new c.txt"}


def test_escape_sends_nothing_at_all(desk: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    paths = put(here, tmp_path)
    open_files(desk, site, SERVER, f"/{here.name}")
    choose(desk, *paths)
    expect(desk.get_by_role("dialog", name="2 of these files are there already")).to_be_visible()
    desk.keyboard.press("Escape")
    ends_with(desk, "0 of 3 files arrived")
    assert contents(here) == {"a.txt": b"old a.txt", "b.txt": b"old b.txt"}


def test_a_file_does_not_take_the_place_of_a_folder_nor_a_folder_that_of_a_file(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    (here / "top" / "worlds").mkdir(parents=True)
    (here / "top" / "plugins").write_text("a file")
    (tmp_path / "top" / "plugins").mkdir(parents=True)
    (tmp_path / "top" / "plugins" / "inner.jar").write_text("jar")
    (tmp_path / "top" / "worlds").write_text("a file")
    (tmp_path / "top" / "fine.txt").write_text("fine")
    open_files(desk, site, SERVER, f"/{here.name}")
    drop(desk, tmp_path / "top")
    ends_with(desk, "1 of 3 files arrived")
    show_each(desk)
    expect(row(desk, "inner.jar")).to_contain_text("A file of that name is in the way.")
    expect(row(desk, "worlds")).to_contain_text("There is a folder of this name.")
    assert (here / "top" / "plugins").read_text() == "a file"


def test_a_busy_portal_is_waited_for(desk: Page, site: Stand, tmp_path: Path, here: Path) -> None:
    watched(desk).allow_status(503)
    (tmp_path / "a.txt").write_text("a")
    desk.clock.install()
    open_files(desk, site, SERVER, f"/{here.name}")
    busy = {"status": 503, "headers": {"Retry-After": "900"}, "json": {"error": "Two of your transfers are under way."}}
    desk.route(SENDING, lambda route: route.fulfill(**busy), times=1)
    choose(desk, tmp_path / "a.txt")
    expect(band(desk)).to_contain_text("Two of your transfers are under way. It goes on by itself in")
    assert contents(here) == {}
    desk.clock.fast_forward(900_000)
    ends_with(desk, "1 of 1 file arrived")
    assert contents(here) == {"a.txt": b"a"}


def test_a_third_upload_of_an_account_waits_for_a_place(
    desk: Page, open_page: OpenPage, site: Stand, tmp_path: Path, here: Path
) -> None:
    watched(desk).allow_status(503)
    watched(desk).allow("ERR_")  # a browser may see the end of the connection before it reads the answer
    paths = [tmp_path / name for name in ("a.bin", "b.bin", "c.bin")]
    for one in paths:
        one.write_bytes(bytes(9 * KIB * KIB))
    first, second = open_page(site, "owner", viewport=DESKTOP), desk
    open_files(first, site, SERVER, f"/{here.name}")
    open_files(second, site, SERVER, f"/{here.name}")
    uploading.slow(first, 512 * KIB)
    choose(first, *paths[:2])
    for one in ("a.bin", "b.bin"):
        expect(row(first, one).locator("[data-state]")).to_have_text(re.compile(r"[1-9] %"))
    choose(second, paths[2])
    expect(band(second).locator("[data-pause]")).to_be_visible()
    assert contents(here) == {}
    uploading.slow(first, -1)
    ends_with(first, "2 of 2 files arrived")
    ends_with(second, "1 of 1 file arrived")
    assert [(here / one.name).stat().st_size for one in paths] == [9 * KIB * KIB] * 3


@pytest.mark.nginx
def test_a_lost_connection_is_waited_for(behind_nginx: BehindNginx, open_page: OpenPage, tmp_path: Path) -> None:
    desk = open_page(behind_nginx, "owner", viewport=DESKTOP)
    watched(desk).allow("ERR_", "htmx:sendError", "htmx:afterRequest")
    here = uploading.folder(behind_nginx, SERVER, "lost")
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 4 * 4096)
    desk.clock.install()
    open_files(desk, behind_nginx, SERVER, "/lost")
    uploading.slow(desk, 128 * KIB)
    choose(desk, tmp_path / "a.bin")
    expect(row(desk, "a.bin").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    stop_time(desk)
    behind_nginx.leg.refuse()
    behind_nginx.leg.cut()
    uploading.wait_in_steps(desk, band(desk).get_by_text("The connection is lost. The next try is in"))
    assert contents(here) == {}
    behind_nginx.leg.listen()
    uploading.slow(desk, -1)
    desk.get_by_role("button", name="Try now").click()
    desk.clock.resume()
    ends_with(desk, "1 of 1 file arrived")
    assert (here / "a.bin").read_bytes() == (tmp_path / "a.bin").read_bytes()


def test_a_lost_answer_is_looked_up_and_nothing_is_asked_or_sent_twice(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    watched(desk).allow("ERR_FAILED")
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.url)
        route.fetch()
        route.abort()

    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"the text of {name}")
    open_files(desk, site, SERVER, f"/{here.name}")
    desk.route(SENDING, lose)
    choose(desk, tmp_path / "a.txt", tmp_path / "b.txt")
    ends_with(desk, "2 of 2 files arrived")
    assert len(sent) == 1
    assert sorted(contents(here)) == ["a.txt", "b.txt"]


def test_what_is_too_large_is_named_with_the_other_way_and_not_sent(
    own_site: Stand, open_page: OpenPage, tmp_path: Path
) -> None:
    desk = open_page(own_site, "owner", viewport=DESKTOP)
    here = uploading.folder(own_site, SERVER, "large")
    uploading.limit(own_site, 1)
    (tmp_path / "small.txt").write_text("small")
    (tmp_path / "large.bin").write_bytes(bytes(KIB * KIB + 1))
    open_files(desk, own_site, SERVER, "/large")
    choose(desk, tmp_path / "small.txt", tmp_path / "large.bin")
    ends_with(desk, "1 of 2 files arrived")
    expect(band(desk)).to_contain_text("Files above 1.0 MiB cannot be sent here")
    expect(band(desk).locator("[data-sftp-address]")).to_have_text(re.compile(r"^sftp://owner\.\w{8}@[\d.]+:\d+$"))
    expect(row(desk, "large.bin").locator("[data-state]")).to_have_text("Too large")
    assert contents(here) == {"small.txt": b"small"}


def test_signing_in_again_elsewhere_lets_it_go_on(own_site: Stand, open_page: OpenPage, tmp_path: Path) -> None:
    desk = open_page(own_site, "owner", viewport=DESKTOP)
    watched(desk).allow_status(401, 400)
    here = uploading.folder(own_site, SERVER, "session")
    (tmp_path / "a.txt").write_text("a")
    open_files(desk, own_site, SERVER, "/session")
    own_site.end_sessions()
    choose(desk, tmp_path / "a.txt")
    expect(band(desk)).to_contain_text("Your session has ended")
    with desk.context.expect_page() as opened:
        band(desk).get_by_role("link", name="Sign in").click()
    walk.sign_in(opened.value, "owner")
    opened.value.wait_for_url("**/files**")
    opened.value.close()
    desk.get_by_role("button", name="Go on").click()
    ends_with(desk, "1 of 1 file arrived")
    assert contents(here) == {"a.txt": b"a"}


def test_a_file_that_changed_on_the_device_is_named_and_the_others_arrive(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    watched(desk).allow("ERR_UPLOAD_FILE_CHANGED", "ERR_FILE_NOT_FOUND", "ERR_FAILED")
    gone, stays = tmp_path / "gone.txt", tmp_path / "stays.txt"
    for one in (gone, stays):
        one.write_text(one.name)
    open_files(desk, site, SERVER, f"/{here.name}")

    def remove(route: Route) -> None:
        gone.unlink()
        route.abort()

    desk.route(SENDING, remove, times=1)
    choose(desk, gone, stays)
    ends_with(desk, "1 of 2 files arrived")
    expect(row(desk, "gone.txt")).to_contain_text("It cannot be read on your device any more.")
    assert contents(here) == {"stays.txt": b"stays.txt"}


def test_one_that_is_refused_does_not_keep_the_others_back(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    watched(desk).allow_status(422)
    paths = [tmp_path / f"{name}.txt" for name in ("a", "bad", "c")]
    for one in paths:
        one.write_text(one.name)
    open_files(desk, site, SERVER, f"/{here.name}")

    def answer(route: Route) -> None:
        line = (route.request.post_data_buffer or b"").partition(b"\n")[0]
        if "bad.txt" in [name for name, _size in json.loads(line)]:
            route.fulfill(status=422, json={"error": "Nobody wants that."})
        else:
            route.continue_()

    desk.route(SENDING, answer)
    choose(desk, *paths)
    ends_with(desk, "2 of 3 files arrived")
    expect(row(desk, "bad.txt")).to_contain_text("Nobody wants that.")
    assert sorted(contents(here)) == ["a.txt", "c.txt"]


def test_names_that_no_node_takes_are_said_before_anything_is_sent(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    top = tmp_path / "odd"
    top.mkdir()
    good = ["100% #1 'quoted' \"twice\".txt", "%2e%2e", "ünïcode 🦜.txt", "\u202eltr.txt", "back\\slash.txt"]
    for name in [*good, "line\nbreak.txt"]:
        (top / name).write_text(name)
    open_files(desk, site, SERVER, f"/{here.name}")
    drop(desk, top)
    ends_with(desk, f"{len(good)} of {len(good) + 1} files arrived")
    show_each(desk)
    expect(row(desk, "break.txt")).to_contain_text("No file can be uploaded under this name.")
    assert contents(here / "odd") == {name: name.encode() for name in sorted(good)}


def test_leaving_while_files_are_on_their_way_is_asked_first(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(3072 * KIB))
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 64 * KIB)
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.get_by_role("searchbox").first.click()
    choose(desk, tmp_path / "a.bin")
    expect(row(desk, "a.bin").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    desk.close(run_before_unload=True)
    wait_for(desk, asked)
    assert asked == ["beforeunload"]
    desk.get_by_role("button", name="Cancel all").click()
    ends_with(desk, "0 of 1 files arrived")


def test_files_go_on_arriving_while_one_looks_into_other_folders(
    desk: Page, site: Stand, tmp_path: Path, here: Path
) -> None:
    (here / "other").mkdir()
    (tmp_path / "a.bin").write_bytes(bytes(4096 * KIB))
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 128 * KIB)
    choose(desk, tmp_path / "a.bin")
    expect(row(desk, "a.bin").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    desk.locator("#files").get_by_role("link", name="other", exact=True).click()
    expect(desk.locator("#files")).to_have_attribute("data-directory", f"/{here.name}/other")
    uploading.slow(desk, -1)
    ends_with(desk, "1 of 1 file arrived")
    assert (here / "a.bin").stat().st_size == 4096 * KIB
    (tmp_path / "b.txt").write_text("b")
    choose(desk, tmp_path / "b.txt")
    expect(row(desk, "b.txt").locator("[data-state]")).to_have_text("Arrived")
    assert (here / "other" / "b.txt").read_text() == "b"


@pytest.mark.parametrize("may", [True, False], ids=["with", "without"])
def test_only_with_the_permission_is_there_something_to_upload_with(
    own_site: Stand, open_page: OpenPage, may: bool
) -> None:
    server = next(one for one in own_site.demo.world.servers if one.name == "Survival SMP")
    shared = next(one for one in server.subusers if one.user.username == "subuser")
    shared.permissions[:] = ["file.read", *(["file.create"] if may else [])]
    own_site.age(600)
    page = open_page(own_site, "subuser")
    page.goto(f"/servers/{server.identifier}")  # which reads the rights
    open_files(page, own_site, "Survival SMP")
    expect(page.get_by_role("link", name="Upload", exact=True)).to_have_count(int(may))
    expect(page.locator("#uploads")).to_have_count(int(may))


def test_without_script_the_button_leads_to_a_page_for_one_file(
    open_page: OpenPage, site: Stand, tmp_path: Path, here: Path
) -> None:
    page = open_page(site, "owner", java_script_enabled=False)
    (tmp_path / "plain.txt").write_text("plain")
    page.goto(f"/servers/{site.server(SERVER)}/files?directory=/{here.name}&now=1")
    expect(band(page)).to_be_hidden()
    page.get_by_role("link", name="Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(str(tmp_path / "plain.txt"))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("plain.txt").first).to_be_visible()
    assert contents(here) == {"plain.txt": b"plain"}


def test_every_state_fits_a_phone_and_can_be_used_by_everybody(
    open_page: OpenPage, site: Stand, tmp_path: Path, here: Path
) -> None:
    page = open_page(site, "owner", bypass_csp=True, color_scheme="dark")
    watched(page).allow_status(503, 422)
    names = ["w" * 200 + ".txt", "b.txt", "c.txt"]
    for name in names:
        (tmp_path / name).write_bytes(bytes(2048 * KIB))
        (here / name).write_text("old")
    open_files(page, site, SERVER, f"/{here.name}")

    def fits() -> None:
        expect(page.locator(".htmx-request")).to_have_count(0)  # the list is paler while it is read
        assert page.evaluate(WIDER) == []
        assert page.evaluate(SMALL) == []
        assert findings_in_both(page) == []

    uploading.slow(page, 48 * KIB)
    choose(page, *(tmp_path / name for name in names))
    expect(page.get_by_role("button", name="Replace all")).to_be_visible()
    fits()
    page.get_by_role("button", name="Replace all").click()
    show_each(page)
    expect(row(page, "b.txt").locator("[data-state]")).to_have_text(re.compile(r"[1-9]\d? %"))
    fits()
    page.get_by_role("button", name="Cancel b.txt").click()
    expect(row(page, "b.txt").locator("[data-state]")).to_have_text("Cancelled")
    page.get_by_role("button", name="Cancel all").click()
    ends_with(page, "0 of 3 files arrived")
    fits()
    busy = {"status": 503, "headers": {"Retry-After": "30"}, "json": {"error": "Many transfers are under way."}}
    page.route(SENDING, lambda route: route.fulfill(**busy), times=1)
    page.get_by_role("button", name="Try again (3)").click()
    page.get_by_role("button", name="Replace all").click()
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    fits()
    page.route(SENDING, lambda route: route.fulfill(status=422, json={"error": "Refused by the node. " * 4}))
    page.get_by_role("button", name="Try now").click()
    ends_with(page, "0 of 3 files arrived")
    fits()


def test_what_leads_away_opens_beside_an_upload_that_runs(desk: Page, site: Stand, here: Path, tmp_path: Path) -> None:
    (here / "inner").mkdir()
    (here / "read.yml").write_text("a: 1\n")
    big = tmp_path / "big.bin"
    big.write_bytes(b"x" * 6000 * KIB)
    open_files(desk, site, SERVER, f"/{here.name}")
    uploading.slow(desk, 100 * KIB)
    choose(desk, big)
    expect(band(desk).get_by_text("Keep this page open until it is done.")).to_be_visible()
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="read.yml", exact=True).click()
    expect(opened.value).to_have_url(re.compile("/files/edit"))
    opened.value.close()
    desk.get_by_role("link", name="inner", exact=True).click()  # a folder opens on the page itself
    expect(desk).to_have_url(re.compile("/inner$"))
    uploading.slow(desk, -1)
    ends_with(desk, "1 of 1 file arrived")
    assert (here / "big.bin").stat().st_size == 6000 * KIB
    expect(band(desk).get_by_text("Keep this page open")).to_be_hidden()
    desk.get_by_role("link", name="Overview").click()
    expect(desk).to_have_url(re.compile(r"/servers/\w+$"))
    assert len(desk.context.pages) == 1
