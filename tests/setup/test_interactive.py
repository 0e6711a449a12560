"""`flask setup` as somebody types it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable

import pytest
from click.testing import Result

from portal.auth import service as accounts
from portal.backup import starting
from portal.config import load
from portal.demo.builder import ALLOW_READING
from portal.doctor import key_checks, panel_checks, panel_lines, settings_lines
from portal.doctor.key_checks import MAKE
from portal.doctor.lines import Line
from portal.setup import finishing, questions
from portal.setup.findings import FINDINGS
from portal.store import inuse
from tests.doctor.conftest import key_of, says
from tests.setup.conftest import URL, Place

TypeIn = Callable[..., Result]


def told(ran: Result, line: Line) -> bool:
    """Whether a line is in the output, with its cure."""
    mark = {"ok": "ok", "warn": "WARN", "fail": "FAIL"}[line.status]
    return f"  {mark}: {line.said}\n  -> {line.cure}\n" in ran.output


def key_line(finding: str, which: key_checks.Which, key: str, **more: object) -> Line:
    return key_checks.FINDINGS[finding].line("x", which=which, hint=key[:8], make=MAKE[which], **more)


def test_the_first_run_ends_with_a_portal_that_can_start(place: Place, type_in: TypeIn) -> None:
    ran = type_in()
    assert ran.exit_code == 0, ran.output
    settings = load({"ROOST_INSTANCE": str(place.instance)})
    assert (settings.panel_url, settings.portal_url) == (URL, "https://my.example.com")
    assert (settings.application_key, settings.use_service_key) == (place.demo.keys["application_ro"], False)
    account = place.account("admin@example.com")
    assert (account.is_admin, account.panel_username, account.password_hash) == (True, "admin", None)
    assert re.search(r"^https://my\.example\.com/invite/[\w-]{20,}$", ran.output, re.MULTILINE)


def test_what_it_makes_can_be_read_by_its_owner_alone(place: Place, type_in: TypeIn) -> None:
    type_in()
    assert stat.S_IMODE(place.instance.stat().st_mode) == 0o700
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.instance.iterdir()}
    assert set(made) >= {"config.toml", "roost.db", "master_key", "secret_key"}
    assert set(made.values()) == {0o600}


def test_the_panel_is_asked_after_each_answer(place: Place, type_in: TypeIn) -> None:
    type_in()
    paths = [one.path for one in place.demo.calls]
    assert paths[:3] == ["/api/client/account", "/api/application/servers", "/api/application/users"]
    assert {one.method for one in place.demo.calls} == {"GET"}


def test_a_wrong_address_is_explained_and_asked_for_again(type_in: TypeIn) -> None:
    ran = type_in(panel=["panel", URL])
    assert ran.exit_code == 0
    reason = "must be an address like https://panel.example.com"
    assert told(ran, FINDINGS["setting_wrong"].line("setup", name="panel_url", reason=reason))


@pytest.mark.parametrize(
    ("condition", "finding", "values"),
    [("panel-maintenance", "panel_maintenance", {}), ("panel-gateway", "panel_gateway", {"status": 502})],
)
def test_a_panel_that_is_not_well_is_asked_again_when_it_is(
    condition: str, finding: str, values: dict[str, int], place: Place, type_in: TypeIn
) -> None:
    place.demo.set_condition(condition)
    well, ill = place.demo.wsgi, place.adapter.app
    asked = [0]

    def later(environ: object, start_response: object) -> object:
        asked[0] += 1
        if asked[0] == 3:  # the first look, and its one repetition, are over
            place.demo.set_condition(None)
        return (well if asked[0] > 2 else ill)(environ, start_response)  # type: ignore[arg-type]

    place.adapter.app = later  # type: ignore[assignment]
    ran = type_in(panel=[URL] * (2 if condition == "panel-gateway" else 3))
    assert ran.exit_code == 0, ran.output
    assert told(ran, panel_checks.FINDINGS[finding].line("panel", **values))


def test_a_proxy_in_the_way_is_told_and_nothing_is_written(place: Place) -> None:
    place.adapter = says(200, b"<!DOCTYPE html><title>Just a moment...</title>")
    ran = place.run(URL)
    assert told(ran, panel_checks.FINDINGS["panel_page"].line("panel", status=200))
    assert (ran.exit_code, place.instance.exists()) == (1, False)


def test_a_client_key_is_no_application_key(place: Place, type_in: TypeIn) -> None:
    key = place.demo.keys["admin"]
    ran = type_in(application=[key, place.demo.keys["application_ro"]])
    assert ran.exit_code == 0
    assert told(ran, key_line("application_is_client", "application", key))


def test_an_application_key_without_the_rights(place: Place) -> None:
    key = place.demo.keys["application_ro"]
    key_of(place.demo, "application_ro").grants = {**ALLOW_READING, "users": 0}
    ran = place.run(URL, key)
    assert told(ran, key_line("application_no_users", "application", key))
    assert (ran.exit_code, place.instance.exists()) == (1, False)


def test_a_mistyped_key_keeps_the_answers_before_it(place: Place, type_in: TypeIn) -> None:
    good = place.demo.keys["application_ro"]
    ran = type_in(application=["short", "", " x", good[:-1] + "_", good])
    assert ran.exit_code == 0
    values = {"which": "application", "begin": "ptla_"}
    assert told(ran, FINDINGS["key_mistyped"].line("setup", count="5 characters", **values))
    assert told(ran, FINDINGS["key_mistyped"].line("setup", count="0 characters", **values))
    assert told(ran, FINDINGS["key_mistyped"].line("setup", count="1 character", **values))
    assert "begins with ptla_ and has 48" in ran.output
    assert "docs/settings.md" not in ran.output
    assert told(ran, key_line("key_unknown", "application", good))
    assert ran.output.count("Address of the panel") == 1


def test_the_service_key_is_asked_for_with_a_warning_of_what_it_can_do(place: Place, type_in: TypeIn) -> None:
    key_of(place.demo, "service").allowed_ips = ["127.0.0.1"]
    ran = type_in(mode="service", service=place.demo.keys["service"])
    assert ran.exit_code == 0
    before = ran.output.partition("Service key (not shown)")[0]
    demanded = ("EVERYTHING on the panel", "every server, every user", "an admin account", "Roost alone", "Allowed IPs")
    assert [words for words in demanded if words not in " ".join(before.split())] == []
    assert (place.stored()["use_service_key"], place.stored()["service_key"]) == (True, place.demo.keys["service"])


def test_without_a_service_key_that_text_is_not_shown(type_in: TypeIn) -> None:
    assert "EVERYTHING" not in type_in().output


def test_every_wrong_service_key_is_explained(place: Place, type_in: TypeIn) -> None:
    keys = place.demo.keys
    ran = type_in(mode="service", service=[keys["application"], keys["owner"], keys["service"]])
    assert ran.exit_code == 0
    assert told(ran, key_line("service_is_application", "service", keys["application"]))
    assert told(ran, key_line("service_no_admin", "service", keys["owner"]))
    assert told(ran, key_line("service_open", "service", keys["service"]))


def test_a_service_key_that_is_not_allowed_from_here_names_the_address(place: Place) -> None:
    key_of(place.demo, "service").allowed_ips = ["203.0.113.1"]
    key = place.demo.keys["service"]
    ran = place.run(URL, place.demo.keys["application_ro"], "service", key)
    assert told(ran, key_line("key_address", "service", key, address="127.0.0.1"))


def test_two_factors_that_the_service_keys_owner_lacks(place: Place) -> None:
    key_of(place.demo, "application_ro").user.use_totp = True
    place.demo.set_condition("two-factor-required")
    key = place.demo.keys["service"]
    ran = place.run(URL, place.demo.keys["application_ro"], "service", key)
    assert told(ran, key_line("key_two_factor", "service", key))


def test_a_portal_without_tls_is_warned_of_but_taken(place: Place, type_in: TypeIn) -> None:
    ran = type_in(portal=["nonsense", "http://my.example.com"])
    assert told(ran, panel_lines.FINDINGS["portal_plain"].line("portal address", url="http://my.example.com"))
    assert place.stored()["portal_url"] == "http://my.example.com"


def test_what_is_no_address_is_asked_for_again(place: Place, type_in: TypeIn) -> None:
    ran = type_in(admin=["me", " ", "Admin@Example.com"])
    assert told(ran, FINDINGS["admin_address"].line("setup"))
    assert told(ran, FINDINGS["admin_missing"].line("setup"))
    assert place.account("admin@example.com").is_admin


def test_the_panel_user_is_never_taken_without_a_yes(place: Place, type_in: TypeIn) -> None:
    type_in(user=["n", ""])
    assert place.account("admin@example.com").panel_user_id is None


def test_the_panel_user_may_be_given_by_number(place: Place, type_in: TypeIn) -> None:
    number = next(one.id for one in place.demo.world.users if one.username == "stranger")
    ran = type_in(admin="me@example.org", user=["999", "x", "y", str(number)])
    assert ran.exit_code == 0, ran.output
    assert told(ran, FINDINGS["admin_number"].line("setup", number="999"))
    assert place.account("me@example.org").panel_user_id == number


def test_nobody_is_guessed_from_a_part_of_an_address(place: Place, type_in: TypeIn) -> None:
    """The panel's filter finds parts: service@example.com holds vice@example.com."""
    ran = type_in(admin="vice@example.com", user="")
    assert "has this address" not in ran.output
    assert place.account("vice@example.com").panel_user_id is None


