"""What is to be said of a change of prices once it is made or taken back, as the trail and the holds tell it."""

from __future__ import annotations

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.audit.models import AuditChange
from portal.billing.models import Term
from portal.operator.writing import Last
from portal.store import read
from portal.suspension.models import Hold


def reason_of(change: Last) -> str:
    """What somebody typed as the reason of a change; empty when nothing was typed."""
    begins = f"change {change.id}: "
    query = select(AuditChange.why).where(AuditChange.what == "term", AuditChange.why.startswith(begins))
    with read() as session:
        why = session.scalar(query.order_by(AuditChange.id.desc()).limit(1))
    typed = (why or "").removeprefix(begins)
    return "" if typed == change.said else typed


def overdue_again(number: str) -> int:
    """How many servers were let go by a change and, now that it is undone, run although they are overdue."""
    let_go, stands = aliased(Hold), aliased(Hold)
    is_let_go = exists().where(
        let_go.server_uuid == Term.server_uuid, let_go.kind == "unpaid",
        let_go.release_reason.startswith(f"change {number}:"),
    )  # fmt: skip
    is_held = exists().where(stands.server_uuid == Term.server_uuid, stands.released_at.is_(None))
    query = select(func.count()).where(
        Term.kind == "priced", Term.gone_at.is_(None), Term.expires_at <= int(clock.now()), is_let_go, ~is_held
    )
    with read() as session:
        return session.scalar(query) or 0
