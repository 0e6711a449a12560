"""What may be given: never more than the giver holds, nothing that the panel does not know, and each once.

The panel compares the whole set that is sent with what its sender holds (panel 1.11), so a subuser can only save a
set of which they hold every part. Roost refuses the rest before anything is sent: with the service key it is the only
guard.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.auth.sessions import Viewer
from portal.pterodactyl.client.subusers import ALWAYS_GIVEN
from portal.servers.door import demand
from portal.servers.reading import Opened
from portal.store import read
from portal.subusers.permissions import is_known
from portal.unfit import Unfit
from portal.web.i18n import _, counted
from portal.web.text import one_line

PER_HOUR = 30
HOUR_S = 3600.0
RESEND_S = 300.0


def grantable(
    viewer: Viewer, opened: Opened, permissions: Sequence[str], *, theirs: Sequence[str] = ()
) -> tuple[str, ...]:
    """The set to send. `theirs`: what the person holds, and may therefore keep although the panel does not list it.

    Raises Unfit, beside the field `permissions`, without a panel call.
    """
    wanted = dict.fromkeys(permissions)
    if opened.rights.allow(ALWAYS_GIVEN):
        wanted[ALWAYS_GIVEN] = None
    if beyond := [one for one in wanted if not opened.rights.allow(one)]:
        raise Unfit(_beyond(beyond, theirs), field="permissions")
    if not wanted:
        raise Unfit(_("Choose at least one permission."), field="permissions")
    if not is_known(viewer, [one for one in wanted if one not in theirs]):
        raise Unfit(_("The panel does not know one of these permissions. Load the page again."), field="permissions")
    return tuple(wanted)


def _beyond(beyond: Sequence[str], theirs: Sequence[str]) -> str:
    if held := [one for one in beyond if one in theirs]:
        names = one_line(", ".join(held), 300)
        return _(
            "They hold %(names)s, and you do not. The panel takes a set from you only if you hold all of it: untick "
            "these to take them away, or ask the owner to make this change.",
            names=names,
        )
    return counted(
        "You cannot give %(num)d of these permissions, because you do not hold it yourself.",
        "You cannot give %(num)d of these permissions, because you do not hold them yourself.",
        len(beyond),
    )


def needs_reading(opened: Opened) -> None:
    """Raises Forbidden for somebody who may not read the list of subusers, for acts that begin with it."""
    demand(opened, "user.read")


def not_too_many(viewer: Viewer) -> None:
    """Raises Unfit for somebody who let many messages be sent within the hour."""
    mine = select(func.count()).where(
        AuditEntry.account_id == viewer.account_id, AuditEntry.action.in_(("subuser.create", "subuser.resend")),
        AuditEntry.at > clock.now() - HOUR_S, AuditEntry.outcome != "refused",
    )  # fmt: skip
    with read() as session:
        if (session.scalar(mine) or 0) >= PER_HOUR:
            raise Unfit(_("That were many invitations within an hour. Go on a little later."))


def not_too_soon(mailed_at: float) -> None:
    """Raises Unfit while an invitation was sent a moment ago."""
    left = mailed_at + RESEND_S - clock.now()
    if left > 0:
        minutes = max(1, round(left / 60))
        text = counted(
            "The invitation was sent a moment ago. Try again in %(num)d minute.",
            "The invitation was sent a moment ago. Try again in %(num)d minutes.",
            minutes,
        )
        raise Unfit(text)