def test_leaving_in_the_middle_writes_nothing(place: Place) -> None:
    ran = place.run(URL, place.demo.keys["application_ro"], "own")
    assert (ran.exit_code, place.instance.exists()) == (1, False)
    assert ran.stderr.endswith("\nStopped: nothing was written, everything is as it was.\n")


def test_a_second_run_keeps_everything_with_enter(place: Place, type_in: TypeIn) -> None:
    type_in(mode="service", service=place.demo.keys["service"])
    before = place.config.read_text()
    ran = place.run("", "", "", "", "", "", "", "")
    assert ran.exit_code == 0, ran.output
    assert place.config.read_text() == before
    assert f"[{URL}]" in ran.output
    assert f"[keep the one that is set ({place.demo.keys['service'][:8]}...)]" in ran.output
    assert "[admin@example.com]" in ran.output
    assert "There is already an account admin@example.com." in ran.output


def test_a_second_run_prints_a_new_link_until_the_first_was_used(place: Place, type_in: TypeIn) -> None:
    first, second = type_in().output, type_in().output
    links = [re.search(r"/invite/\S+", one) for one in (first, second)]
    assert links[0]
    assert links[1]
    assert links[0][0] != links[1][0]


def test_a_second_run_may_change_one_thing(place: Place, type_in: TypeIn) -> None:
    type_in(mode="service", service=place.demo.keys["service"])
    place.config.write_text('# mine\nhost_name = "Mine"\n' + place.config.read_text())
    ran = place.run("", "", "own", "", "", "", "")
    assert ran.exit_code == 0, ran.output
    assert place.config.read_text().startswith('# mine\nhost_name = "Mine"\n')
    assert place.stored()["use_service_key"] is False
    assert "service_key" not in place.stored()
    assert "taken out of config.toml" in ran.output


