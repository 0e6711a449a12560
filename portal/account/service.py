"""What a person changes about their own account: password, the connection to the panel, other browsers."""

from __future__ import annotations

from portal.audit import service as audit
from portal.auth import service as accounts
from portal.auth import sessions
from portal.auth.models import Account
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.servers import records
from portal.store import read, write


def change_password(viewer: Viewer, current: str, new: str) -> bool:
    """Set a new password, which ends every other session; False when the one of now is wrong.

    Raises AccountError when the new one does not do.
    """
    if accounts.check_password(viewer.email, current) is None:
        audit.record(viewer, "account.password", outcome="refused")
        return False
    accounts.set_password(viewer.account_id, new, keep=sessions.token_hash(viewer.token))
    audit.record(viewer, "account.password", outcome="done")
    return True


def connect(viewer: Viewer, key: str) -> None:
    """Store the person's own client key. Raises KeyProblem, and the library's errors when the panel cannot be asked."""
    with read() as session:
        account = session.get_one(Account, viewer.account_id)
    identifier = credentials.set_key(account, key)
    audit.record(viewer, "account.key", outcome="done", detail=identifier)


def disconnect(viewer: Viewer) -> None:
    """Forget the person's key and what was seen with it."""
    with write() as session:
        credentials.drop_key_in(session, viewer.account_id)
        records.forget_scope_in(session, viewer.account_id)
        audit.record_in(session, viewer, "account.no_key")


def sign_out_others(viewer: Viewer) -> int:
    """End the person's sessions in all other browsers; returns how many there were."""
    ended = sessions.end_others(viewer.account_id, viewer.token)
    audit.record(viewer, "account.sign_out", outcome="done", detail=str(ended))
    return ended
