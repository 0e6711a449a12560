"""The client API: what py-dactyl 2.1 does wrong against a panel 1.11.8, and that ours does not. Rows A to J."""

from __future__ import annotations

import inspect

import pyotp
import pytest
import requests
from pydactyl.exceptions import PterodactylApiError

from portal.pterodactyl import errors, models
from tests.pydactyl import surface, theirs, worlds
from tests.pydactyl.asking import Asking

EVERY_BYTE = bytes(range(256))
AT_THREE = ("0", "3", "*", "*", "*")
CRON = models.Cron(*AT_THREE)


def parameters(asking: Asking, name: str) -> set[str]:
    """Of a method of theirs."""
    return set(inspect.signature(theirs.called(asking.stand.customer, name)).parameters)


def test_the_second_factor_is_switched_on_and_off(own: Asking) -> None:
    """A-3 and A-4."""
    secret = own.stand.customer.client.account.get_2fa_setup_code()["data"]["secret"]
    code = pyotp.TOTP(secret).at(int(own.stand.demo.clock.now()))
    with pytest.raises(PterodactylApiError, match="password"):
        own.stand.customer.client.account.enable_2fa(code)
    with pytest.raises(requests.HTTPError, match="405"):
        own.stand.customer.client.account.disable_2fa(worlds.PASSWORD)
    assert len(own.client.two_factor.enable(code=code, password=worlds.PASSWORD).tokens) == 10
    with pytest.raises(errors.Refused):
        own.client.two_factor.setup()
    own.client.two_factor.disable(password=worlds.PASSWORD)
    assert own.client.two_factor.setup().secret != secret


def test_rights_come_with_the_server(own: Asking) -> None:
    """B-3."""
    assert "meta" not in own.stand.customer.client.servers.get_server(own.stand.server)
    assert own.client.servers.view(own.stand.server).user_permissions == ("*",)


def test_a_command_for_a_server_that_is_off(own: Asking) -> None:
    """B-5: 412 is what their documents say."""
    with pytest.raises(requests.HTTPError, match="502"):
        own.stand.customer.client.servers.send_console_command(own.stand.server, "list")
    with pytest.raises(errors.ServerOffline):
        own.client.servers.send_command(own.stand.server, "list")


def test_backups_have_names_patterns_locks_and_pages(own: Asking) -> None:
    """C-1 and C-2."""
    assert parameters(own, "client.servers.backups.create_backup") == {"server_id"}
    for name in ("first", "second"):
        own.client.backups.create(own.stand.server, name=name, ignored=["*.log"], is_locked=True)
        own.stand.work()
    page = own.client.backups.list(own.stand.server, per_page=1)
    assert [one.name for one in page.items] == ["first"]
    assert [(one.name, one.is_locked) for one in own.client.backups.iterate(own.stand.server)] == [
        ("first", True), ("second", True)]  # fmt: skip


def test_a_restore_is_told_whether_files_go_first(own: Asking) -> None:
    """C-5: theirs deletes all files unless it is told not to."""
    restore = theirs.called(own.stand.customer, "client.servers.backups.restore_backup")
    assert inspect.signature(restore).parameters["delete_existing_files"].default is True
    ours = inspect.signature(surface.resolve("client.backups.restore")).parameters["truncate"]
    assert ours.default is inspect.Parameter.empty


def test_passwords_come_when_they_are_asked_for_and_never_after(own: Asking) -> None:
    """D-1. Theirs keeps the word in a list that all calls of the process share; it is taken out again here."""
    own.client.databases.create(own.stand.server, database="world", remote="%")
    group = own.stand.customer.client.servers.databases
    shared = inspect.signature(type(group).list_databases).parameters["includes"].default
    try:
        group.list_databases(own.stand.server, include_passwords=True)
        leaked = own.stand.customer.client.servers.databases.list_databases(own.stand.server)
    finally:
        shared.clear()
    assert leaked["data"][0]["attributes"]["relationships"]["password"]["attributes"]["password"]
    assert own.client.databases.list(own.stand.server, include_password=True)[0].password
    assert own.client.databases.list(own.stand.server)[0].password is None


