"""`flask data sync`: accounts beside their panel users. It keeps what the panel says, and removes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from portal.auth import service as accounts
from portal.auth.models import Account
from portal.credentials.models import ClientKey
from portal.mail.models import Mail
from portal.servers import records
from portal.servers.models import Grant, Snapshot
from portal.store import read, write
from portal.suspension.models import Observed
from tests.conftest import World
from tests.data.support import accounts_of, sync, writes
from tests.servers.support import Bent, audit_of, row_of
from tests.support.money import known

Make = Callable[..., World]


@pytest.fixture
def world(make_world: Make) -> World:
    """The lively demo with everybody's own key; rights are read, and a moment has passed."""
    world = make_world("own", is_ready=True)
    world.clock.advance(10)
    return world


def report(world: World, *options: str) -> dict[str, Any]:
    """What the command says as JSON."""
    ran = sync(world, "--json", *options)
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    assert (ran.exit_code == 1) == bool(found["totals"]["failed"] or found["problems"])
    return found


def line(found: dict[str, Any], name: str) -> dict[str, Any]:
    """What it says of one of the people."""
    (one,) = [one for one in found["accounts"] if one["email"] == f"{name}@example.com"]
    return dict(one)


def user(world: World, name: str) -> Any:
    return next(one for one in world.demo.world.users if one.username == name)


def count(world: World, table: type) -> int:
    with world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def kept(world: World) -> tuple[int, ...]:
    return tuple(count(world, table) for table in (Account, ClientKey, Grant, Snapshot, Observed))


def test_everything_in_order_is_kept_and_every_key_was_asked_about(world: World) -> None:
    ran = sync(world)
    assert ran.exit_code == 0
    found = report(world)
    assert found["totals"] == {"created": 0, "kept": 5, "changed": 0, "failed": 0}
    assert {one["email"]: one["key"] for one in found["accounts"]} == {
        "admin@example.com": "none", "owner@example.com": "valid", "solo@example.com": "valid",
        "stranger@example.com": "valid", "subuser@example.com": "valid",
    }  # fmt: skip
    assert "0 created, 5 kept, 0 changed, 0 failed." in ran.stdout
    assert writes(world) == []


def test_another_address_on_the_panel_is_told_and_left(world: World) -> None:
    user(world, "owner").email = "moved@example.org"
    found = line(report(world), "owner")
    assert found["result"] == "changed"
    assert found["differences"] == [
        {"what": "email", "server": None, "here": "owner@example.com", "panel": "moved@example.org",
         "is_taken_over": False}
    ]  # fmt: skip
    assert "owner@example.com" in accounts_of(world)


def test_another_name_is_kept(world: World) -> None:
    user(world, "owner").username = "renamed"
    assert line(report(world, "--dry-run"), "owner")["result"] == "changed"
    assert accounts_of(world)["owner@example.com"].panel_username == "owner"
    assert line(report(world), "owner")["result"] == "changed"
    assert accounts_of(world)["owner@example.com"].panel_username == "renamed"
    assert line(report(world), "owner")["result"] == "kept"


def test_another_owner_is_told_on_both_sides_and_kept(world: World) -> None:
    row_of(world, "Lobby").owner = user(world, "solo")
    identifier, uuid = known(world, "Lobby").identifier, known(world, "Lobby").uuid
    found = report(world)
    assert [(one["what"], one["server"], one["here"], one["panel"]) for one in line(found, "owner")["differences"]] == [
        ("owner", identifier, "owner", None)
    ]
    assert [(one["here"], one["panel"]) for one in line(found, "solo")["differences"]] == [(None, "owner")]
    with world.app.app_context():
        assert records.rights(uuid, user(world, "owner").id) is None
        rights = records.rights(uuid, user(world, "solo").id)
    assert rights is not None
    assert rights.is_owner
    assert line(report(world), "solo")["result"] == "kept"


@pytest.fixture
def seen(make_world: Make) -> World:
    """The same with the service key, with which limits and suspension of all servers are read."""
    world = make_world("service", is_ready=True)
    world.clock.advance(10)
    return world


def test_suspension_and_limits_are_compared_and_kept(seen: World) -> None:
    row = row_of(seen, "Lobby")
    row.status = "suspended"
    row.limits.memory += 512
    found = line(report(seen, "--dry-run"), "owner")
    assert [(one["what"], one["here"], one["panel"]) for one in found["differences"]] == [
        ("suspended", "not suspended", "suspended"),
        ("limits", f"memory_mib {row.limits.memory - 512}", f"memory_mib {row.limits.memory}"),
    ]
    assert line(report(seen), "owner")["result"] == "changed"
    assert line(report(seen), "owner")["result"] == "kept"
    with seen.app.app_context():
        facts = records.known_one(records.SERVICE, row.uuid)
    assert facts is not None
    assert (facts.facts.status, facts.facts.memory_mib) == ("suspended", row.limits.memory)


