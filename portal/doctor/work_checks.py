"""What the background process and the mail are doing, as the store knows it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from portal import clock
from portal.background.models import Lease
from portal.credentials import refusals
from portal.doctor.key_checks import address_in
from portal.doctor.lines import Finding, Line, ok, sentence
from portal.mail import queue
from portal.mail.models import Mail
from portal.panel import settings
from portal.pterodactyl import ApiKey
from portal.servers.models import LiveState, Reading
from portal.store import read
from portal.web.formatting import age

OLD_RIGHTS_S: Final = 300.0
SLOW_MAIL_S: Final = 900.0

FINDINGS: Final = {
    "worker_dead": Finding(
        "fail", "The worker does not run: rights were read {rights}, live figures {figures}.",
        "Start it with `systemctl start roost-worker` (or `roost worker`), and look at `journalctl -u roost-worker`.",
    ),
    "rights_old": Finding(
        "fail", "The worker runs but rights were read {rights} ({error}): new servers and customers do not show.",
        "Cure what the lines of the panel and of the application key say; the worker goes on by itself.",
    ),
    "rights_stuck": Finding(
        "fail", "The worker runs but rights were read {rights}: new servers and customers do not show.",
        "Look at `journalctl -u roost-worker` for what went wrong, then start it again.",
    ),
    "rights_unread": Finding(
        "warn", "The worker runs but has not read yet whose the servers are, so nobody sees any.",
        "Look again in two minutes; if it is still so then, look at `journalctl -u roost-worker`.",
    ),
    "key_put_aside": Finding(
        "fail", "The {which} key ({hint}...) is not used since the panel refused it {age}: {cause}.",
        "Cure the cause, then restart web and worker; without that Roost tries the key again by itself after a while.",
    ),
    "mail_failed": Finding(
        "warn", "{count} mails could not be sent in the last week; the last one: {error}.",
        "Check the smtp_ settings with `roost doctor --mail you@example.com`, then send the invitations again.",
    ),
    "mail_slow": Finding(
        "warn", "{count} mails wait, the oldest since {age}{error}.",
        "Check the worker's line, and the smtp_ settings with `roost doctor --mail you@example.com`.",
    ),
    "mail_test": Finding(
        "fail", "The test mail was not sent: {reason}.",
        "Correct smtp_host, smtp_port, smtp_security, smtp_user and smtp_password in config.toml (docs/settings.md).",
    ),
}  # fmt: skip
CAUSES: Final = {
    "unauthenticated": "it is unknown there",
    "address": "it is not allowed from {address}",
    "two_factor": "its owner must set up two-factor authentication",
    "wrong_kind": "it is of the wrong kind",
    "not_admin": "its owner is no administrator",
}
PROBLEMS: Final = {
    "maintenance": "the panel is in maintenance",
    "key": "the panel refuses the application key",
    "service_refused": "the panel refuses the service key",
    "busy": "too many calls",
    "nonsense": "the panel's answer is not understood",
    "panel": "the panel does not answer",
}
WEEK_S: Final = 7 * 86_400.0


def check_worker() -> Line:
    """Whether a background process holds the lease, and how old is what it reads."""
    from portal.background.worker import NAME

    now = clock.now()
    with read() as session:
        until = session.scalar(select(Lease.until).where(Lease.name == NAME))
        rights = session.get(Reading, "directory")
        figures = session.scalar(select(func.max(LiveState.read_at)))
    read_at = rights.read_at if rights else None
    rights_age = age(read_at) if read_at else "never"
    if until is None or until <= now:
        return FINDINGS["worker_dead"].line("worker", rights=rights_age, figures=age(figures) if figures else "never")
    if read_at is None or now - read_at > OLD_RIGHTS_S:
        return _old_rights(rights_age, rights.error if rights else None, is_first=read_at is None)
    return ok("worker", f"The worker runs; rights were read {rights_age}.")


def _old_rights(rights_age: str, error: str | None, *, is_first: bool) -> Line:
    """Why rights are old, as far as the worker could say; without a word of it, only that they are."""
    if error:
        return FINDINGS["rights_old"].line("worker", rights=rights_age, error=PROBLEMS.get(error, error))
    return FINDINGS["rights_unread" if is_first else "rights_stuck"].line("worker", rights=rights_age)


def check_refused() -> list[Line]:
    """Keys that are out of use since the panel refused them; for when the panel itself cannot be asked now."""
    chosen = settings()
    keys: tuple[tuple[refusals.Name, str | None], ...] = (
        ("application", chosen.application_key),
        ("service", chosen.service_key if chosen.use_service_key else None),
    )
    lines = []
    for name, key in keys:
        known = refusals.current(name, ApiKey(key)) if key else None
        if key and known:
            cause = CAUSES[known.cause].format(address=address_in(known.detail) or "here")
            more = {"hint": key[:8], "age": age(known.since), "cause": cause}
            lines.append(FINDINGS["key_put_aside"].line(f"{name} key", which=name, **more))
    return lines


def check_mail() -> Line:
    """Whether mail goes out."""
    if settings().smtp_host is None:
        return ok("mail", "Mail is not set up: invitations and password resets go out as links that you hand on.")
    now = clock.now()
    with read() as session:
        is_failed = (Mail.state == "failed") & (Mail.created_at > now - WEEK_S)
        failed = session.scalar(select(func.count()).where(is_failed)) or 0
        newest = session.scalar(select(Mail).where(is_failed).order_by(Mail.id.desc()).limit(1))
        oldest = session.scalar(select(Mail).where(Mail.state == "waiting").order_by(Mail.created_at).limit(1))
    counts = queue.counts()
    waiting, sent = counts.get("waiting", 0), counts.get("sent", 0)
    if failed and newest:
        return FINDINGS["mail_failed"].line("mail", count=failed, error=_plain(newest.error))
    if oldest and now - oldest.created_at > SLOW_MAIL_S:
        error = f": {_plain(oldest.error)}" if oldest.error else ""
        return FINDINGS["mail_slow"].line("mail", count=waiting, age=age(oldest.created_at), error=error)
    goes = "goes" if sent else "is set to go"  # before the first one nobody knows
    return ok("mail", f"Mail {goes} out through {settings().smtp_host}; {waiting} waiting, none failed.")


def send_test_mail(address: str) -> Line:
    """Send a mail now and say what became of it."""
    from portal.mail.sending import MailProblem, send_test

    try:
        send_test(address)
    except MailProblem as problem:
        return FINDINGS["mail_test"].line("test mail", reason=_plain(str(problem)))
    return ok("test mail", "The mail server took the test mail: look whether it arrives, also among the spam.")


def _plain(text: str | None) -> str:
    return sentence(text or "no reason is known")
