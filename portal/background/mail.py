"""Sending mail: the one place that knows every kind of it."""

from __future__ import annotations

from portal.alerts import service as alerts
from portal.auth import mails
from portal.billing import mails as billing_mails


def send_mail() -> None:
    """Send what is due, if this portal sends mail."""
    if not mails.can_mail():
        return
    from portal.mail import dispatch  # smtplib and its kin: only this process needs them

    dispatch.work({**mails.WRITERS, **alerts.WRITERS, **billing_mails.WRITERS})
