"""Every table of the portal, so that migrations and tests know them all."""

from __future__ import annotations

from portal.alerts.models import Alert
from portal.audit.models import AuditEntry
from portal.auth.models import Account, Attempt, Invite, LoginSession
from portal.background.models import Lease
from portal.credentials.models import ClientKey, KeyRefusal
from portal.mail.models import Mail
from portal.servers.models import Grant, LiveState, PanelServer, PowerRequest, Reading, Snapshot, Watch
from portal.store.state import StoreState

TABLES = (
    Account, Alert, Attempt, AuditEntry, ClientKey, Grant, Invite, KeyRefusal, Lease, LiveState, LoginSession, Mail,
    PanelServer, PowerRequest, Reading, Snapshot, StoreState, Watch,
)  # fmt: skip