@pytest.mark.parametrize("content", [b"12345 and text", b'{"a": 1}', EVERY_BYTE])
def test_a_file_is_its_bytes(own: Asking, content: bytes) -> None:
    """E-3 and E-6: theirs gives {} for a text, an object for JSON, and encodes what is written."""
    own.client.files.write(own.stand.server, "/x", content)
    read = own.stand.customer.client.servers.files.get_file_contents(own.stand.server, "/x")
    assert read == ({"a": 1} if content.startswith(b"{") else {})
    assert own.client.files.contents(own.stand.server, "/x") == content


def test_many_files_are_renamed_at_once(own: Asking) -> None:
    """E-4."""
    for name in ("one", "two"):
        own.client.files.write(own.stand.server, f"/{name}", b"x")
    asked = len(own.stand.log)
    moves = [models.FileMove("one", "1"), models.FileMove("two", "2")]
    own.client.files.rename(own.stand.server, moves)
    assert len(own.stand.log) == asked + 1
    assert {"1", "2"} <= {one.name for one in own.client.files.list(own.stand.server)}
    assert "files" not in parameters(own, "client.servers.files.rename_file")


def test_a_paused_schedule_stays_paused(own: Asking) -> None:
    """G-4."""
    server = own.stand.server
    paused = own.client.schedules.create(server, name="nightly", cron=CRON, is_active=False, only_when_online=True)
    after = own.client.schedules.update_schedule(server, paused.id, name="weekly")
    assert (after.name, after.is_active, after.only_when_online) == ("weekly", False, True)
    own.stand.customer.client.servers.schedules.update_schedule(server, paused.id, "daily", *AT_THREE)
    undone = own.client.schedules.view(server, paused.id)
    assert (undone.is_active, undone.only_when_online) == (True, False)


def test_a_task_keeps_its_place_and_what_is_not_named(own: Asking) -> None:
    """G-6 and G-7."""
    server = own.stand.server
    schedule = own.client.schedules.create(server, name="x", cron=CRON, is_active=True, only_when_online=False)
    made = [
        own.client.tasks.create(server, schedule.id, action="command", payload=word, time_offset_s=5,
                                sequence_id=1, continue_on_failure=True)
        for word in ("second", "first")
    ]  # fmt: skip
    assert [task.payload for task in own.client.schedules.view(server, schedule.id).tasks] == ["first", "second"]
    kept = own.client.tasks.update_task(server, schedule.id, made[0].id, payload="last")
    assert (kept.payload, kept.sequence_id, kept.time_offset_s, kept.continue_on_failure) == ("last", 2, 5, True)
    assert "sequence_id" not in parameters(own, "client.servers.schedules.create_task")
    own.stand.customer.client.servers.schedules.update_task(server, schedule.id, made[0].id, "command", "x")
    lost = own.client.schedules.view(server, schedule.id).tasks[1]
    assert (lost.time_offset_s, lost.continue_on_failure) == (0, False)


def test_an_empty_id_makes_nothing(own: Asking) -> None:
    """P9 in G-4 and F-3: theirs makes another schedule, and takes another allocation."""
    server = own.stand.server
    own.stand.customer.client.servers.schedules.update_schedule(server, "", "made", *AT_THREE)
    assert [one.name for one in own.client.schedules.list(server)] == ["made"]
    for call in (own.client.schedules.update_schedule, own.client.schedules.view):
        with pytest.raises(ValueError):
            call(server, "")  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        own.client.network.update_notes(server, "", notes="x")  # type: ignore[arg-type]
    assert len(own.client.schedules.list(server)) == 1


def test_a_name_that_the_panel_ignores_cannot_be_given(own: Asking) -> None:
    """J-2."""
    assert "username" in parameters(own, "client.servers.users.create_user")
    assert "username" not in inspect.signature(surface.resolve("client.subusers.create")).parameters