def test_a_panel_user_who_is_gone_fails_and_nothing_is_removed(world: World) -> None:
    before = kept(world)
    world.demo.world.users.remove(user(world, "stranger"))
    found = line(report(world), "stranger")
    assert found["result"] == "failed"
    assert "The panel has no user" in found["problems"][0]
    assert kept(world) == before


def test_an_account_that_is_linked_to_nobody_is_kept_and_told(world: World) -> None:
    with world.app.app_context():
        accounts.create("new@example.com", panel_user=None)
    found = line(report(world), "new")
    assert (found["result"], found["notes"]) == ("kept", ["It is linked to no panel user."])


def swap_keys(world: World) -> None:
    """Owner's account gets the key of somebody else, as if it were theirs."""
    from portal.credentials import service as credentials
    from portal.credentials.sealing import seal

    with world.app.app_context(), write() as session:
        row = session.get_one(ClientKey, accounts.find("owner@example.com").id)
        row.sealed = seal(credentials.master_key(), row.account_id, world.demo.keys["solo"])


def test_a_key_that_the_panel_refuses_fails_and_stays(world: World) -> None:
    world.demo.world.api_keys[:] = [one for one in world.demo.world.api_keys if one.user.username != "owner"]
    found = line(report(world, "--dry-run"), "owner")
    assert (found["result"], found["key"]) == ("failed", "refused")
    assert key_of(world).refused_at is None
    assert line(report(world), "owner")["key"] == "refused"
    assert key_of(world).refused_at == world.clock.now()


def key_of(world: World) -> ClientKey:
    with world.app.app_context(), read() as session:
        return session.get_one(ClientKey, accounts.find("owner@example.com").id)


def test_a_key_of_somebody_else_fails(world: World) -> None:
    swap_keys(world)
    found = line(report(world), "owner")
    assert (found["result"], found["key"]) == ("failed", "foreign")
    assert "belongs to another panel user" in found["problems"][0]


def test_a_key_whose_owner_became_an_administrator_fails(world: World) -> None:
    user(world, "owner").root_admin = True
    assert line(report(world), "owner")["key"] == "administrator"


def test_a_key_that_cannot_be_opened_fails_without_a_call(world: World) -> None:
    with world.app.app_context(), write() as session:
        session.get_one(ClientKey, accounts.find("owner@example.com").id).sealed = b"x" * 40
    assert line(report(world), "owner")["key"] == "unreadable"


def test_a_key_that_works_again_is_remembered(world: World) -> None:
    with world.app.app_context(), write() as session:
        row = session.get_one(ClientKey, accounts.find("owner@example.com").id)
        row.refused_at, row.refused_cause = 1.0, "unauthenticated"
    assert line(report(world), "owner")["key"] == "valid"
    assert (key_of(world).refused_at, key_of(world).verified_at) == (None, world.clock.now())


def test_keys_that_cannot_be_asked_about_fail_and_a_silent_panel_is_not_asked_for_each(world: World) -> None:
    world.demo.knobs.turn({"where": "panel", "fault": "status", "settings": {"status": 503, "form": "html"},
                           "match": {"path": "/api/client*"}})  # fmt: skip
    world.calls()
    found = report(world)
    assert found["totals"] == {"created": 0, "kept": 1, "changed": 0, "failed": 4}
    assert line(found, "owner")["problems"] == ["The panel could not be asked about the stored client key."]
    assert world.calls().count("GET /api/client/account") == 6  # three keys, each tried twice


def test_panel_users_without_an_account_and_accounts_without_a_key_are_listed(world: World) -> None:
    found = report(world)
    assert {one["username"]: one["servers"] for one in found["panel_users_without_account"]} == {
        "service": 0, "harriet": 2, "mika": 0,
    }  # fmt: skip
    assert found["accounts_without_key"] == ["admin@example.com"]
    told = sync(world).stdout
    assert "harriet\tharriet@example.com\t2 servers" in told
    assert "Keys cannot be made through the panel's API: each customer makes one in the panel" in told


def test_create_makes_and_invites_them_once(world: World) -> None:
    assert report(world, "--create", "--dry-run")["totals"]["created"] == 3
    assert "harriet@example.com" not in accounts_of(world)
    ran = sync(world, "--create")
    assert "3 created, 5 kept, 0 changed, 0 failed." in ran.stdout
    assert "invitation\tharriet@example.com\thttp://localhost/invite/" in ran.stdout
    assert accounts_of(world)["harriet@example.com"].panel_user_id == user(world, "harriet").id
    again = report(world, "--create")
    assert again["totals"]["created"] == 0
    assert again["panel_users_without_account"] == []
    assert ("done", "3 created, 5 kept, 0 changed, 0 failed") in audit_of(world, "data.sync")


