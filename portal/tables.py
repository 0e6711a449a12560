"""Every table of the portal, so that migrations and tests know them all."""

from __future__ import annotations

from portal.audit.models import AuditEntry
from portal.auth.models import Account, Attempt, Invite, LoginSession
from portal.background.models import Lease
from portal.credentials.models import ClientKey
from portal.servers.models import Grant, LiveState, PanelServer, PowerRequest, Reading, Snapshot, Watch

TABLES = (
    Account, Attempt, AuditEntry, ClientKey, Grant, Invite, Lease, LiveState, LoginSession, PanelServer, PowerRequest,
    Reading, Snapshot, Watch,
)  # fmt: skip
