"""Steps of uploading in a browser: choosing, dropping real folders, reading what the node has then."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.stand import BUSY_S, Stand

END_MS = 2 * PATIENCE_MS
DROP_POINT = {"x": 180, "y": 400}
_lines: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def open_files(page: Page, stand: Stand, name: str, directory: str = "") -> None:
    """A folder's page, with its list."""
    page.goto(f"/servers/{stand.server(name)}/files{'?directory=' + directory if directory else ''}")
    expect(page.locator("#files")).not_to_have_attribute("aria-busy", "true")


def choose(page: Page, *paths: Path) -> None:
    """Pick files, or one folder, as the file chooser would hand them over."""
    field = "folder" if paths[0].is_dir() else "files"
    page.locator(f"[data-field={field}]").set_input_files([str(path) for path in paths])


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders of this machine on the page, as the desktop does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **DROP_POINT})
    session.detach()


def slow(page: Page, bytes_per_second: int, *, is_offline: bool = False) -> None:
    """From now on the browser sends no faster than this; -1 for as fast as it can."""
    if page not in _lines:  # each session has conditions of its own
        _lines[page] = page.context.new_cdp_session(page)
        _lines[page].send("Network.enable")
    limits = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    _lines[page].send("Network.emulateNetworkConditions", limits)


def band(page: Page) -> Locator:
    """What says how the uploads are."""
    return page.get_by_role("region", name="Uploads")


def row(page: Page, name: str) -> Locator:
    """One file of it; needs the list of each file to be open."""
    return band(page).locator("li").filter(has=page.locator("[data-name]", has_text=name))


def wait_in_steps(page: Page, wanted: Locator) -> None:
    """Let time go on in steps, in a page in which it stands still, until that is there."""
    deadline = time.monotonic() + END_MS / 1000
    while not wanted.is_visible():
        assert time.monotonic() < deadline, f"{wanted} does not come"
        page.clock.run_for(100)
        page.wait_for_timeout(50)


def ends_with(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until everything has ended, with these words."""
    expect(band(page).locator("[data-title]")).to_have_text(text, timeout=END_MS)


def folder(stand: Stand, name: str, directory: str) -> Path:
    """A folder of a server as it is on the node's disk; made if need be."""
    uuid = next(one.uuid for one in stand.demo.world.servers if one.name == name)
    found = stand.demo.processes[uuid].files.root / directory.lstrip("/")
    found.mkdir(parents=True, exist_ok=True)
    return found


def contents(top: Path) -> dict[str, bytes | None]:
    """Everything below a folder: bytes by path, None for folders."""
    found = sorted(top.rglob("*"))
    return {one.relative_to(top).as_posix(): None if one.is_dir() else one.read_bytes() for one in found}


def limit(stand: Stand, mib: int) -> None:
    """What every node takes from now on, and Roost has read it already."""
    now = time.time()
    for node in stand.demo.nodes.values():
        node.row.upload_size = mib
    with closing(sqlite3.connect(stand.instance / "roost.db", timeout=BUSY_S)) as store, store:
        rows = [(node.row.name, mib, now) for node in stand.demo.nodes.values()]
        store.executemany("INSERT OR REPLACE INTO upload_limit (node, mib, read_at) VALUES (?, ?, ?)", rows)
