"""`flask setup --non-interactive`: everything from the environment, and nothing written when anything is wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.auth import service as accounts
from portal.backup import starting
from portal.doctor import key_checks, panel_checks, panel_lines, service
from portal.doctor.key_checks import MAKE
from portal.doctor.lines import Line
from portal.setup import unattended
from portal.setup.findings import FINDINGS
from portal.store import inuse, read, schema
from tests.doctor.conftest import Raising, key_of
from tests.setup.conftest import URL, Place


@pytest.fixture(autouse=True)
def _level() -> Iterator[None]:
    before = logging.getLogger("roost").level
    yield
    logging.getLogger("roost").setLevel(before)


def refused(ran: Result, place: Place, line: Line) -> None:
    assert ran.stderr == f"{line.said} {line.cure}\n"
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert not place.instance.exists(), "nothing may be written"


def key_line(finding: str, which: key_checks.Which, key: str, **more: object) -> Line:
    return key_checks.FINDINGS[finding].line("x", which=which, hint=key[:8], make=MAKE[which], **more)


def user_number(place: Place, name: str) -> int:
    return next(one.id for one in place.demo.world.users if one.username == name)


def test_everything_from_the_environment(place: Place) -> None:
    ran = place.unattended(
        USE_SERVICE_KEY="yes", SERVICE_KEY=place.demo.keys["service"], PORTAL_URL="https://my.example.com/",
        SMTP_HOST="mail.example.com", MAIL_FROM="Höst <a@example.com>", SMTP_PORT="25", TRUSTED_PROXY="none",
        SETUP_ADMIN_PANEL_USER=str(user_number(place, "admin")),
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert place.stored() == {
        "panel_url": URL, "application_key": place.demo.keys["application_ro"], "use_service_key": True,
        "service_key": place.demo.keys["service"], "portal_url": "https://my.example.com",
        "smtp_host": "mail.example.com", "mail_from": "Höst <a@example.com>", "smtp_port": 25, "trusted_proxy": "none",
    }  # fmt: skip
    account = place.account("admin@example.com")
    assert (account.is_admin, account.panel_username) == (True, "admin")
    assert "https://my.example.com/invite/" in ran.stdout


def test_without_an_address_of_the_portal_nothing_is_done(place: Place) -> None:
    refused(place.unattended(PORTAL_URL=""), place, FINDINGS["portal_missing"].line("setup"))
    assert place.demo.calls == []
    place.unattended()
    again = place.unattended(PORTAL_URL="")
    assert again.exit_code == 0, "config.toml has it now"
    assert place.stored()["portal_url"] == "https://my.example.com"


def warned(ran: Result, line: Line) -> bool:
    return f"{line.said} {line.cure}\n" in ran.stderr


def test_what_is_not_well_but_taken_is_told_as_the_questions_would(place: Place) -> None:
    key = place.demo.keys["service"]
    key_of(place.demo, "service").allowed_ips = []
    ran = place.unattended(USE_SERVICE_KEY="true", SERVICE_KEY=key, PORTAL_URL="http://my.example.com")
    assert ran.exit_code == 0, ran.output
    assert warned(ran, key_line("service_open", "service", key))
    assert warned(ran, panel_lines.FINDINGS["portal_plain"].line("x", url="http://my.example.com"))
    assert warned(ran, panel_lines.FINDINGS["panel_plain"].line("x", url=URL))


def test_with_a_key_of_somebodys_everyday_account_that_is_told(place: Place) -> None:
    place.demo.world.servers[0].owner = key_of(place.demo, "service").user
    ran = place.unattended(USE_SERVICE_KEY="true", SERVICE_KEY=place.demo.keys["service"])
    assert (ran.exit_code, "the account is not Roost's alone" in ran.stderr) == (0, True)


def test_a_service_key_that_nothing_switches_on_is_told(place: Place) -> None:
    line = FINDINGS["service_unused"].line("x")
    ran = place.unattended(SERVICE_KEY=place.demo.keys["service"])
    assert (ran.exit_code, warned(ran, line)) == (0, True)
    assert not warned(place.unattended(), line), "it is given no more"


def test_keys_from_files(place: Place, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(place.demo.keys["application_ro"] + "\n")
    ran = place.unattended(APPLICATION_KEY="", APPLICATION_KEY_FILE=str(tmp_path / "key"))
    assert ran.exit_code == 0, ran.output
    assert place.stored()["application_key"] == place.demo.keys["application_ro"]


@pytest.mark.parametrize("name", ["PANEL_URL", "APPLICATION_KEY"])
def test_a_setting_that_is_missing(name: str, place: Place) -> None:
    ran = place.unattended(**{name: ""})
    assert f"The setting {name.lower()} is missing" in ran.stderr
    assert service.FINDINGS["settings_wrong"].cure in ran.stderr
    assert (ran.exit_code, place.instance.exists()) == (1, False)


def test_nobody_to_be_the_administrator(place: Place) -> None:
    refused(place.unattended(SETUP_ADMIN=""), place, FINDINGS["admin_missing"].line("setup"))
    refused(place.unattended(SETUP_ADMIN="admin"), place, FINDINGS["admin_address"].line("setup"))


def test_a_panel_that_is_not_well(place: Place) -> None:
    place.demo.set_condition("panel-maintenance")
    refused(place.unattended(), place, panel_checks.FINDINGS["panel_maintenance"].line("panel"))


def test_a_wire_that_breaks(place: Place) -> None:
    from requests.exceptions import SSLError

    place.adapter = Raising(SSLError("expired"))  # type: ignore[assignment]
    refused(place.unattended(), place, panel_checks.FINDINGS["panel_tls"].line("panel", url=URL))


def test_a_key_of_the_wrong_kind(place: Place) -> None:
    key = place.demo.keys["admin"]
    refused(place.unattended(APPLICATION_KEY=key), place, key_line("application_is_client", "application", key))


def test_a_service_key_that_is_refused(place: Place) -> None:
    key_of(place.demo, "service").allowed_ips = ["203.0.113.1"]
    key = place.demo.keys["service"]
    ran = place.unattended(USE_SERVICE_KEY="true", SERVICE_KEY=key)
    refused(ran, place, key_line("key_address", "service", key, address="127.0.0.1"))


def test_a_service_key_that_is_not_used_is_not_asked_with(place: Place) -> None:
    ran = place.unattended(SERVICE_KEY=place.demo.keys["owner"])
    assert ran.exit_code == 0
    assert {one.key_owner for one in place.demo.calls} == {None, "admin"}


def test_the_panel_user_by_number(place: Place) -> None:
    number = next(one.id for one in place.demo.world.users if one.username == "stranger")
    assert place.unattended(SETUP_ADMIN_PANEL_USER=str(number)).exit_code == 0
    assert place.account("admin@example.com").panel_user_id == number


@pytest.mark.parametrize("number", ["9999", "one", "-1", "0"])
def test_a_panel_user_that_there_is_not(number: str, place: Place) -> None:
    wanted = FINDINGS["admin_number"].line("setup", number=number)
    refused(place.unattended(SETUP_ADMIN_PANEL_USER=number), place, wanted)


def test_without_a_user_of_that_very_address_the_account_is_not_linked(place: Place) -> None:
    assert place.unattended(SETUP_ADMIN="vice@example.com").exit_code == 0
    assert place.account("vice@example.com").panel_user_id is None


def test_an_address_alone_links_nobody_and_the_number_that_would_is_told(place: Place) -> None:
    ran = place.unattended()
    assert ran.exit_code == 0
    assert place.account("admin@example.com").panel_user_id is None
    values = {"number": user_number(place, "admin"), "username": "admin"}
    line = FINDINGS["admin_unlinked"].line("admin", **values)
    assert f"{line.said} {line.cure}\n" in ran.stdout
    assert f"ROOST_SETUP_ADMIN_PANEL_USER={values['number']}" in ran.stdout


def test_an_account_that_is_there_becomes_an_administrator(place: Place) -> None:
    place.unattended()
    with place.portal():
        accounts.create("boss@example.com", panel_user=None)
    ran = place.unattended(SETUP_ADMIN="Boss@example.com")
    assert "There is already an account boss@example.com." in ran.stdout
    assert "The account boss@example.com is an administrator of this portal now.\n" in ran.stdout
    assert place.account("boss@example.com").is_admin
    with place.portal(), read() as session:
        acts = session.execute(select(AuditEntry.action, AuditEntry.detail)).all()
        assert ("account.admin", "boss@example.com") in [tuple(one) for one in acts]
    assert "is an administrator of this portal now" not in place.unattended(SETUP_ADMIN="boss@example.com").stdout


def test_a_disabled_account_stays_as_it_is_and_what_to_do_is_told(place: Place) -> None:
    place.unattended()
    with place.portal():
        accounts.disable(accounts.create("boss@example.com", panel_user=None))
    ran = place.unattended(SETUP_ADMIN="boss@example.com")
    line = FINDINGS["admin_disabled"].line("admin", email="boss@example.com")
    assert (ran.exit_code, f"{line.said} {line.cure}\n" in ran.stdout) == (0, True)
    account = place.account("boss@example.com")
    assert (account.is_admin, account.is_disabled) == (False, True)
    assert "/invite/" not in ran.stdout


def test_the_link_of_an_account_that_is_there_is_left_as_it_is(place: Place) -> None:
    place.unattended()
    number = user_number(place, "stranger")
    ran = place.unattended(SETUP_ADMIN_PANEL_USER=str(number))
    line = FINDINGS["admin_link_kept"].line("admin", email="admin@example.com", number=number)
    assert f"{line.said} {line.cure}\n" in ran.stdout
    assert place.account("admin@example.com").panel_user_id is None


def test_while_a_store_is_being_put_back_nothing_is_asked_and_nothing_written(place: Place) -> None:
    place.unattended()
    before = {path.name: path.read_bytes() for path in place.instance.iterdir()}
    calls = len(place.demo.calls)
    with inuse.alone(place.instance):
        ran = place.unattended(HOST_NAME="New")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (1, "", f"{starting.RESTORING}\n")
    assert len(place.demo.calls) == calls
    assert {path.name: path.read_bytes() for path in place.instance.iterdir()} == before


def test_a_restore_that_begins_while_setup_asks_keeps_it_from_writing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.unattended()
    before = place.config.read_bytes()
    held, real = ExitStack(), unattended.read

    def read_and_restore(*args: Any) -> Any:
        found = real(*args)
        held.enter_context(inuse.alone(place.instance))
        return found

    monkeypatch.setattr(unattended, "read", read_and_restore)
    with held:
        ran = place.unattended(HOST_NAME="New")
    assert (ran.exit_code, ran.stderr) == (1, f"{starting.RESTORING}\n")
    assert place.config.read_bytes() == before


def test_setup_holds_the_store_while_it_works_on_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []
    real = schema.upgrade

    def upgrade(database: Path) -> None:
        with pytest.raises(inuse.InUse), inuse.alone(place.instance):
            raise AssertionError("a restore could begin")
        tried.append(True)
        real(database)

    monkeypatch.setattr(schema, "upgrade", upgrade)
    assert place.unattended().exit_code == 0
    assert tried == [True]
    with inuse.alone(place.instance):
        pass


def test_a_value_that_is_no_utf_8_is_told_and_changes_nothing(place: Place) -> None:
    line = FINDINGS["setting_wrong"].line("setup", name="host_name", reason="is not UTF-8 text")
    refused(place.unattended(HOST_NAME="caf\udcff"), place, line)
    place.unattended()
    before = {path.name: path.read_bytes() for path in place.instance.iterdir()}
    ran = place.unattended(HOST_NAME="caf\udcff")
    assert (ran.exit_code, ran.stderr) == (1, f"{line.said} {line.cure}\n")
    assert {path.name: path.read_bytes() for path in place.instance.iterdir()} == before


def test_a_second_run_changes_what_is_given_and_keeps_the_rest(place: Place) -> None:
    place.unattended(HOST_NAME="Mine")
    place.config.write_text("# by hand\n" + place.config.read_text())
    ran = place.unattended(PANEL_URL="", APPLICATION_KEY="", PORTAL_URL="https://new.example.com")
    assert ran.exit_code == 0, ran.output
    assert place.config.read_text().startswith("# by hand\n")
    assert (place.stored()["host_name"], place.stored()["portal_url"]) == ("Mine", "https://new.example.com")
    assert "There is already an account" in ran.stdout


def test_a_failing_second_run_leaves_everything_as_it_was(place: Place) -> None:
    place.unattended()
    before = {path.name: path.read_bytes() for path in place.instance.iterdir()}
    place.demo.set_condition("panel-gateway")
    assert place.unattended(PORTAL_URL="https://new.example.com").exit_code == 1
    assert {path.name: path.read_bytes() for path in place.instance.iterdir()} == before


def test_a_folder_that_cannot_be_written(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    wanted = FINDINGS["not_written"].line("setup", reason="Permission denied", path=place.instance)
    refused(place.unattended(), place, wanted)


def test_a_store_of_a_newer_release_is_left_alone(place: Place) -> None:
    import sqlite3
    from contextlib import closing

    place.unattended()
    with closing(sqlite3.connect(place.instance / "roost.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = place.unattended()
    assert ran.exit_code == 1
    wanted = FINDINGS["store_not_made"]
    assert ran.stderr.startswith(wanted.said.partition("{")[0])
    assert ran.stderr.endswith(f"{wanted.cure}\n")


def test_root_gives_what_it_makes_to_the_owner_of_the_folder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    given: list[tuple[str, int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        os, "chown", lambda path, user, group, **_: given.append((Path(path).name, user, group))
    )
    real = Path.stat

    def stat(self: Path, **more: Any) -> Any:
        from types import SimpleNamespace

        found = real(self, **more)
        if self != place.instance:
            return found
        return SimpleNamespace(st_mode=found.st_mode, st_uid=64_001, st_gid=64_002)

    place.instance.mkdir(mode=0o700)
    monkeypatch.setattr(Path, "stat", stat)
    assert place.unattended().exit_code == 0
    names = {name for name, user, group in given if (user, group) == (64_001, 64_002)}
    assert {"roost.db", "master_key", "secret_key"} <= names
    assert [name for name in names if name.startswith(".config.toml.")], "before it gets its name"
    assert len(given) == len([one for one in given if one[1:] == (64_001, 64_002)])
