"""`flask user ...`: the operator's way to make and change accounts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from click.testing import Result

from portal.auth import service as accounts
from portal.auth.service import AccountError
from tests.admin.conftest import audited
from tests.auth.conftest import is_signed_in, log_in
from tests.conftest import World


def run(world: World, *args: str, typed: str | None = None) -> Result:
    return world.app.test_cli_runner().invoke(args=["user", *args], input=typed)


def done(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert (ran.exit_code, ran.stderr) == (0, ""), ran.output
    return ran.stdout


def refused(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert len(ran.stderr.strip().splitlines()) == 1
    return ran.stderr


def exists(world: World, email: str) -> bool:
    with world.app.app_context():
        try:
            accounts.find(email)
        except AccountError:
            return False
        return True


def free_user(world: World) -> int:
    """A panel user whom no account belongs to: the admin's account is taken apart."""
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection, connection:
        (number,) = connection.execute("SELECT panel_user_id FROM account WHERE email = 'solo@example.com'").fetchone()
        connection.execute("DELETE FROM client_key")
        connection.execute("DELETE FROM account WHERE email = 'solo@example.com'")
    return int(number)


def test_create_makes_an_account_that_nobody_can_sign_in_to_yet(portal: World) -> None:
    assert done(portal, "create", "New@Example.com") == "Made the account new@example.com, not linked to the panel.\n"
    assert log_in(portal.browser(), "new@example.com", "").status_code == 422


def test_create_links_to_the_panel_user_of_a_number(portal: World) -> None:
    number = free_user(portal)
    said = done(portal, "create", "other@example.org", "--panel-user", str(number))
    assert said == f"Made the account other@example.org, linked to panel user {number} (solo).\n"
    with portal.app.app_context():
        account = accounts.find("other@example.org")
    assert (account.panel_user_id, account.panel_username) == (number, "solo")


def test_create_never_links_by_address(portal: World) -> None:
    free_user(portal)
    done(portal, "create", "solo@example.com")
    with portal.app.app_context():
        assert accounts.find("solo@example.com").panel_user_id is None


def test_create_refuses_a_panel_user_that_there_is_not(portal: World) -> None:
    assert "no user 9999" in refused(portal, "create", "new@example.com", "--panel-user", "9999")
    assert not exists(portal, "new@example.com")


def test_create_refuses_a_panel_user_who_has_an_account(portal: World) -> None:
    with portal.app.app_context():
        number = accounts.find("owner@example.com").panel_user_id
    assert "has an account already" in refused(portal, "create", "new@example.com", "--panel-user", str(number))
    assert not exists(portal, "new@example.com")


@pytest.mark.parametrize("number", ["0", "-1"])
def test_create_refuses_a_number_that_is_no_user(number: str, portal: World) -> None:
    refused(portal, "create", "new@example.com", f"--panel-user={number}")
    assert not exists(portal, "new@example.com")


def test_create_says_when_the_panel_cannot_be_asked(portal: World) -> None:
    portal.demo.set_condition("panel-gateway")
    assert "could not be asked" in refused(portal, "create", "new@example.com", "--panel-user", "1")
    assert not exists(portal, "new@example.com")


@pytest.mark.parametrize("email", ["owner@example.com", "OWNER@example.com", " owner@example.com "])
def test_create_refuses_an_address_that_is_taken(email: str, portal: World) -> None:
    assert "already" in refused(portal, "create", email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@example.com",
        "a@b",
        "a@",
        "a b@example.com",
        "x" * 190 + "@example.com",
        "a@example.com\nb",
        "\ud800@example.com",
    ],
)
def test_create_refuses_what_is_no_address(email: str, portal: World) -> None:
    assert "not an e-mail address" in refused(portal, "create", email)


def test_create_with_a_password_lets_sign_in(portal: World) -> None:
    done(portal, "create", "new@example.com", "--password", typed="a fine password\n")
    assert log_in(portal.browser(), "new@example.com", "a fine password").status_code == 303


@pytest.mark.parametrize("typed", ["short\n", "", "x" * 201 + "\n"])
def test_create_refuses_a_password_that_does_not_do_and_makes_nothing(typed: str, portal: World) -> None:
    assert "password" in refused(portal, "create", "new@example.com", "--password", typed=typed)
    assert not exists(portal, "new@example.com")


def test_create_can_make_an_administrator(portal: World) -> None:
    done(portal, "create", "boss@example.com", "--admin")
    with portal.app.app_context():
        assert accounts.find("boss@example.com").is_admin
    done(portal, "create", "customer@example.com")
    with portal.app.app_context():
        assert not accounts.find("customer@example.com").is_admin


def test_list_shows_everybody_with_their_link_and_marks(portal: World) -> None:
    done(portal, "create", "aaa@example.com")
    done(portal, "disable", "owner@example.com")
    lines = {line.split("\t")[0]: line.split("\t")[1:] for line in done(portal, "list").splitlines()}
    assert list(lines) == sorted(lines)
    assert lines["aaa@example.com"] == ["not linked", "-"]
    assert lines["admin@example.com"][1] == "admin"
    assert lines["owner@example.com"][1] == "disabled"
    assert lines["owner@example.com"][0].endswith("(owner)")


