"""The questions of `flask setup`. Each answer is checked at once; a wrong one is explained and asked for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import click

from portal.auth.service import PanelUser
from portal.doctor import key_checks
from portal.doctor.lines import Line
from portal.doctor.panel_lines import check_address_of_panel, check_address_of_portal
from portal.doctor.probe import Probe
from portal.setup import answers
from portal.setup.answers import FIELDS, Answers
from portal.setup.config_file import Values, check, stored
from portal.setup.findings import SetupProblem, stop
from portal.setup.finishing import Standing
from portal.web.text import one_line

T = TypeVar("T")
LONGEST: Final = 1000

WELCOME: Final = """Roost asks for up to eight things and checks each with the panel. Nothing is written before the end.
Enter keeps what stands in [brackets]; Ctrl+C leaves everything as it is.
"""
APPLICATION: Final = """
The application key does the portal's own work: it reads whose servers there are. Make it in the panel, in the admin
area under Application API: "Read" on Servers and on Users, nothing else.
"""
MODES: Final = """
Whose key starts and stops a customer's server?
  service  one client key of an administrator does it for all of them, and Roost alone sees to it that nobody does what
           the panel would not let them do. Customers see their servers at once. Most hosts want this.
  own      each customer's own key does it: before they see a server, all of them must make a client key in their panel
           account and paste it on the page Account here.
"""
SERVICE: Final = """
The service key can do EVERYTHING on the panel: for every server, every user and every node, whatever Roost does with
it. So it must not be anybody's own key.
  1. Make an admin account in the panel for Roost alone, without servers and with a long random password.
  2. Sign in to the panel as that account, and make an API key under Account > API Credentials.
  3. Give this machine's address under "Allowed IPs" there, so that the key is worth nothing elsewhere.
"""


class Interview:
    """The questions in their order. `default` is what is set now, by the setting's name."""

    def __init__(self, environ: Mapping[str, str], instance: Path, adapter: Any, default: Mapping[str, str]) -> None:
        self._environ = environ
        self._instance = instance
        self._adapter = adapter
        self._default = default

    def hold(self, *, known_admin: str | None, standing: Callable[[str], Standing]) -> Answers:
        """Ask everything. Raises SetupProblem when other settings are wrong, click.Abort on Ctrl+C.

        `known_admin` is who is an administrator already, `standing` what account an address has.
        """
        click.echo(WELCOME)
        url, probe = _again(self._panel)
        click.echo(APPLICATION)
        application_key = _again(lambda: self._key("application_key", "Application key", probe))
        values: dict[str, str | bool | int | None] = {"panel_url": url, "application_key": application_key}
        values |= self._mode(probe)
        values["portal_url"] = _again(self._portal)
        name = _again(self._host_name)
        if self._default.get("host_name") or name != FIELDS["host_name"].default:
            values["host_name"] = name
        everything = answers.overlaid(self._environ, self._instance, values)
        plain = check_address_of_portal(answers.loaded(everything))
        if plain.status != "ok":
            _tell(plain)
        admin, may_promote = _again(lambda: _administrator(known_admin, standing))
        user = _again(lambda: _panel_user(probe, application_key, admin))
        return Answers(values, admin, user, may_promote=may_promote)

    def _panel(self) -> tuple[str, Probe]:
        url = answers.parsed("panel_url", _prompt("Address of the panel", self._default.get("panel_url")))
        probe, line = answers.checked_address(url, self._adapter)
        for one in (line, *check_address_of_panel(url)):
            _tell(one)
        return url, probe

    def _key(self, name: Literal["application_key", "service_key"], what: str, probe: Probe) -> str:
        now = self._default.get(name, "")
        keep = f" [keep the one that is set ({now[:8]}...)]" if now else ""
        typed = click.prompt(f"{what} (not shown){keep}", hide_input=True, default=now, show_default=False)
        key = answers.typed_key(name, typed)
        check = key_checks.check_application_key if name == "application_key" else key_checks.check_service_key
        for line in answers.checked_key(check(probe, key)):
            _tell(line)
        return key

    def _mode(self, probe: Probe) -> Values:
        click.echo(MODES)
        if _mode_word(self._now()) == "own":
            if self._default.get("service_key"):
                click.echo("  The service key is taken out of config.toml; delete it in the panel too.")
            return {"use_service_key": False, "service_key": None}
        click.echo(SERVICE)
        key = _again(lambda: self._key("service_key", "Service key", probe))
        return {"use_service_key": True, "service_key": key}

    def _now(self) -> str:
        """The mode that is set; service when nothing is set yet."""
        word = self._default.get("use_service_key", "").lower()
        if not word and "application_key" not in stored(self._instance / "config.toml"):
            return "service"
        return "service" if word in ("true", "1", "yes", "on") else "own"

    def _host_name(self) -> str:
        now = self._default.get("host_name") or str(FIELDS["host_name"].default)
        name = str(answers.parsed("host_name", _prompt("Your name as a host, on every page and in mail", now)))
        check({"host_name": name})
        return name

    def _portal(self) -> str:
        text = _prompt("Address of this portal, as customers open it", self._default.get("portal_url"))
        return str(answers.parsed("portal_url", text))


def _mode_word(now: str) -> str:
    while True:
        word = _prompt("Whose key acts (service or own)", now).strip().lower()
        if word in ("service", "own"):
            return word
        click.echo("  Please answer with the word service or the word own.")


def _administrator(known: str | None, standing: Callable[[str], Standing]) -> tuple[str, bool]:
    """The first administrator's address, and whether the account that it has already becomes an administrator's."""
    email = answers.checked_email(_prompt("E-mail address of the first administrator", known))
    found = standing(email)
    if found == "disabled":
        raise stop("admin_disabled", email=email)
    if found != "customer":
        return email, False
    if not click.confirm(f"{email} has an account that is no administrator. Make it one?", default=True):
        raise stop("admin_customer", email=email)
    return email, True


def _panel_user(probe: Probe, key: str, email: str) -> PanelUser | None:
    """The panel user of the first administrator: found by the address and confirmed, or by number, or none."""
    found = answers.user_of_email(probe, key, email)
    if found is not None:
        question = f"Panel user {found.id} ({one_line(found.username, 60)}) has this address. Is it the same person?"
        if click.confirm(question, default=True):
            return found
    text = click.prompt("Number of their panel user (Enter: none)", default="", show_default=False).strip()
    return answers.user_of_number(probe, key, text) if text else None


def _again(ask: Callable[[], T]) -> T:
    """Ask until the answer is a good one."""
    while True:
        try:
            return ask()
        except SetupProblem as problem:
            _tell(problem.line)


def _prompt(text: str, default: str | None) -> str:
    return str(click.prompt(text, default=default or None))


def _tell(line: Line) -> None:
    mark = {"ok": "ok", "warn": "WARN", "fail": "FAIL"}[line.status]
    click.echo(f"  {mark}: {one_line(line.said, LONGEST)}")
    if line.cure:
        click.echo(f"  -> {one_line(line.cure, LONGEST)}")
