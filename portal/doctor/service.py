"""All lines of the doctor, in the order in which a cure makes sense."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from flask import Flask, current_app

from portal import clock
from portal.config import Settings
from portal.credentials import refusals
from portal.doctor import node_checks, panel_lines, work_checks
from portal.doctor.files import check_disk, check_files
from portal.doctor.key_checks import KeyReport, Which
from portal.doctor.lines import FINDINGS as ANY
from portal.doctor.lines import Finding, Line
from portal.doctor.panel_checks import CALLS_S, slow
from portal.doctor.panel_lines import PanelReport
from portal.doctor.parallel import in_parallel
from portal.doctor.probe import Probe
from portal.doctor.settings_lines import FINDINGS as WRONG
from portal.doctor.settings_lines import settings_line
from portal.doctor.store_checks import check_backup, check_nightly, check_restored, check_store
from portal.panel import settings
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyRefused

log = logging.getLogger("roost.doctor")
WHOLE_S: Final = 20.0
"""For all lines together: the page that shows them gives up after 25 s."""
PANEL_S: Final = 17.0
"""For the panel: the last call begins before `CALLS_S` are over and lasts at most five more, if names are resolved."""
NODES_LEAST_S: Final = 3.0

FINDINGS: Final = {
    "settings_wrong": WRONG["settings_wrong"],
    "store_refused": Finding(
        "fail", "Roost does not start with this store: {reason}.",
        "Do what is said there, and look again: what is in the store was left out now.",
    ),
    "not_checked": ANY["not_checked"],
}  # fmt: skip


def examine(*, refusal: str | None = None) -> list[Line]:
    """Every line, asked and read anew, in 20 s: up to seven calls of the panel and one for each node. Needs the app.

    With `refusal`, why the store may not be used, that is the first line, and nothing is read from the store.
    """
    ends_at = clock.monotonic() + WHOLE_S
    chosen = settings()
    first = [] if refusal is None else [_refused(refusal)]
    store_lines = [] if first else _kept("store", lambda: check_store(chosen.database))
    has_store = not first and all(one.status != "fail" for one in store_lines)
    probe = Probe(chosen.panel_url, adapter=current_app.config.get("ROOST_PANEL_ADAPTER"), seconds=CALLS_S)
    reports: list[PanelReport] = []
    lines = first + _kept("panel", lambda: _panel(chosen, probe, reports, has_store=has_store))
    lines += panel_lines.check_address_of_panel(chosen.panel_url)
    lines += _kept("portal address", lambda: [panel_lines.check_address_of_portal(chosen)])
    is_up = any(one.is_up for one in reports)
    if has_store:
        lines += [] if is_up else _kept("keys", work_checks.check_refused)
        lines += _kept("worker", lambda: [work_checks.check_worker()])
        if is_up:
            lines += _kept("nodes", lambda: _nodes(chosen, probe, reports, ends_at))
        lines += _kept("mail", lambda: [work_checks.check_mail()])
    lines += store_lines
    if has_store:
        lines += [*_kept("store", check_restored), *_kept("backup", check_nightly)]
    return [*lines, *_folder(chosen.instance), panel_lines.versions()]


def examine_without_settings(reason: str, instance: Path, *, refusal: str | None = None) -> list[Line]:
    """What can still be looked at when the settings are wrong; `refusal` as for `examine`."""
    first = settings_line(reason)
    if refusal is not None:
        return [_refused(refusal), first, *_folder(instance)]
    return [first, *_kept("store", lambda: check_store(instance / "roost.db")), *_folder(instance)]


def _refused(refusal: str) -> Line:
    return FINDINGS["store_refused"].line("store", reason=refusal[:1].lower() + refusal[1:].rstrip("."))


def _nodes(chosen: Settings, probe: Probe, reports: Sequence[PanelReport], ends_at: float) -> list[Line]:
    works = any(one.service_works for one in reports)
    within_s = max(NODES_LEAST_S, ends_at - clock.monotonic())
    return node_checks.check_nodes(probe, chosen.node_origin, service_works=works, within_s=within_s)


def _folder(instance: Path) -> list[Line]:
    if not instance.is_dir():
        return _kept("files", lambda: check_files(instance))
    lines = _kept("backup", lambda: [check_backup(instance)])
    lines += _kept("disk", lambda: [check_disk(instance)])
    return lines + _kept("files", lambda: check_files(instance))


def _panel(chosen: Settings, probe: Probe, reports: list[PanelReport], *, has_store: bool) -> Sequence[Line]:
    begun_at = clock.now()
    report = _asked(chosen, probe)
    reports.append(report)
    if has_store:
        for name, one in report.keys.items():
            _remember(chosen, name, one, begun_at)
    return report.lines


def _asked(chosen: Settings, probe: Probe) -> PanelReport:
    """What the panel says, or that it takes too long: looking up its name has no deadline of its own."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def ask() -> PanelReport | Exception:
        try:
            with app.app_context():
                return panel_lines.check_panel(chosen, probe)
        except Exception as error:
            return error

    late = PanelReport((slow(),), is_up=False, keys={})
    (found,) = in_parallel([ask], wait_s=PANEL_S, otherwise=lambda *_: late)
    if isinstance(found, Exception):
        raise found
    return found


def _remember(chosen: Settings, name: Which, report: KeyReport, begun_at: float) -> None:
    """What was just found out about a key holds for all processes at once."""
    key = chosen.application_key if name == "application" else chosen.service_key
    if key and isinstance(report.error, KeyRefused):
        refusals.refused(name, ApiKey(key), report.error)
    elif key and report.works:
        refusals.works(name, ApiKey(key), begun_at)


def _kept(name: str, check: Callable[[], Sequence[Line]]) -> list[Line]:
    """The lines of one topic; an error in it is a line too, and the other topics go on."""
    try:
        return list(check())
    except Exception as error:
        log.exception("the check of %s failed", name)
        return [FINDINGS["not_checked"].line(name, reason=type(error).__name__)]
