"""The pages of files in their states. `LOOKS` change nothing of a server that others look at."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.e2e import editor
from tests.e2e.stand import Stand
from tests.e2e.states import Look

PLAYED = "Survival SMP"
MODS = "All the Mods 9"
ODD = "Lobby"
READ_ONLY = "The Factory"
VERSIONED = "Valheim Test"
UNPAID = "Unpaid"
Go = Callable[[Page, Stand], None]


def _open(page: Page, stand: Stand, name: str, rest: str = "") -> None:
    page.goto(f"/servers/{stand.server(name)}/files{rest}")


def _folder(name: str, directory: str = "/", more: str = "") -> Go:
    def go(page: Page, stand: Stand) -> None:
        _open(page, stand, name, f"?directory={quote(directory)}{more}")
        expect(page.locator("#files")).not_to_have_attribute("aria-busy", "true")

    return go


def _suspended(page: Page, stand: Stand) -> None:
    """Nothing of the node's is offered; what Roost keeps is."""
    _folder(UNPAID)(page, stand)
    expect(page.locator("#files")).to_contain_text("Your host has suspended this server.")
    expect(page.get_by_role("link", name="Deleted texts of this folder")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)


def _chosen(page: Page, stand: Stand) -> None:
    _folder(PLAYED, "/plugins")(page, stand)  # so few that the bar lies over none of them
    for name in ("Essentials", "EssentialsX-2.20.1.jar"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    expect(page.locator(".bulk .count")).to_be_visible()


def _entry(page: Page, stand: Stand) -> None:
    _folder(PLAYED)(page, stand)
    page.get_by_role("link", name="More: server.properties", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _asked(what: str) -> Go:
    def go(page: Page, stand: Stand) -> None:
        _entry(page, stand)
        page.get_by_role("dialog").get_by_role("link", name=what, exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("heading", name=what)).to_be_visible()

    return go


def _refused_name(page: Page, stand: Stand) -> None:
    _asked("Rename")(page, stand)
    page.get_by_role("dialog").get_by_label("Name").fill("spigot.yml")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog").get_by_text("There is already something with this name.")).to_be_visible()


def _new(what: str) -> Go:
    def go(page: Page, stand: Stand) -> None:
        _folder(PLAYED)(page, stand)
        page.locator("details.new summary").click()
        page.get_by_role("link", name=what, exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("heading").first).to_be_visible()

    return go


def _found(page: Page, stand: Stand) -> None:
    _open(page, stand, PLAYED, "/search?directory=/&q=*.yml")
    expect(page.get_by_text("paper-global.yml")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden(timeout=20_000)


def _edited(file: str, name: str = PLAYED) -> Go:
    def go(page: Page, stand: Stand) -> None:
        editor.open_file(page, stand, file, name)

    return go


def _not_edited(file: str, name: str = PLAYED) -> Go:
    def go(page: Page, stand: Stand) -> None:
        page.goto(editor.address(stand, file, name))
        expect(page.locator("#editor")).not_to_have_attribute("aria-busy", "true")

    return go


def _saved(page: Page, stand: Stand) -> None:
    editor.put(stand, "/notes.txt", "first\nsecond\n", VERSIONED)
    editor.open_file(page, stand, "/notes.txt", VERSIONED)
    editor.at_end_of(page, "second")
    page.keyboard.type(" and more")
    editor.save(page)


def _conflict(page: Page, stand: Stand) -> None:
    _saved(page, stand)
    editor.put(stand, "/notes.txt", "first\nsomebody else's\n", VERSIONED)
    editor.at_end_of(page, "second")
    page.keyboard.type(" of mine")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("somebody else's").first).to_be_visible(timeout=20_000)


def _versions(page: Page, stand: Stand) -> None:
    _saved(page, stand)
    _open(page, stand, VERSIONED, "/versions?file=/notes.txt")
    expect(page.locator("main a[href*='/files/versions/']").first).to_be_visible()


def _version(page: Page, stand: Stand) -> None:
    _versions(page, stand)
    page.locator("main a[href*='/files/versions/']").last.click()
    expect(page.get_by_role("button", name="Put this version back")).to_be_visible(timeout=20_000)


def _at(name: str, rest: str) -> Go:
    return lambda page, stand: _open(page, stand, name, rest)


LOOKS: tuple[Look, ...] = (
    Look("files", _folder(PLAYED)),
    Look("files-300", _folder(MODS, "/config")),
    Look("files-odd-names", _folder(ODD, "/odd names")),
    Look("files-deep", _folder(PLAYED, "/plugins/LuckPerms/yaml-storage/users")),
    Look("files-nothing-fits", _folder(PLAYED, more="&q=no-such-name")),
    Look("files-gone", _folder(PLAYED, "/no/such folder"), status=404),
    Look("files-suspended", _suspended),
    Look("files-read-only", _folder(READ_ONLY), who="subuser"),
    Look("files-chosen", _chosen),
    Look("files-entry", _entry),
    Look("files-entry-page", _at(PLAYED, "/entry?file=/server.properties")),
    Look("files-rename", _asked("Rename")),
    Look("files-rename-refused", _refused_name, status=422),
    Look("files-move", _asked("Move")),
    Look("files-delete", _asked("Delete")),
    Look("files-permissions", _asked("Permissions")),
    Look("files-new-folder", _new("New folder")),
    Look("files-pull", _new("From a web address")),
    Look("files-unarchive", _at(PLAYED, "/unarchive?file=/backups/world-before-1.21.zip")),
    Look("files-upload", _at(PLAYED, "/upload?directory=/")),
    Look("files-search", _found),
    Look("editor", _edited("/server.properties")),
    Look("editor-latin-1", _edited("/plugins/Essentials/messages_de.properties")),
    Look("editor-binary", _not_edited("/server.jar")),
    Look("editor-too-long", _not_edited("/logs/debug.log", MODS)),
    Look("editor-missing", _not_edited("/no-such.txt")),
    Look("editor-saved", _saved),
    Look("editor-conflict", _conflict, status=409),
    Look("editor-versions", _versions),
    Look("editor-version", _version),
)