def test_a_panel_user_of_another_account_is_not_taken_over(place: Place, type_in: TypeIn) -> None:
    type_in()
    number = place.account("admin@example.com").panel_user_id
    ran = type_in(admin="second@example.com", user=str(number))
    line = FINDINGS["admin_linked"].line("admin", number=number)
    assert f"{line.said} {line.cure}" in ran.output
    assert place.account("second@example.com").panel_user_id is None


def test_what_the_environment_says_otherwise_is_warned_of(type_in: TypeIn) -> None:
    ran = type_in(environ={"ROOST_PORTAL_URL": "https://old.example.com"})
    line = FINDINGS["environment_wins"].line("settings", names="ROOST_PORTAL_URL")
    assert f"{line.said} {line.cure}" in ran.output


def test_keys_stay_out_of_the_log_too(place: Place, type_in: TypeIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    type_in(mode="service", service=[place.demo.keys["owner"], place.demo.keys["service"]])
    for key in place.demo.keys.values():
        assert key[9:] not in caplog.text


def test_an_account_that_is_no_administrator_becomes_one_after_a_yes(place: Place, type_in: TypeIn) -> None:
    type_in()
    with place.portal():
        accounts.create("boss@example.com", panel_user=None)
    ran = type_in(admin="boss@example.com", user=["y", ""])
    assert ran.exit_code == 0, ran.output
    assert "boss@example.com has an account that is no administrator. Make it one?" in ran.output
    assert "The account boss@example.com is an administrator of this portal now." in ran.output
    assert place.account("boss@example.com").is_admin


def test_after_a_no_another_administrator_is_asked_for(place: Place, type_in: TypeIn) -> None:
    type_in()
    with place.portal():
        accounts.create("boss@example.com", panel_user=None)
    ran = type_in(admin=["boss@example.com", "n", "admin@example.com"])
    assert ran.exit_code == 0, ran.output
    assert told(ran, FINDINGS["admin_customer"].line("setup", email="boss@example.com"))
    assert not place.account("boss@example.com").is_admin


def test_a_disabled_account_is_refused_with_what_to_do(place: Place, type_in: TypeIn) -> None:
    type_in()
    with place.portal():
        accounts.create("second@example.com", panel_user=None, is_admin=True)
        accounts.disable(accounts.find("admin@example.com").id)
    ran = type_in(admin=["admin@example.com", ""], user="")
    assert ran.exit_code == 0, ran.output
    assert told(ran, FINDINGS["admin_disabled"].line("setup", email="admin@example.com"))
    assert "[second@example.com]" in ran.output, "a disabled administrator is not the one who is offered"


def test_an_account_of_an_older_store_is_not_promoted_without_a_question(
    place: Place, type_in: TypeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its accounts can only be read once setup has upgraded it."""
    type_in()
    with place.portal():
        accounts.create("boss@example.com", panel_user=None)
    monkeypatch.setattr(finishing, "standing", lambda *_: "unknown")
    ran = type_in(admin="boss@example.com", user="")
    line = FINDINGS["admin_customer"].line("setup", email="boss@example.com")
    assert f"{line.said} {line.cure}" in ran.output
    assert not place.account("boss@example.com").is_admin


def test_a_panel_users_name_cannot_write_on_the_terminal(place: Place, type_in: TypeIn) -> None:
    user = next(one for one in place.demo.world.users if one.email == "admin@example.com")
    user.username = "x\x1b]0;owned\x07\x1b[2J\nroot"
    ran = type_in()
    assert ran.exit_code == 0, ran.output
    assert f"Panel user {user.id} (x ]0;owned [2J root) has this address." in ran.output
    assert {"\x1b", "\x07"}.isdisjoint(ran.output)


def test_a_line_cannot_write_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    questions._tell(Line("x", "warn", "said\x1b[2J", "cure\nOK all is well"))
    assert capsys.readouterr().out == "  WARN: said [2J\n  -> cure OK all is well\n"


def test_while_a_store_is_being_put_back_no_question_is_asked(place: Place, type_in: TypeIn) -> None:
    type_in()
    with inuse.alone(place.instance):
        ran = type_in()
    assert (ran.exit_code, ran.stdout, ran.stderr) == (1, "", f"{starting.RESTORING}\n")


def test_acting_with_a_service_key_is_what_enter_takes_when_nothing_is_set(place: Place, type_in: TypeIn) -> None:
    ran = type_in(mode="", service=place.demo.keys["service"])
    assert ran.exit_code == 0, ran.output
    assert place.stored()["use_service_key"] is True
    before = ran.output.partition("Whose key acts")[0]
    demanded = ("Most hosts want this", "paste it on the page Account")
    assert [words for words in demanded if words not in " ".join(before.split())] == []


@pytest.mark.parametrize("line", ["", "use_service_key = false\n"])
def test_a_portal_that_runs_with_own_keys_stays_so_with_enter(line: str, place: Place, type_in: TypeIn) -> None:
    place.unattended()
    place.config.write_text(place.config.read_text() + line)
    ran = type_in(mode="")
    assert ran.exit_code == 0, ran.output
    assert place.stored()["use_service_key"] is False


def test_a_wrong_word_for_the_mode_gets_one_sentence(place: Place, type_in: TypeIn) -> None:
    ran = type_in(mode=["yes", " OWN "])
    assert ran.exit_code == 0, ran.output
    assert ran.output.count("  Please answer with the word service or the word own.\n") == 1
    assert "Error" not in ran.output
    assert place.stored()["use_service_key"] is False


def test_the_hosts_own_name_is_asked_for(place: Place, type_in: TypeIn) -> None:
    ran = type_in(host="Höst & Söhne")
    assert ran.exit_code == 0, ran.output
    assert "[Roost]" in ran.output
    assert place.stored()["host_name"] == "Höst & Söhne"
    assert "[Höst & Söhne]" in type_in().output
    assert place.stored()["host_name"] == "Höst & Söhne"


def test_a_panel_that_gets_the_keys_in_the_open_is_warned_of(type_in: TypeIn) -> None:
    assert told(type_in(), panel_lines.FINDINGS["panel_plain"].line("x", url=URL))


def test_another_host_name_in_the_portals_address_is_nginxs_business_too(place: Place, type_in: TypeIn) -> None:
    line = FINDINGS["portal_renamed"].line("x", old="my.example.com", new="new.example.com")
    assert "bin/install" not in type_in().output
    assert "bin/install" not in type_in(portal="http://my.example.com:8443").output
    assert f"{line.said} {line.cure}\n" in type_in(portal="https://new.example.com").output


def test_what_bin_install_does_itself_is_not_advised(place: Place, type_in: TypeIn) -> None:
    assert "Start web and worker" in type_in().output
    ran = type_in({"ROOST_INSTALLING": "1"}, portal="https://new.example.com")
    assert ran.exit_code == 0
    assert ("Start web and worker" in ran.output, "bin/install" in ran.output) == (False, False)


@pytest.mark.parametrize(("name", "finding"), [("secret_key", "secret_key_wrong"), ("master_key", "master_key_wrong")])
def test_a_file_of_a_key_that_holds_none_is_told_with_its_cure(
    name: str, finding: str, place: Place, type_in: TypeIn
) -> None:
    type_in()
    (place.instance / name).write_text("garbage")
    reason = f"The file {name} does not hold a key that Roost made."
    line = settings_lines.FINDINGS[finding].line("settings", reason=reason)
    assert line.said.endswith("that Roost made.")
    for ran in (type_in(), place.unattended()):
        assert (ran.exit_code, ran.stderr) == (1, f"{line.said} {line.cure}\n")


def test_a_config_file_that_is_no_toml_is_told_with_what_helps(place: Place, type_in: TypeIn) -> None:
    type_in()
    place.config.write_text("smtp_host = mail.example.com\n")
    for ran in (type_in(), place.unattended()):
        assert ran.exit_code == 1
        assert ran.stderr.startswith("The settings are wrong: The file config.toml is not valid TOML: ")
        assert ran.stderr.endswith(settings_lines.FINDINGS["settings_no_toml"].cure + "\n")
