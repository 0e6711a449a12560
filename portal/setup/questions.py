"""The questions of `flask setup`. Each answer is checked at once; a wrong one is explained and asked for again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from portal.auth.service import PanelUser
from portal.doctor import key_checks
from portal.doctor.lines import Line
from portal.doctor.panel_lines import check_address_of_portal
from portal.doctor.probe import Probe
from portal.setup import answers
from portal.setup.answers import Answers
from portal.setup.config_file import Values
from portal.setup.findings import SetupProblem, stop
from portal.setup.finishing import Standing
from portal.web.text import one_line

T = TypeVar("T")
LONGEST: Final = 1000

WELCOME: Final = """Roost asks for up to seven things and checks each with the panel. Nothing is written before the end.
Enter keeps what stands in [brackets]; Ctrl+C leaves everything as it is.
"""
APPLICATION: Final = """
The application key does the portal's own work: it reads whose servers there are. Make it in the panel, in the admin
area under Application API: "Read" on Servers and on Users, nothing else.
"""
MODES: Final = """
Customers act on their servers either with a client key of their own, which each of them makes in the panel (own), or
all of them through one service key of an administrator, and Roost alone sees to it that nobody does what the panel
would not let them do (service).
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
        _tell(line)
        return url, probe

    def _key(self, name: str, what: str, probe: Probe) -> str:
        now = self._default.get(name, "")
        keep = f" [keep the one that is set ({now[:8]}...)]" if now else ""
        typed = click.prompt(f"{what} (not shown){keep}", hide_input=True, default=now, show_default=False)
        key: str = answers.parsed(name, typed)
        check = key_checks.check_application_key if name == "application_key" else key_checks.check_service_key
        for line in answers.checked_key(check(probe, key)):
            _tell(line)
        return key

    def _mode(self, probe: Probe) -> Values:
        click.echo(MODES)
        now = "service" if self._default.get("use_service_key", "").lower() in ("true", "1", "yes", "on") else "own"
        mode = click.prompt("Whose key acts", type=click.Choice(["own", "service"]), default=now)
        if mode == "own":
            if self._default.get("service_key"):
                click.echo("  The service key is taken out of config.toml; delete it in the panel too.")
            return {"use_service_key": False, "service_key": None}
        click.echo(SERVICE)
        key = _again(lambda: self._key("service_key", "Service key", probe))
        return {"use_service_key": True, "service_key": key}

    def _portal(self) -> str:
        text = _prompt("Address of this portal, as customers open it", self._default.get("portal_url"))
        return str(answers.parsed("portal_url", text))


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
