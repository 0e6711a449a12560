"""The panel as the doctor sees it: how fast, both keys, our clock beside its own, calls left, where it sees us."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from portal.config import Settings
from portal.doctor import dialling, key_checks, panel_checks
from portal.doctor.key_checks import KeyReport, Which
from portal.doctor.lines import Finding, Line, ok
from portal.doctor.probe import Heard, OutOfTime, Probe
from portal.pterodactyl import errors
from portal.pterodactyl.models import ActivityEntry
from portal.web.formatting import age

CLOCK_WARN_S: Final = 30.0
CLOCK_FAIL_S: Final = 120.0
FEW: Final = 0.2

FINDINGS: Final = {
    "clock_off": Finding(
        "warn", "The clocks of this machine and of the panel differ by {seconds} s: ages and log lines are off.",
        "Switch time synchronisation on, on both machines (`timedatectl set-ntp true`).",
    ),
    "clock_wrong": Finding(
        "fail", "The clocks of this machine and of the panel differ by {seconds} s: console tokens and links may fail.",
        "Switch time synchronisation on, on both machines (`timedatectl set-ntp true`).",
    ),
    "clock_unknown": Finding(
        "warn", "The panel's answers carry no time, so the clocks cannot be compared.",
        "Let the panel's web server send the Date header, and compare `date -u` on both machines until then.",
    ),
    "calls_low": Finding(
        "warn", "Of the {limit} calls a minute of the {which} key only {remaining} are left.",
        "Look what else uses keys of the same panel account, and give Roost an account of its own.",
    ),
    "calls_limit": Finding(
        "warn", "The panel allows the {which} key {limit} calls a minute, fewer than {setting} says ({set}).",
        "Set {setting} = {limit} in config.toml, or raise the panel's {variable}.",
    ),
    "panel_plain": Finding(
        "warn", "The panel's address {url} is not https://: Roost's keys cross the network to it in the open.",
        "Give the panel a certificate, then set panel_url to its https:// address.",
    ),
    "portal_plain": Finding(
        "warn", "The portal's address {url} is not https://: passwords and sessions cross the network in the open.",
        "Put nginx with a certificate in front (deploy/), and set portal_url to the https:// address.",
    ),
}  # fmt: skip
_LIMITS: Final[dict[Which, tuple[str, str]]] = {
    "application": ("application_calls_per_minute", "APP_API_APPLICATION_RATELIMIT"),
    "service": ("client_calls_per_minute", "APP_API_CLIENT_RATELIMIT"),
}


@dataclass(frozen=True)
class PanelReport:
    """The lines, whether the panel answers, and of each key that it answered whether it was refused."""

    lines: tuple[Line, ...]
    is_up: bool
    keys: Mapping[Which, KeyReport]

    @property
    def service_works(self) -> bool:
        """Whether the service key can be used for more; one that there was no time to ask about counts as good."""
        report = self.keys.get("service")
        return report is not None and (report.works or isinstance(report.error, OutOfTime))


def check_panel(settings: Settings, probe: Probe) -> PanelReport:
    """Ask the panel with the portal's own keys: at most two calls and five. Nothing is repeated with a refused key."""
    application = key_checks.check_application_key(probe, settings.application_key)
    if _is_down(application):
        return PanelReport(tuple(_renamed(application.lines)), False, {})
    service = _service(settings, probe)
    lines = [_reached(probe), *application.lines]
    lines += service.lines if service else [ok("service key", "There is none: each customer acts with an own key.")]
    lines += [_clock(probe), *_calls(settings, probe)]
    keys: dict[Which, KeyReport] = {"application": application}
    if service:
        keys["service"] = service
    report = PanelReport(tuple(lines), True, keys)
    return replace(report, lines=(*lines, _seen_from(settings, probe, report)))


def check_address_of_portal(settings: Settings) -> Line:
    """Whether customers reach the portal over TLS; on this machine itself that is not needed."""
    host = urlsplit(settings.portal_url).hostname or ""
    if settings.is_https or _is_this_machine(host):
        return ok("portal address", f"Customers open {settings.portal_url}.")
    return FINDINGS["portal_plain"].line("portal address", url=settings.portal_url)


def check_address_of_panel(panel_url: str) -> list[Line]:
    """A line when the keys go to the panel without TLS; on this machine itself that does no harm."""
    parts = urlsplit(panel_url)
    if parts.scheme == "https" or _is_this_machine(parts.hostname or ""):
        return []
    return [FINDINGS["panel_plain"].line("panel address", url=panel_url)]


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def versions() -> Line:
    """What Roost was made for; the panel does not tell its version to a key."""
    said = "The panel's version cannot be read by API; Roost was tested with panel 1.11.8 and Wings 1.11.11."
    return ok("versions", said)