def test_a_disabled_account_cannot_sign_in_until_it_is_opened_again(portal: World) -> None:
    done(portal, "disable", "owner@example.com")
    assert log_in(portal.browser()).status_code == 422
    done(portal, "disable", "owner@example.com", "--undo")
    assert log_in(portal.browser()).status_code == 303


def test_set_password_replaces_the_password(portal: World) -> None:
    said = done(portal, "set-password", "owner@example.com", typed="a fine password\n")
    assert "a fine password" not in said
    assert log_in(portal.browser()).status_code == 422
    assert log_in(portal.browser(), password="a fine password").status_code == 303


@pytest.mark.parametrize(
    "typed", ["  spaces matter  \n", "with \"quotes\" 'n' $signs\n", "пароль-длинный\n", "no newline at the end"]
)
def test_a_password_is_taken_as_it_was_typed(typed: str, portal: World) -> None:
    done(portal, "set-password", "owner@example.com", typed=typed)
    assert log_in(portal.browser(), password=typed.removesuffix("\n")).status_code == 303


def test_a_password_that_does_not_do_changes_nothing(portal: World) -> None:
    browser = portal.browser("owner")
    refused(portal, "set-password", "owner@example.com", typed="short\n")
    assert is_signed_in(browser)
    assert log_in(portal.browser()).status_code == 303


@pytest.mark.parametrize("command", ["disable", "set-password", "set-key", "invite"])
def test_commands_say_when_there_is_no_such_account(command: str, portal: World) -> None:
    assert "no account" in refused(portal, command, "missing@example.com", typed="a fine password\n")


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["create", "a@example.com"],
        ["disable", "a@example.com"],
        ["set-password", "a@example.com"],
        ["set-key", "a@example.com"],
        ["invite", "a@example.com"],
    ],
)
def test_commands_say_when_there_is_no_store(command: list[str], make_world: Callable[..., World]) -> None:
    world = make_world("service")
    for path in world.instance.glob("roost.db*"):
        path.unlink()
    assert "store upgrade" in refused(world, *command, typed="a fine password\n")
    assert not (world.instance / "roost.db").exists()


def test_admin_makes_an_administrator_and_takes_it_back(portal: World) -> None:
    assert done(portal, "admin", "owner@example.com") == "owner@example.com is an administrator of this portal.\n"
    assert portal.browser("owner").get("/admin/accounts").status_code == 200
    assert done(portal, "admin", "owner@example.com", "--undo").endswith("no administrator any more.\n")
    assert portal.browser("owner").get("/admin/accounts").status_code == 404


@pytest.mark.parametrize("args", [("disable",), ("admin", "--undo")])
def test_the_last_administrator_stays_one(args: tuple[str, ...], portal: World) -> None:
    assert "last administrator" in refused(portal, args[0], "admin@example.com", *args[1:])
    done(portal, "admin", "owner@example.com")
    done(portal, args[0], "admin@example.com", *args[1:])


def test_a_disabled_administrator_is_none_that_could_stay(portal: World) -> None:
    done(portal, "admin", "owner@example.com")
    done(portal, "disable", "owner@example.com")
    assert "last administrator" in refused(portal, "admin", "admin@example.com", "--undo")


def test_every_change_by_command_is_in_the_audit(portal: World) -> None:
    done(portal, "create", "new@example.org")
    done(portal, "set-password", "new@example.org", typed="a password of ten\n")
    done(portal, "disable", "new@example.org")
    done(portal, "disable", "new@example.org", "--undo")
    done(portal, "set-key", "owner@example.com", typed=portal.demo.keys["owner"] + "\n")
    actions = [action for action, _ in audited(portal)]
    assert actions == ["account.create", "account.password", "account.disable", "account.enable", "account.key"]
    assert portal.demo.keys["owner"] not in str(audited(portal))


def test_hostile_names_of_the_panel_do_not_reach_the_terminal(portal: World) -> None:
    number = free_user(portal)
    user = next(one for one in portal.demo.world.users if one.id == number)
    user.username = "bad\x1b]0;owned\x07\x1b[2J\nroot"
    said = done(portal, "create", "other@example.org", "--panel-user", str(number)) + done(portal, "list")
    assert "\x1b" not in said
    assert "\nroot" not in said


def test_a_link_that_was_open_does_not_live_again_with_the_account(portal: World) -> None:
    link = done(portal, "invite", "owner@example.com").strip().removeprefix("http://localhost")
    done(portal, "disable", "owner@example.com")
    done(portal, "disable", "owner@example.com", "--undo")
    assert portal.browser().get(link).status_code == 410


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Straße@Example.DE", "straße@example.de"), ("İ@example.com", "İ@example.com"), (" A@B.C ", "a@b.c")],
)
def test_only_a_to_z_are_made_small_in_an_address(typed: str, kept: str, portal: World) -> None:
    """straße and strasse are two addresses, and mail for one must not go to the other."""
    assert kept in done(portal, "create", typed)
    with portal.app.app_context():
        assert accounts.find(typed).email == kept
