"""What setup wants to know, checked: values of settings, the panel behind them, the first administrator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from portal.auth.service import AccountError, PanelUser, normal
from portal.config import BadSetting, Settings, load
from portal.doctor import key_checks, panel_checks
from portal.doctor.key_checks import KeyReport
from portal.doctor.lines import Line
from portal.doctor.probe import Probe
from portal.doctor.settings_lines import settings_line
from portal.pterodactyl import errors
from portal.pterodactyl.models import AppUser
from portal.setup.config_file import Values
from portal.setup.findings import SetupProblem, stop
from portal.web.text import number_in

FIELDS: Final = {one.name: one for one in dataclasses.fields(Settings) if "parse" in one.metadata}


@dataclass(frozen=True)
class Answers:
    """What is to be written, and who the first administrator is.

    `panel_user` is whom the account is linked to, `same_address` a panel user whom nobody confirmed. `may_promote`: an
    account of this address that is no administrator becomes one. `warnings` are what was not told yet.
    """

    values: Values
    admin: str
    panel_user: PanelUser | None
    same_address: PanelUser | None = None
    may_promote: bool = False
    warnings: tuple[Line, ...] = ()


def parsed(name: str, text: str) -> Any:
    """The value of a setting. Raises SetupProblem with what it must be; the text itself is not repeated."""
    try:
        return FIELDS[name].metadata["parse"](text.strip())
    except ValueError as wrong:
        raise stop("setting_wrong", name=name, reason=wrong) from None


def typed_key(name: Literal["application_key", "service_key"], text: str) -> str:
    """A key that was typed without being seen. Raises SetupProblem with how much of it arrived."""
    text = text.strip()
    try:
        return str(FIELDS[name].metadata["parse"](text))
    except ValueError:
        count = "1 character" if len(text) == 1 else f"{len(text)} characters"
        which, begin = ("application", "ptla_") if name == "application_key" else ("service", "ptlc_")
        raise stop("key_mistyped", count=count, which=which, begin=begin) from None


def loaded(environ: Mapping[str, str]) -> Settings:
    """All settings together. Raises SetupProblem."""
    try:
        return load(environ)
    except BadSetting as wrong:
        raise SetupProblem(settings_line(str(wrong))) from None


def overlaid(environ: Mapping[str, str], instance: Path, values: Values) -> dict[str, str]:
    """An environment in which some settings have other values, for checking them with all the others."""
    changed = {f"ROOST_{name.upper()}": value for name, value in values.items()}
    kept = {name: value for name, value in environ.items() if name.removesuffix("_FILE") not in changed}
    texts = {name: _text(value) for name, value in changed.items() if value is not None}
    return kept | texts | {"ROOST_INSTANCE": str(instance)}


def checked_address(url: str, adapter: Any) -> tuple[Probe, Line]:
    """The panel at an address, and the good line. Raises SetupProblem."""
    try:
        probe = Probe(url, adapter=adapter)
    except ValueError:
        reason = "must be an address like https://panel.example.com"
        raise stop("setting_wrong", name="panel_url", reason=reason) from None
    line = panel_checks.check_address(probe)
    if line.status == "fail":
        raise SetupProblem(line)
    return probe, line


def checked_key(report: KeyReport) -> tuple[Line, ...]:
    """The lines of a key that works. Raises SetupProblem with the first thing that is wrong with it."""
    wrong = key_checks.first_problem(report.lines)
    if wrong is not None:
        raise SetupProblem(wrong)
    return report.lines


def checked_email(text: str) -> str:
    """An address in its one spelling. Raises SetupProblem."""
    if not text.strip():
        raise stop("admin_missing")
    try:
        return normal(text)
    except AccountError:
        raise stop("admin_address") from None


def user_of_number(probe: Probe, key: str, text: str) -> PanelUser:
    """The panel user of a number, as text. Raises SetupProblem."""
    number = number_in(text)
    if number is None:
        raise stop("admin_number", number=text)
    try:
        return _linked(probe.application(key).users.view(number))
    except errors.NotFound:
        raise stop("admin_number", number=text) from None
    except errors.PanelError as error:
        raise SetupProblem(panel_checks.problem(error, probe.url)) from None


def user_of_email(probe: Probe, key: str, email: str) -> PanelUser | None:
    """The one panel user with an address; None when there is none, or more than one. Raises SetupProblem."""
    try:
        found = probe.application(key).users.list(filters={"email": email}).items
    except errors.PanelError as error:
        raise SetupProblem(panel_checks.problem(error, probe.url)) from None
    same = [one for one in found if one.email.casefold() == email]
    return _linked(same[0]) if len(same) == 1 else None


def _linked(user: AppUser) -> PanelUser:
    return PanelUser(user.id, user.username, user.email)


def _text(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
