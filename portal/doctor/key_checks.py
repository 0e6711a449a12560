"""Whether a key is the right one, works from here, and how much it may do. Shared by `flask setup` and the doctor.

Nothing is ever written to the panel to find that out. A key that was refused is not asked with again.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from portal.doctor.lines import Finding, Line, ok
from portal.doctor.panel_checks import problem
from portal.doctor.probe import Probe
from portal.pterodactyl import errors

Which = Literal["application", "service"]

MAKE: Final[dict[Which, str]] = {
    "application": "in the admin area under Application API, with read on Servers and on Users",
    "service": "under Account > API Credentials, signed in as the admin account made for Roost",
}
FINDINGS: Final = {
    "key_unknown": Finding(
        "fail", "The panel does not know the {which} key ({hint}...): it was mistyped, deleted, or is another panel's.",
        "Make a new key in the panel {make}, and give it to Roost with `roost setup`.",
    ),
    "key_address": Finding(
        "fail", "The {which} key may not be used from here: the panel saw the address {address}.",
        "Add {address} to the key's allowed addresses, which means a new key in the panel, {make}.",
    ),
    "key_two_factor": Finding(
        "fail", "The panel demands two-factor authentication of the account that owns the {which} key.",
        "Sign in to the panel with that account and set up two-factor authentication; the key stays as it is.",
    ),
    "application_is_client": Finding(
        "fail", "This is a client key (ptlc_...), not an application key; an admin's can do everything on the panel.",
        "Make an application key (ptla_...) in the panel {make}, and delete this one if it was made for Roost.",
    ),
    "application_no_admin": Finding(
        "fail", "The account that owns the application key ({hint}...) is no administrator of the panel any more.",
        "Make the account an administrator again, or make a new key in the panel {make}.",
    ),
    "application_no_servers": Finding(
        "fail", "The application key ({hint}...) may not read servers.",
        "Make a new key in the panel {make}; the panel cannot change the rights of one that is there.",
    ),
    "application_no_users": Finding(
        "fail", "The application key ({hint}...) may not read users, so nobody's shared servers would be known.",
        "Make a new key in the panel {make}; the panel cannot change the rights of one that is there.",
    ),
    "service_is_application": Finding(
        "fail", "This is an application key (ptla_...) and not a client key; no customer's action can be done with it.",
        "Make a client key (ptlc_...) in the panel {make}.",
    ),
    "service_no_admin": Finding(
        "fail", "The owner of the service key ({hint}...) is no administrator, so the key cannot act for customers.",
        "Make the account an administrator in the panel, or make a key {make}.",
    ),
    "service_owns": Finding(
        "warn", "The owner of the service key ({username}) has {count} servers: the account is not Roost's alone.",
        "Make an admin account for Roost alone and a key there that is allowed from this machine's address only.",
    ),
    "service_open": Finding(
        "warn", "The service key ({hint}...) may be used from any address: whoever gets hold of it can do everything.",
        "Make a new key {make}, with this machine's address under Allowed IPs, and run `roost setup` with it.",
    ),
}  # fmt: skip
_SEEN = re.compile(r"This IP address \(([0-9A-Fa-f:.]{2,45})\)")


@dataclass(frozen=True)
class KeyReport:
    """What was found about a key. `seen_from` is our address as the panel sees it, if the key's answers show it."""

    lines: tuple[Line, ...]
    seen_from: str | None = None
    error: errors.PanelError | None = None

    @property
    def works(self) -> bool:
        """Whether nothing failed."""
        return all(one.status != "fail" for one in self.lines)


def check_application_key(probe: Probe, key: str) -> KeyReport:
    """Read one server with its subusers, and one user: all that Roost does with this key. Two calls at most."""
    name = "application key"
    api = probe.application(key)
    missing: list[str] = []
    try:
        try:
            servers = api.servers.list(include=("subusers",), per_page=1).items
            if any(one.subusers is None for one in servers):
                missing.append("application_no_users")
        except errors.NotAllowed:
            missing.append("application_no_servers")
        try:
            api.users.list(per_page=1)
        except errors.NotAllowed:
            missing.append("application_no_users")
    except errors.PanelError as error:
        return _refused(error, probe, "application", key)
    if key.startswith("ptlc_"):
        missing = ["application_is_client"]
    if missing:
        lines = (_line(one, "application", key) for one in dict.fromkeys(missing))
        return KeyReport(tuple(lines))
    said = f"The key {key[:8]}... reads servers and users; the panel does not say what else it may do."
    return KeyReport((ok(name, said),))


def check_service_key(probe: Probe, key: str) -> KeyReport:
    """Whose key it is, what it sees, and whether the account is somebody's own. Four calls at most."""
    name = "service key"
    api = probe.client(key)
    try:
        owner = api.account.view()
        seen = api.servers.list(type="admin-all", per_page=1).total  # unlike /account it demands two factors
        if not owner.admin:
            return KeyReport((_line("service_no_admin", "service", key),))
        owned = api.servers.list(type="owner", per_page=1).total
        itself = api.api_keys.find(key[:16])
        allowed = itself.allowed_ips if itself else ()
    except errors.PanelError as error:
        return _refused(error, probe, "service", key)
    said = f"The key {key[:8]}... is an administrator's ({owner.username}): it can do everything with {_servers(seen)}."
    lines = [ok(name, said)]
    if owned:
        lines.append(FINDINGS["service_owns"].line(name, username=owner.username, count=owned))
    if not allowed:
        lines.append(_line("service_open", "service", key))
    return KeyReport(tuple(lines), _one_address(allowed))


def refusal(error: errors.KeyRefused, which: Which, key: str) -> Line:
    """The line for a key that the panel refuses."""
    return _line(_cause(error.cause, which, key), which, key, address=address_in(error.detail) or "unknown")


def address_in(detail: str) -> str | None:
    """The address that the panel names when it refuses a key because of it."""
    found = _SEEN.search(detail)
    try:
        return str(ipaddress.ip_address(found[1])) if found else None
    except ValueError:
        return None


def _one_address(allowed: tuple[str, ...]) -> str | None:
    """A key that works and may be used from one address only was used from there."""
    try:
        return str(ipaddress.ip_address(allowed[0])) if len(allowed) == 1 else None
    except ValueError:
        return None


def _refused(error: errors.PanelError, probe: Probe, which: Which, key: str) -> KeyReport:
    if isinstance(error, errors.KeyRefused):
        return KeyReport((refusal(error, which, key),), address_in(error.detail), error)
    return KeyReport((problem(error, probe.url, f"{which} key"),), None, error)


def _cause(cause: errors.KeyCause, which: Which, key: str) -> str:
    if cause == "not_admin":
        is_client = which == "application" and key.startswith("ptlc_")
        return "application_is_client" if is_client else "application_no_admin"
    if cause == "wrong_kind":
        return "service_is_application"
    return {"unauthenticated": "key_unknown", "address": "key_address", "two_factor": "key_two_factor"}[cause]


def _line(finding: str, which: Which, key: str, **values: object) -> Line:
    return FINDINGS[finding].line(f"{which} key", which=which, hint=key[:8], make=MAKE[which], **values)


def _servers(count: int) -> str:
    return "1 server" if count == 1 else f"all {count} servers"


def first_problem(lines: Iterable[Line]) -> Line | None:
    """The first line that failed."""
    return next((one for one in lines if one.status == "fail"), None)