def test_create_mails_where_there_is_a_mail_server(make_world: Make) -> None:
    world = make_world("own", is_ready=True, smtp_host="127.0.0.1", mail_from="help@example.com")
    found = report(world, "--create")
    assert [one["invitation"] for one in found["accounts"]] == [None] * 8
    assert count(world, Mail) == 3


def test_an_address_that_an_unlinked_account_has_is_left_to_a_human(world: World) -> None:
    with world.app.app_context():
        accounts.create("harriet@example.com", panel_user=None)
    found = report(world, "--create")
    assert found["totals"] == {"created": 2, "kept": 6, "changed": 0, "failed": 1}
    failed = next(one for one in found["accounts"] if one["result"] == "failed")
    assert "has an account that is linked to no panel user" in failed["problems"][0]


def everything(world: World) -> list[str]:
    """All rows of the store."""
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection:
        return list(connection.iterdump())


def test_a_dry_run_writes_nothing(seen: World) -> None:
    row_of(seen, "Lobby").status = "suspended"
    row_of(seen, "Lobby").owner = user(seen, "solo")
    before = everything(seen)
    assert "changed\towner@example.com" in sync(seen, "--dry-run", "--create").stdout
    assert everything(seen) == before
    sync(seen)
    assert everything(seen) != before


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance", "panel-database-down"])
def test_a_panel_that_is_down_removes_nothing_and_fails(world: World, condition: str) -> None:
    before = kept(world)
    world.demo.set_condition(condition)
    ran = sync(world, "--create")
    assert ran.exit_code == 1
    assert "nothing was removed" in ran.stderr
    found = report(world, "--create")
    assert (found["accounts"], len(found["problems"])) == ([], 1)
    assert kept(world) == before


def half(_path: str, document: Any) -> Any:
    if document.get("object") == "list":
        document["data"] = document["data"][: len(document["data"]) // 2]
    return document


def consistent_half(_path: str, document: Any) -> Any:
    """Half of the servers, as a panel restored from an old backup would list them."""
    if document.get("object") == "list" and document["data"] and document["data"][0]["object"] == "server":
        document["data"] = document["data"][: len(document["data"]) // 2]
        document["meta"]["pagination"] |= {"total": len(document["data"]), "count": len(document["data"])}
    return document


def test_a_partial_answer_removes_nothing_and_fails(world: World) -> None:
    before = kept(world)
    Bent(world, half)
    ran = sync(world, "--create")
    assert ran.exit_code == 1
    assert "nothing was removed" in ran.stderr
    assert kept(world) == before


def test_a_whole_list_from_which_many_vanished_removes_nothing_either(world: World) -> None:
    sync(world)
    before = kept(world)
    Bent(world, consistent_half)
    found = report(world)
    assert "is not believed" in found["problems"][0]
    gone = [one for one in line(found, "owner")["differences"] if one["panel"] is None]
    assert gone
    assert not any(one["is_taken_over"] for one in gone)
    assert kept(world) == before


def test_the_words_for_a_service_key_say_that_no_other_is_needed(seen: World) -> None:
    with seen.app.app_context(), write() as session:
        session.execute(delete(ClientKey))
    assert "They need none while the service key acts for them." in sync(seen).stdout


def without_account(world: World, number: int) -> None:
    with world.app.app_context(), write() as session:
        session.execute(update(Account).where(Account.panel_user_id == number).values(panel_user_id=None))


def test_nobody_is_made_of_the_panel_user_whose_the_service_key_is(make_world: Make) -> None:
    world = make_world("service", is_ready=True)
    key = world.demo.keys["service"]
    itself = next(one.user for one in world.demo.world.api_keys if key.startswith(one.identifier))
    without_account(world, itself.id)
    without_account(world, user(world, "solo").id)
    found = report(world, "--create")
    named = {one["panel_user"] for one in found["accounts"]}
    assert user(world, "solo").id in named, "others are made or tried"
    assert itself.id not in named
    assert itself.id not in {one["panel_user"] for one in found["panel_users_without_account"]}


def test_nobody_is_made_while_whose_the_service_key_is_cannot_be_asked(make_world: Make) -> None:
    world = make_world("service", is_ready=True)
    key = world.demo.keys["service"]
    world.demo.world.api_keys = [one for one in world.demo.world.api_keys if not key.startswith(one.identifier)]
    found = report(world, "--create")
    assert found["totals"]["created"] == 0
    assert "no account was made" in found["problems"][0]
