"""Whether an address is a Pterodactyl panel that answers, and if not, why. Shared by `flask setup` and the doctor."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from portal.doctor import dialling
from portal.doctor.lines import Finding, Line, ok
from portal.doctor.probe import OutOfTime, Probe
from portal.pterodactyl import errors

NAME: Final = "panel"
CALLS_S: Final = 12.0
"""When the doctor begins no call of the panel any more, so that who waits for its lines gets them."""
NOBODYS_KEY: Final = "ptlc_" + "0" * 43
"""No panel gives such a key: a panel answers it with 401, and whatever else answers is no panel."""

FINDINGS: Final = {
    "panel_name": Finding(
        "fail", "The name {host} of the panel cannot be resolved.",
        "Look for a mistake in the panel's address, and try `getent hosts {host}` on this machine.",
    ),
    "panel_refused": Finding(
        "fail", "Nothing answers at {url}: no connection can be made.",
        "Look whether the panel's web server runs and whether a firewall keeps this machine from its port.",
    ),
    "panel_tls": Finding(
        "fail", "No secure connection can be made with {url}: its certificate is over, self-signed or another name's.",
        "Renew the certificate on the panel's machine (`certbot renew`), and use the name that stands in it.",
    ),
    "panel_no_tls": Finding(
        "fail", "What answers at {url} does not speak TLS there, although the address begins with https://.",
        "If the panel is opened with http://, give that address; better give the panel a certificate.",
    ),
    "panel_timeout": Finding(
        "fail", "The panel at {url} does not answer in time.",
        "Look at the load of the panel's machine, and whether a firewall drops what this machine sends.",
    ),
    "panel_cut": Finding(
        "fail", "The connection to {url} was cut before the answer was there.",
        "Look into the error log of the panel's web server.",
    ),
    "panel_maintenance": Finding(
        "fail", "The panel is in maintenance mode.",
        "Wait until the work is done; end it on the panel's machine with `php artisan up`.",
    ),
    "panel_gateway": Finding(
        "fail", "The panel's web server answers with an error ({status}): the panel behind it does not work.",
        "Look into the panel's log (storage/logs) and whether PHP and the database run on the panel's machine.",
    ),
    "panel_page": Finding(
        "fail", "A web page came instead of the panel's answer ({status}): a proxy or a login wall is in the way.",
        "Check the address; if it is right, let this machine through to /api/ there (Cloudflare: no challenge).",
    ),
    "panel_redirect": Finding(
        "fail", "{url} redirects (status {status}) instead of answering.",
        "Use the address that the browser shows once the panel is open, with https:// and the final host name.",
    ),
    "panel_none": Finding(
        "fail", "What answers at {url} is no Pterodactyl panel.",
        "Use the address at which its users open the panel, without anything behind it such as /admin.",
    ),
    "panel_busy": Finding(
        "fail", "The panel takes no more calls from this key or this machine for now.",
        "Wait a minute; if it comes back, raise APP_API_CLIENT_RATELIMIT and APP_API_APPLICATION_RATELIMIT there.",
    ),
    "panel_slow": Finding(
        "fail", "The panel's answers take too long: after {seconds} s nothing more was asked.",
        "Look at the load of the panel's machine and the name servers of this one (/etc/resolv.conf), and check again.",
    ),
    "panel_odd": Finding(
        "fail", "The panel gives an answer that Roost does not understand ({detail}).",
        "Compare the panel's version (Admin > Overview) with 1.11.8, with which Roost was tested.",
    ),
}  # fmt: skip
_FAULTS: Final[dict[errors.Fault, str]] = {
    "name": "panel_name", "connect": "panel_refused", "tls": "panel_tls", "timeout": "panel_timeout",
    "cut": "panel_cut", "maintenance": "panel_maintenance", "status": "panel_gateway", "page": "panel_page",
}  # fmt: skip


def check_address(probe: Probe) -> Line:
    """Ask the panel with nobody's key (`GET /api/client/account`); its 401 shows that it is one."""
    try:
        probe.client(NOBODYS_KEY).account.view()
    except errors.KeyRefused as refused:
        if refused.cause == "unauthenticated":
            return ok(NAME, f"The panel at {probe.url} answers.")
        return problem(refused, probe.url)
    except errors.PanelError as error:
        return problem(error, probe.url)
    return FINDINGS["panel_none"].line(NAME, url=probe.url)


def problem(error: errors.PanelError, url: str, name: str = NAME) -> Line:
    """The line for an error that has nothing to do with a key."""
    if isinstance(error, OutOfTime):
        return slow(name)
    host = urlsplit(url).hostname or url
    which = _which(error)
    if which == "panel_tls" and _is_plain(url):
        which = "panel_no_tls"
    return FINDINGS[which].line(name, host=host, url=url, status=error.status, detail=_detail(error))


def slow(name: str = NAME) -> Line:
    """The line for what was not asked since the calls before it took all the time."""
    return FINDINGS["panel_slow"].line(name, seconds=round(CALLS_S))


def is_about_a_key(error: errors.PanelError) -> bool:
    """Whether the panel answered and it is the key that is no good."""
    return isinstance(error, errors.KeyRefused | errors.NotAllowed)


def _which(error: errors.PanelError) -> str:
    match error:
        case errors.PanelUnreachable(fault="page", status=404):
            return "panel_none"
        case errors.PanelUnreachable():
            return _FAULTS[error.fault]
        case errors.BadAnswer(status=status) if status is not None and 300 <= status < 400:
            return "panel_redirect"
        case errors.NotFound() | errors.BadAnswer(status=404 | 405):
            return "panel_none"
        case errors.Busy():
            return "panel_busy"
        case _:
            return "panel_odd"


def _is_plain(url: str) -> bool:
    """Whether plain http is spoken where the address says https://; the library tells only that TLS failed."""
    parts = urlsplit(url)
    return parts.scheme == "https" and dialling.speaks_plain(parts.hostname or "", parts.port or 443)


def _detail(error: errors.PanelError) -> str:
    return error.detail or type(error).__name__
