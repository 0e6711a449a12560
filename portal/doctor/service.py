"""All lines of the doctor, in the order in which a cure makes sense."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from flask import current_app

from portal.config import Settings
from portal.credentials import refusals
from portal.doctor import node_checks, panel_lines, work_checks
from portal.doctor.files import check_disk, check_files
from portal.doctor.key_checks import KeyReport, Which
from portal.doctor.lines import Finding, Line
from portal.doctor.panel_lines import PanelReport
from portal.doctor.probe import Probe
from portal.doctor.store_checks import check_backup, check_nightly, check_restored, check_store
from portal.panel import settings
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyRefused

log = logging.getLogger("roost.doctor")

FINDINGS: Final = {
    "settings_wrong": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Run `roost setup`, or correct config.toml in the instance folder or the environment (docs/settings.md).",
    ),
    "not_checked": Finding(
        "fail", "This could not be checked ({reason}).",
        "Look into the log of this command or of the web process for the whole error, and report it.",
    ),
}  # fmt: skip


def examine() -> list[Line]:
    """Every line, asked and read anew: up to seven calls of the panel and one for each node. Needs the app."""
    chosen = settings()
    store_lines = _kept("store", lambda: check_store(chosen.database))
    has_store = all(one.status != "fail" for one in store_lines)
    probe = Probe(chosen.panel_url, adapter=current_app.config.get("ROOST_PANEL_ADAPTER"))
    reports: list[PanelReport] = []
    lines = _kept("panel", lambda: _panel(chosen, probe, reports, has_store=has_store))
    lines += _kept("portal address", lambda: [panel_lines.check_address_of_portal(chosen)])
    is_up = any(one.is_up for one in reports)
    if has_store:
        lines += [] if is_up else _kept("keys", work_checks.check_refused)
        lines += _kept("worker", lambda: [work_checks.check_worker()])
        if is_up:
            works = any(one.service_works for one in reports)
            lines += _kept("nodes", lambda: node_checks.check_nodes(probe, chosen.panel_url, service_works=works))
        lines += _kept("mail", lambda: [work_checks.check_mail()])
    lines += store_lines
    if has_store:
        lines += [*_kept("store", check_restored), *_kept("backup", check_nightly)]
    return [*lines, *_folder(chosen.instance), panel_lines.versions()]


def examine_without_settings(reason: str, instance: Path) -> list[Line]:
    """What can still be looked at when the settings are wrong."""
    first = FINDINGS["settings_wrong"].line("settings", reason=reason.rstrip("."))
    return [first, *_kept("store", lambda: check_store(instance / "roost.db")), *_folder(instance)]


def _folder(instance: Path) -> list[Line]:
    if not instance.is_dir():
        return _kept("files", lambda: check_files(instance))
    lines = _kept("backup", lambda: [check_backup(instance)])
    lines += _kept("disk", lambda: [check_disk(instance)])
    return lines + _kept("files", lambda: check_files(instance))


def _panel(chosen: Settings, probe: Probe, reports: list[PanelReport], *, has_store: bool) -> Sequence[Line]:
    report = panel_lines.check_panel(chosen, probe)
    reports.append(report)
    if has_store:
        for name, one in report.keys.items():
            _remember(chosen, name, one)
    return report.lines


def _remember(chosen: Settings, name: Which, report: KeyReport) -> None:
    """What was just found out about a key holds for all processes at once."""
    key = chosen.application_key if name == "application" else chosen.service_key
    if key and isinstance(report.error, KeyRefused):
        refusals.refused(name, ApiKey(key), report.error)
    elif report.works:
        refusals.works(name)


def _kept(name: str, check: Callable[[], Sequence[Line]]) -> list[Line]:
    """The lines of one topic; an error in it is a line too, and the other topics go on."""
    try:
        return list(check())
    except Exception as error:
        log.exception("the check of %s failed", name)
        return [FINDINGS["not_checked"].line(name, reason=type(error).__name__)]


