"""What can be told of the time between a backup and now, for whoever confirms a restored store."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from portal.auth.models import Account
from portal.backup import money_differences
from portal.mail.models import Mail
from portal.servers.models import Grant, PanelServer, Reading
from portal.store import read
from portal.store.restored import Quarantine

DIRECTORY = "directory"
"""The name under which the background process keeps when it read all servers."""


def moment(at: float | None) -> str:
    """An instant for the operator, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC") if at else "an unknown time"


def lines(quarantine: Quarantine) -> list[str]:
    """One sentence for each thing that an admin should know before leaving quarantine."""
    with read() as session:
        accounts = session.scalar(select(func.count()).select_from(Account)) or 0
        servers = session.scalar(select(func.count()).select_from(PanelServer)) or 0
        reading = session.get(Reading, DIRECTORY)
        linked = select(Account.panel_user_id).where(Account.panel_user_id.is_not(None))
        people = (~Grant.is_revoked, Grant.panel_user_id.not_in(linked))
        strangers = session.scalar(select(func.count(Grant.panel_user_id.distinct())).where(*people)) or 0
        dropped = session.scalar(select(func.count()).where(Mail.state == "dropped", Mail.error == "restored")) or 0
    said = [f"The store is of {moment(quarantine.backup_at)} and was put back {moment(quarantine.since)}."]
    said.append(f"It has {accounts} accounts and {servers} servers.")
    if reading is None or reading.read_at is None or reading.read_at < quarantine.since:
        said.append("The panel has not been read since: start roost-worker first to see its servers.")
    else:
        said.append(f"The panel said {moment(reading.read_at)} that it has {reading.total} servers.")
    if strangers:
        said.append(f"{strangers} panel users have servers and no account here: some may have had one.")
    lost = quarantine.audit_before - quarantine.audit_now
    if lost > 0:
        said.append(f"At least {lost} acts that were written down since are missing from the audit.")
    else:
        said.append("No act that was written down is known to be missing from the audit.")
    said += money_differences.lines(quarantine)
    said.append(f"{dropped} messages that waited then were not sent. All sessions and open links have ended.")
    said.append(
        "Passwords are as they were then, and accounts that were disabled since are open again: change and disable "
        "them anew where that matters."
    )
    return said
