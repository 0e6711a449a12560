"""Every page and state of the portal, as (name, how to get there), for tests that look at all of them and for shots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.stand import Stand


@dataclass(frozen=True)
class Look:
    """One page in one state. `who` is signed in; `status` is what the answer must be."""

    name: str
    go: Callable[[Page, Stand], None]
    who: str | None = "owner"
    status: int = 200


def at(path: str) -> Callable[[Page, Stand], None]:
    return lambda page, stand: _goto(page, path)


def server_at(name: str, path: str = "") -> Callable[[Page, Stand], None]:
    return lambda page, stand: _goto(page, f"/servers/{stand.server(name)}{path}")


def _goto(page: Page, path: str) -> None:
    page.goto(path)


def _wrong_password(page: Page, stand: Stand) -> None:
    page.goto("/login")
    walk.sign_in(page, "nobody", "not the password")
    expect(page.get_by_text("do not belong together")).to_be_visible()


def _invited(page: Page, stand: Stand) -> None:
    page.goto(stand.invitation("stranger"))


def _invited_wrongly(page: Page, stand: Stand) -> None:
    page.goto(stand.invitation("stranger"))
    page.get_by_label("New password").fill("short")
    page.get_by_role("button").last.click()
    expect(page.locator(".wrong").first).to_be_visible()


def _dialog(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server('Lobby')}")
    walk.act(page, "Stop", "Lobby").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _menu(page: Page, stand: Stand) -> None:
    page.goto("/servers")
    page.locator(".menu summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _command_refused(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server('Retakes')}/console")
    page.get_by_role("textbox").fill("say nobody hears")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The server is not running")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)


def _command_sent(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server('Lobby')}/console")
    page.get_by_role("textbox").fill("say hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent: say hello")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)


def _wrong_key(page: Page, stand: Stand) -> None:
    page.goto("/account")
    page.get_by_label("Client key of the panel").fill("not a key")
    page.get_by_role("button", name="Connect").or_(page.get_by_role("button", name="Replace")).click()
    expect(page.locator(".wrong").first).to_be_visible()


def _account_of(name: str, query: str = "") -> Callable[[Page, Stand], None]:
    return lambda page, stand: _open_account(page, name, query)


def _open_account(page: Page, name: str, query: str) -> None:
    page.goto("/admin/accounts")
    page.get_by_role("link", name=f"{name}@example.com").click()
    page.wait_for_url("**/admin/accounts/*")
    if query:
        page.get_by_role("searchbox").fill(query)
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#found li").first).to_be_visible()


def _link_made(page: Page, stand: Stand) -> None:
    _open_account(page, "subuser", "")
    page.get_by_role("button", name="New password link").click()
    expect(page.get_by_text("Pass this link on")).to_be_visible()


def _account_refused(page: Page, stand: Stand) -> None:
    page.goto("/admin/accounts/new")
    page.get_by_label("E-mail address").fill("owner@example.com")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("There is an account for")).to_be_visible()


def _doctor(page: Page, stand: Stand) -> None:
    page.goto("/admin/doctor?now=1")
    expect(page.get_by_text("worker", exact=False).first).to_be_visible()


LONG = "The Extraordinarily"
SERVERS = {
    "running": "Survival SMP",
    "offline": "Retakes",
    "starting": "Slow Starter",
    "installing": "New Adventure",
    "install-failed": "Broken Pack",
    "reinstall-failed": "Half Reinstalled",
    "suspended": "Unpaid",
    "restoring": "Yesterday's World",
    "moving": "On the Move",
    "maintenance": "CS2 Scrims",
    "node-unreachable": "Terraria Master Mode",
    "unlimited": "Factorio Space Age",
    "nearly-full": "Nearly Full",
}

LOOKS: tuple[Look, ...] = (
    Look("login", at("/login"), who=None),
    Look("login-wrong", _wrong_password, who=None, status=422),
    Look("invite", _invited, who=None),
    Look("invite-wrong", _invited_wrongly, who=None, status=422),
    Look("invite-over", at("/invite/not-a-token"), who=None, status=410),
    Look("forgot", at("/forgot"), who=None),
    Look("account", at("/account")),
    Look("account-wrong-key", _wrong_key, status=422),
    Look("admin-accounts", at("/admin/accounts"), who="admin"),
    Look("admin-nobody-fits", at("/admin/accounts?q=no-such-person"), who="admin"),
    Look("admin-new", at("/admin/accounts/new"), who="admin"),
    Look("admin-new-refused", _account_refused, who="admin", status=422),
    Look("admin-account", _account_of("owner"), who="admin"),
    Look("admin-account-search", _account_of("subuser", "s"), who="admin"),
    Look("admin-account-link", _link_made, who="admin"),
    Look("doctor", _doctor, who="admin"),
    Look("list", at("/servers")),
    Look("list-page-2", at("/servers?page=2")),
    Look("list-trouble", at("/servers?state=trouble")),
    Look("list-nothing-fits", at("/servers?q=no-such-thing")),
    Look("list-empty", at("/servers"), who="stranger"),
    Look("list-subuser", at("/servers"), who="subuser"),
    Look("list-menu", _menu),
    *(Look(f"server-{state}", server_at(name)) for state, name in SERVERS.items()),
    Look("server-long-name", lambda page, stand: _goto(page, f"/servers/{stand.server(long_name(stand))}")),
    Look("server-hostile-name", lambda page, stand: _goto(page, f"/servers/{stand.server(hostile_name(stand))}")),
    Look("server-dialog", _dialog),
    Look("confirm", server_at("Lobby", "/power/stop")),
    Look("console", server_at("Lobby", "/console")),
    Look("console-sent", _command_sent),
    Look("console-refused", _command_refused, status=409),
    Look("console-not-allowed", server_at("Survival SMP", "/console"), who="subuser"),
    Look("error-404", at("/servers/00000000"), status=404),
    Look("error-403", server_at("Survival SMP", "/power/stop"), who="subuser", status=403),
)


def long_name(stand: Stand) -> str:
    """The name of the server whose name is very long."""
    return next(one.name for one in stand.demo.world.servers if one.name.startswith(LONG))


def hostile_name(stand: Stand) -> str:
    """The name of the server whose name wants to be markup."""
    return next(one.name for one in stand.demo.world.servers if one.name.startswith("<script>"))
