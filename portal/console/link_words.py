"""How the way from this portal to a server's console is, in one sentence; it says which leg is meant.

The way from the browser to the portal is not known here, only in the browser. Who administrates this portal is told
what to look at; nobody is told an address or a token.
"""

from __future__ import annotations

from typing import Any

from portal import clock
from portal.web.i18n import _
from portal.wings import Link


def shown(link: Link, *, is_admin: bool, origin: str) -> dict[str, Any]:
    """The member `link` of a frame. `origin` is what nodes are sent, for administrators."""
    told: dict[str, Any] = {"phase": link.phase, "said": said(link, is_admin=is_admin, origin=origin)}
    if link.cause is not None:
        told["cause"] = link.cause
    if link.retry_at is not None:
        told["retry_in_s"] = round(max(0.0, link.retry_at - clock.monotonic()), 1)
    return told


def said(link: Link, *, is_admin: bool, origin: str) -> str:
    """The sentence for a page, with one more for administrators where there is something to do."""
    if link.cause is None or link.phase in ("live", "renewing"):
        return _of_phase(link.phase)
    more = _for_admins(link.cause, origin) if is_admin else None
    return " ".join(filter(None, (_of_cause(link.cause), more)))


def _of_phase(phase: str) -> str:
    return {
        "connecting": _("Connecting to the server's node."),
        "live": _("The console is live."),
        "renewing": _("The console is live; its access is being renewed."),
        "lost": _("The connection to the server's node was lost."),
        "over": _("The connection to this console has ended."),
    }[phase]


def _of_cause(cause: str) -> str:
    return _of_panel(cause) or _of_node(cause) or _("The connection to the server's node was lost.")


def _of_panel(cause: str) -> str | None:
    return {
        "panel": _("The panel cannot be reached, so it gives no access to the console."),
        "maintenance": _("Your host is working on the panel, so it gives no access to the console."),
        "busy": _("The panel was asked too often. Access to the console is asked for again in a moment."),
        "key": _("The panel does not accept the key that is used for you. Ask your host."),
        "refused": _("The panel does not let you see this console."),
        "state": _("The panel allows no console while the server is in this state."),
        "gone": _("The panel has no such server for your account."),
        "tired": _("It was tried for ten minutes in vain. Load the page again to go on."),
    }.get(cause)


def _of_node(cause: str) -> str | None:
    return {
        "name": _("The name of the server's node cannot be resolved. Ask your host."),
        "port": _("The server's node does not answer."),
        "tls": _("The certificate of the server's node is not accepted. Ask your host."),
        "origin": _("The server's node refuses consoles from this portal. Ask your host."),
        "full": _("The server's node has no room for another console of this server."),
        "unknown_server": _("The node does not know this server; it may be on its way to another one."),
        "odd": _("The server's node gave an answer that is not understood."),
        "silent": _("The server's node has fallen silent."),
        "cut": _("The connection to the server's node was cut."),
        "token": _("The server's node does not accept the access that was given."),
        "deleted": _("The server left its node."),
    }.get(cause)


def _for_admins(cause: str, origin: str) -> str | None:
    return {
        "panel": _("Look at `roost doctor`."),
        "key": _("Look at the key in the account, or at the service key with `roost doctor`."),
        "name": _("Look at the node's FQDN in the panel and at this machine's name servers."),
        "port": _("Let this machine connect to the node's port (firewall), and look whether Wings runs."),
        "tls": _("Look at the certificate with `roost doctor`."),
        "origin": _(
            "It was sent %(origin)s: set console_origin to exactly what `remote` in Wings' config.yml says.",
            origin=origin,
        ),
        "token": _("Compare the clocks of panel and node, and the node's token in Wings' config.yml."),
        "unknown_server": _("Look in the panel on which node the server is."),
    }.get(cause)
