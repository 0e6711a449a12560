"""What takes long, in a browser: the folder says so, one goes on working, and the list comes by itself."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESKTOP, PATIENCE_MS, OpenPage, watched
from tests.e2e.stand import Stand

NAME = "The Factory"
WAIT_MS = 2 * PATIENCE_MS
ENDS_S = 30


def put(site: Stand, name: str, content: bytes) -> None:
    """A file on the node."""
    server = next(one for one in site.demo.world.servers if one.name == NAME)
    site.demo.processes[server.uuid].files.write(name, (content,))


def put_zip(site: Stand, name: str, *members: str) -> None:
    """An archive on the node."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member in members:
            archive.writestr(member, "text")
    put(site, name, packed.getvalue())


@contextmanager
def slow(site: Stand, path: str) -> Iterator[None]:
    """The node takes its time for one thing, until this ends."""
    knob = {"where": "panel", "fault": "latency", "settings": {"seconds": 60.0}, "match": {"path": path}}
    number = site.demo.knobs.turn(knob).number
    try:
        yield
    finally:
        site.demo.knobs.clear(number)


def open_folder(page: Page, site: Stand, directory: str) -> None:
    page.goto(f"/servers/{site.server(NAME)}/files?directory={directory}")
    expect(page.locator("#files .rows li").first).to_be_visible()


def entry(page: Page, name: str) -> Locator:
    """The dialog with everything that can be done to one file."""
    page.get_by_role("link", name=f"More: {name}", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def work(page: Page, text: str) -> Locator:
    return page.locator("#work .work").filter(has_text=text)


def test_unpacking_goes_on_while_one_works_elsewhere(open_page: OpenPage, site: Stand) -> None:
    put_zip(site, "/unpacking/world.zip", "unpacked/level.dat", "read-me.txt")
    page = open_page(site, "owner", viewport=DESKTOP)
    open_folder(page, site, "/unpacking")
    with slow(site, "*/files/decompress"):
        entry(page, "world.zip").get_by_role("link", name="Unarchive").click()
        page.get_by_role("dialog").get_by_role("button", name="Unarchive").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(work(page, "Unarchiving world.zip since")).to_be_visible(timeout=WAIT_MS)
        page.goto(f"/servers/{site.server(NAME)}")
        page.goto(f"/servers/{site.server(NAME)}/files?directory=/")
        expect(work(page, "Unarchiving world.zip since")).to_contain_text("In /unpacking")
        work(page, "Unarchiving").get_by_role("link", name="/unpacking").click()
        expect(page.locator("#files .rows")).not_to_contain_text("read-me.txt")
    expect(work(page, "Unarchived world.zip")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#files .rows")).to_contain_text("read-me.txt")
    work(page, "Unarchived").get_by_role("button", name="Close").click()
    expect(work(page, "Unarchived")).to_have_count(0)


def test_a_selection_is_packed_and_offered_for_download(open_page: OpenPage, site: Stand) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        put(site, f"/packing/{name}", b"text")
    page = open_page(site, "owner", viewport=DESKTOP)
    open_folder(page, site, "/packing")
    page.get_by_role("checkbox", name="a.txt").check()
    page.get_by_role("checkbox", name="c.txt").check()
    page.locator(".bulk").get_by_role("button", name="Download").click()
    done = work(page, "Archived 2 files and folders")
    expect(done).to_be_visible(timeout=WAIT_MS)
    link = done.get_by_role("link", name=re.compile("^Download archive-"))
    expect(link).to_have_attribute("href", re.compile(r"/files/download\?file=/packing/archive-.*\.tar\.gz$"))
    expect(page.locator("#files .rows")).to_contain_text(re.compile(r"archive-.*\.tar\.gz"))
    done.get_by_role("button", name="Close").click()
    expect(done).to_have_count(0)


def test_the_form_of_a_web_address_stays_until_it_is_right(open_page: OpenPage, site: Stand) -> None:
    put(site, "/pulling/plugin.jar", b"old")
    page = open_page(site, "owner")
    watched(page).allow_status(422)
    open_folder(page, site, "/pulling")
    page.locator("summary", has_text="New").click()
    page.get_by_role("link", name="From a web address").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Web address of the file").fill("ftp://example.com/plugin.jar")
    dialog.get_by_role("button", name="Fetch").click()
    expect(dialog).to_contain_text("This is not a web address")
    dialog.get_by_label("Web address of the file").fill("https://example.com/plugin.jar?token=hush")
    dialog.get_by_role("button", name="Fetch").click()
    expect(dialog).to_contain_text("There is a plugin.jar already.")
    dialog.get_by_label("Replace what has that name").check()
    dialog.get_by_role("button", name="Fetch").click()
    expect(dialog).to_be_hidden()
    failed = work(page, "Not fetched: plugin.jar")
    expect(failed).to_contain_text("The node could not fetch it", timeout=WAIT_MS)
    expect(failed).not_to_contain_text("hush")
    failed.get_by_role("button", name="Close").click()
    expect(failed).to_have_count(0)


def test_without_script_an_archive_is_unpacked_as_well(open_page: OpenPage, site: Stand) -> None:
    put_zip(site, "/plain/world.zip", "read-me.txt")
    page = open_page(site, "owner", java_script_enabled=False)
    page.goto(f"/servers/{site.server(NAME)}/files/unarchive?file=/plain/world.zip")
    page.get_by_role("button", name="Unarchive").click()
    expect(work(page, "world.zip")).to_be_visible()
    again, done = page.get_by_role("link", name="Look again"), work(page, "Unarchived world.zip")
    for _ in range(WAIT_MS // 500):
        expect(again.or_(done).first).to_be_visible()
        if done.is_visible():
            break
        again.click()
        page.wait_for_timeout(500)
    expect(done).to_be_visible()
    expect(page.locator("#files .rows")).to_contain_text("read-me.txt")
    work(page, "Unarchived").get_by_role("button", name="Close").click()
    expect(work(page, "Unarchived")).to_have_count(0)


def test_a_background_process_that_stops_waits_for_nothing_and_the_next_one_says_so(
    open_page: OpenPage, own_site: Stand
) -> None:
    put_zip(own_site, "/world.zip", "unpacked/level.dat")
    page = open_page(own_site, "owner")
    with slow(own_site, "*/files/decompress"):
        page.goto(f"/servers/{own_site.server(NAME)}/files/unarchive?file=/world.zip")
        page.get_by_role("button", name="Unarchive").click()
        page.get_by_role("link", name="See how far it is").click()
        expect(work(page, "Unarchiving world.zip since")).to_be_visible(timeout=WAIT_MS)
        before = own_site.processes[-1]
        before.terminate()
        assert before.wait(ENDS_S) == 0
        own_site.processes[-1] = own_site.run_worker()
        expect(work(page, "Perhaps unarchived: world.zip")).to_be_visible(timeout=WAIT_MS)
    expect(work(page, "Perhaps unarchived")).to_contain_text("was stopped meanwhile")
