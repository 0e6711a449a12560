"""Every table of the portal, so that migrations and tests know them all."""

from __future__ import annotations

from portal.alerts.models import Alert
from portal.audit.models import AuditChange, AuditEntry
from portal.auth.models import Account, Attempt, Invite, LoginSession
from portal.background.models import Lease
from portal.billing.models import Balance, LedgerEntry, Price, Reminder, Renewal, Term
from portal.credentials.models import ClientKey, KeyRefusal
from portal.files.models import FileVersion, FileWork, UploadLimit
from portal.mail.models import Mail
from portal.server_backups.models import BackupDownload, RetentionRule
from portal.servers.models import Grant, LiveState, PanelServer, PowerRequest, Reading, Snapshot, Watch
from portal.store.state import StoreState
from portal.subusers.models import ServerInvitation
from portal.suspension.models import Hold, Intent, Observed, PanelCall, RunEntry, SweepRun

TABLES = (
    Account, Alert, Attempt, AuditChange, AuditEntry, BackupDownload, Balance, ClientKey, FileVersion, FileWork,
    Grant, Hold, Intent, Invite, KeyRefusal, Lease, LedgerEntry, LiveState, LoginSession, Mail, Observed, PanelCall,
    PanelServer, PowerRequest, Price, Reading, Reminder, Renewal, RetentionRule, RunEntry, ServerInvitation,
    Snapshot, StoreState, SweepRun, Term, UploadLimit, Watch,
)  # fmt: skip