def outgoing_address(panel_url: str) -> str | None:
    """This machine's own address on the way to the panel; nothing is sent to learn it."""
    parts = urlsplit(panel_url)
    try:
        found = dialling.resolve(parts.hostname, parts.port or 443, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, target = found[0]
        with socket.socket(family, kind, protocol) as sock:
            sock.connect(target)
            return str(sock.getsockname()[0])
    except (OSError, UnicodeError, IndexError):
        return None


def _is_down(report: KeyReport) -> bool:
    return report.error is not None and not isinstance(report.error, errors.KeyRefused)


def _renamed(lines: Iterable[Line]) -> Iterable[Line]:
    """What keeps the panel from answering at all is a line about the panel, not about the key that asked."""
    return (Line(panel_checks.NAME, one.status, one.said, one.cure) for one in lines)


def _service(settings: Settings, probe: Probe) -> KeyReport | None:
    if not settings.use_service_key or settings.service_key is None:
        return None
    return key_checks.check_service_key(probe, settings.service_key)


def _reached(probe: Probe) -> Line:
    fastest = min(one.call.duration_s for one in probe.heard)
    slowest = max(one.call.duration_s for one in probe.heard)
    said = f"The panel at {probe.url} answers in {fastest * 1000:.0f} to {slowest * 1000:.0f} ms."
    return ok(panel_checks.NAME, said)


def _clock(probe: Probe) -> Line:
    offsets = [offset for one in probe.heard if (offset := _offset(one)) is not None]
    if not offsets:
        return FINDINGS["clock_unknown"].line("clock")
    seconds = min(offsets, key=abs)
    if abs(seconds) <= CLOCK_WARN_S:
        return ok("clock", f"The clocks of this machine and of the panel agree within {abs(seconds) + 1:.0f} s.")
    which = "clock_wrong" if abs(seconds) > CLOCK_FAIL_S else "clock_off"
    return FINDINGS[which].line("clock", seconds=f"{abs(seconds):.0f}")


def _offset(heard: Heard) -> float | None:
    """How far our clock is ahead of the panel's, in seconds; None when the answer does not say."""
    try:
        return heard.at - parsedate_to_datetime(heard.call.date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _calls(settings: Settings, probe: Probe) -> list[Line]:
    lines = [_calls_of(settings, probe, "application", settings.application_key)]
    if settings.use_service_key and settings.service_key:
        lines.append(_calls_of(settings, probe, "service", settings.service_key))
    return [one for one in lines if one is not None]


def _calls_of(settings: Settings, probe: Probe, which: Which, key: str) -> Line | None:
    counted = [one.call for one in probe.of(key) if one.call.limit is not None and one.call.remaining is not None]
    if not counted:
        return None
    name, (setting, variable) = f"{which} calls", _LIMITS[which]
    limit, remaining = counted[-1].limit or 0, counted[-1].remaining or 0
    chosen = getattr(settings, setting)
    if limit < chosen:
        return FINDINGS["calls_limit"].line(
            name, which=which, limit=limit, setting=setting, set=chosen, variable=variable
        )
    if remaining < limit * FEW:
        return FINDINGS["calls_low"].line(name, which=which, limit=limit, remaining=remaining)
    return ok(name, f"Of the {limit} calls a minute of the {which} key {remaining} are left.")


def _seen_from(settings: Settings, probe: Probe, report: PanelReport) -> Line:
    """Where the panel sees our calls come from: known from a refusal, a key's one allowed address, or the activity."""
    name = "our address"
    own = outgoing_address(settings.panel_url)
    here = f"; this machine itself calls from {own}" if own else ""
    seen = next((one.seen_from for one in report.keys.values() if one.seen_from), None)
    if seen:
        return ok(name, f"The panel sees this machine as {seen}{here}.")
    entry = _noted(settings, probe) if report.service_works else None
    if entry is not None:
        noted = age(entry.timestamp.timestamp())
        return ok(name, f"The panel noted {entry.ip} for a call with the service key {noted}{here}.")
    said = f"calls from {own}" if own else "has no address that could be found out"
    return ok(name, f"This machine {said}; as what the panel sees it, it tells only when it refuses a key.")


def _noted(settings: Settings, probe: Probe) -> ActivityEntry | None:
    """The newest entry of the service account's activity that a call with a key left, if it has an address."""
    try:
        entries = probe.client(settings.service_key or "").activity.of_account().items
    except errors.PanelError:
        return None  # the key worked a moment ago; this line alone knows less then
    return next((one for one in entries if one.is_api and one.ip), None)
