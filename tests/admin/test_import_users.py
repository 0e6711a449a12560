"""`flask data import-users`: an account for everybody who owns or shares a server, and nobody twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import event, func, select

from portal.auth import service as accounts
from portal.auth.models import Account
from portal.mail.models import Mail
from portal.store import db, inuse, read
from tests.conftest import World


def run(world: World, *options: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["data", "import-users", *options])


def count(world: World, table: type = Account) -> int:
    with world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def wanted(world: World) -> set[int]:
    """The panel users who own or share a server."""
    owners = {one.owner.id for one in world.demo.world.servers}
    return owners | {sub.user.id for one in world.demo.world.servers for sub in one.subusers}


@pytest.fixture
def empty(make_world: Callable[..., World]) -> World:
    """A portal with nobody in it but an administrator."""
    world = make_world("service")
    with world.app.app_context():
        from portal.store import write

        with write() as session:
            for one in session.scalars(select(Account).where(Account.email != "admin@example.com")):
                session.delete(one)
    return world


def linked(world: World) -> set[int]:
    with world.app.app_context(), read() as session:
        return {one for one in session.scalars(select(Account.panel_user_id)) if one is not None}


def test_everybody_who_owns_or_shares_a_server_gets_an_account(empty: World) -> None:
    ran = run(empty)
    assert ran.exit_code == 0, ran.output
    assert wanted(empty) <= linked(empty)
    assert linked(empty) - wanted(empty) <= {accounts_admin(empty)}
    assert count(empty, Mail) == 0


def accounts_admin(world: World) -> int | None:
    with world.app.app_context():
        return accounts.find("admin@example.com").panel_user_id


def test_twice_makes_nothing_twice(empty: World) -> None:
    run(empty)
    before = count(empty)
    ran = run(empty)
    assert ran.exit_code == 0
    assert "0 accounts made" in ran.stderr
    assert count(empty) == before


def test_a_dry_run_does_nothing(empty: World) -> None:
    ran = run(empty, "--dry-run", "--invite")
    assert ran.exit_code == 0
    assert "would make" in ran.stderr
    assert ran.stdout == ""
    assert count(empty) == 1


def test_links_are_printed_without_a_mail_server_and_open_the_portal(empty: World) -> None:
    ran = run(empty, "--invite")
    lines = dict(line.split("\t") for line in ran.stdout.splitlines())
    assert "owner@example.com" in lines
    path = lines["owner@example.com"].removeprefix("http://localhost")
    browser = empty.browser()
    password = {"password": "a password of my own", "again": "a password of my own"}
    assert browser.post(path, data=password).location == "/servers"
    empty.work()
    assert "Lobby" in browser.get("/servers").text


def test_nobody_is_invited_twice_or_after_choosing_a_password(empty: World) -> None:
    first = run(empty, "--invite").stdout.splitlines()
    path = first[0].split("\t")[1].removeprefix("http://localhost")
    empty.browser().post(path, data={"password": "a password of my own", "again": "a password of my own"})
    assert run(empty, "--invite").stdout == ""
    empty.clock.advance(8 * 86_400)
    again = run(empty, "--invite").stdout.splitlines()
    assert len(again) == len(first) - 1


def test_nothing_is_mailed_without_being_asked(make_world: Callable[..., World]) -> None:
    world = make_world("service", smtp_host="127.0.0.1", mail_from="help@example.com")
    assert run(world).exit_code == 0
    assert count(world, Mail) == 0
    ran = run(world, "--invite")
    assert ran.stdout == ""
    assert re.search(r"\d+ invitations? will be mailed", ran.stderr)


def test_an_address_that_has_an_account_already_is_left_to_a_human(empty: World) -> None:
    with empty.app.app_context():
        accounts.create("owner@example.com", panel_user=None)
    ran = run(empty, "--invite")
    assert ran.exit_code == 1
    assert "owner@example.com has an account that is linked to no panel user" in ran.stderr
    assert "owner@example.com\t" not in ran.stdout
    with empty.app.app_context():
        assert accounts.find("owner@example.com").panel_user_id is None


def test_an_account_is_found_by_number_whatever_its_address(empty: World) -> None:
    run(empty)
    user = next(one for one in empty.demo.world.users if one.username == "owner")
    user.email, user.username = "moved@example.org", "renamed"
    before = count(empty)
    assert run(empty).exit_code == 0
    assert count(empty) == before
    with empty.app.app_context():
        assert accounts.find("owner@example.com").panel_username == "renamed"


def test_an_address_that_is_none_is_left_to_a_human_and_the_rest_goes_on(empty: World) -> None:
    next(one for one in empty.demo.world.users if one.username == "owner").email = "nonsense"
    ran = run(empty)
    assert ran.exit_code == 1
    assert "That is not an e-mail address." in ran.stderr
    assert len(linked(empty)) > 1


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance"])
def test_a_panel_that_is_down_changes_nothing(condition: str, empty: World) -> None:
    empty.demo.set_condition(condition)
    ran = run(empty, "--invite")
    assert ran.exit_code == 1
    assert "could not be asked" in ran.output
    assert count(empty) == 1


def test_an_application_key_without_rights_is_said(empty: World) -> None:
    key = next(
        one for one in empty.demo.world.api_keys if one.identifier == empty.demo.keys["application"][:16]
    )
    key.grants = {"servers": 1}
    ran = run(empty)
    assert ran.exit_code == 1
    assert "must read Servers and Users" in ran.output
    assert count(empty) == 1


def test_three_hundred_users_twice_are_three_hundred_accounts(make_world: Callable[..., World]) -> None:
    world = make_world("service", is_ready=False)
    demo = world.demo.world
    owner = next(one for one in demo.users if one.username == "owner")
    server = next(one for one in demo.servers if one.owner is owner)
    crowd(world, 300, owner, server)
    before = len(linked(world))
    expected = len(wanted(world) | linked(world))
    assert expected >= 300
    assert run(world, "--invite").exit_code == 0
    assert count(world) == expected
    assert run(world, "--invite").exit_code == 0
    assert count(world) == expected
    assert before < 10


def crowd(world: World, number: int, like: object, server: object) -> None:
    """More users on the panel, each with a server."""
    import copy

    demo = world.demo.world
    first_user = max(one.id for one in demo.users) + 1
    first_server = max(one.id for one in demo.servers) + 1
    for count_ in range(number):
        user = copy.copy(like)
        user.id, user.username, user.email = first_user + count_, f"crowd{count_}", f"Crowd{count_}@Example.org"
        user.uuid = f"{count_:08x}-0000-4000-8000-00000000000a"
        demo.users.append(user)
        one = copy.copy(server)
        one.id, one.uuid, one.owner = first_server + count_, f"{count_:08x}-0000-4000-8000-00000000000b", user
        demo.servers.append(one)


def test_the_summary_is_not_in_the_output_that_is_piped_on(empty: World) -> None:
    ran = run(empty, "--invite")
    for line in ran.stdout.splitlines():
        assert re.fullmatch(r"[^\t]+@[^\t]+\thttp://localhost/invite/[\w-]{43}", line)
    assert "already there" in ran.stderr
    assert json.dumps(ran.stdout).count("http") == len(ran.stdout.splitlines())


def test_a_dry_run_promises_nothing_that_the_run_refuses(empty: World) -> None:
    next(one for one in empty.demo.world.users if one.username == "owner").email = "nonsense"
    promised, done = run(empty, "--dry-run"), run(empty)
    assert promised.exit_code == done.exit_code == 1
    assert promised.stderr.replace("would make", "made").replace("would be made", "made") == done.stderr


def test_a_disabled_account_is_not_invited(empty: World) -> None:
    run(empty)
    with empty.app.app_context():
        accounts.disable(accounts.find("owner@example.com").id)
    assert "owner@example.com" not in run(empty, "--invite").stdout


def test_it_waits_for_nobody_and_nobody_waits_for_it_while_a_store_is_put_back(empty: World) -> None:
    with inuse.alone(empty.instance):
        ran = run(empty)
    assert ran.exit_code == 1
    assert "being restored" in ran.output
    assert count(empty) == 1


def test_people_are_stored_a_few_at_a_time(make_world: Callable[..., World]) -> None:
    """The write lock is not held for everybody at once."""
    world = make_world("service")
    begun: list[str] = []
    with world.app.app_context():
        event.listen(db.engine, "begin", lambda connection: begun.append(str(connection.get_execution_options())))
    owner = next(one for one in world.demo.world.users if one.username == "owner")
    crowd(world, 100, owner, next(one for one in world.demo.world.servers if one.owner is owner))
    assert run(world, "--invite").exit_code == 0
    assert len([one for one in begun if "IMMEDIATE" in one]) > 100 / 20
