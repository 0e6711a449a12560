"""The mail about expiry, suspension and automatic renewal. Each is written when it is sent, of what is so by then.

Times are in the host's zone, which is named beside them. What is no longer true is not sent at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import clock, mode
from portal.billing import funds, needs, owners, payment_reference, reminding, renewing, terms
from portal.billing.models import Reminder
from portal.billing.money import Money
from portal.billing.periods import DAY_S, grace_end
from portal.billing.terms import Terms
from portal.mail.models import Mail
from portal.mail.writing import Dropped, Writers, Written, rendered
from portal.panel import settings
from portal.store import read
from portal.suspension import holds
from portal.web.i18n import _
from portal.web.text import one_line


@dataclass(frozen=True)
class About:
    """The server that a message is about, its expiry, and the kinds of holds that are open on it."""

    standing: Terms
    expires_at: int
    account_id: int
    holds: frozenset[str]

    @property
    def name(self) -> str:
        """The server's name on one line."""
        return one_line(self.standing.server.name) or self.standing.server.identifier


def in_zone(at: int) -> str:
    """A moment in the host's zone, with the zone's name: `2026-03-29 12:00 CEST (Europe/Berlin)`."""
    zone = mode.zone()
    local = datetime.fromtimestamp(at, zone)
    short = local.tzname() or ""
    return f"{local:%Y-%m-%d %H:%M} {short}" + ("" if short == zone.key else f" ({zone.key})")


def _reminder(mail: Mail) -> Written:
    about = _about(mail)
    if "unpaid" in about.holds:
        raise Dropped("the server is suspended by now")
    if "abuse" in about.holds:
        raise Dropped("the host has blocked the server")
    is_over = about.expires_at <= clock.now()
    subject = _("%(name)s has expired", name=about.name) if is_over else _("%(name)s expires soon", name=about.name)
    return _written("reminder", subject, about, is_over="yes" if is_over else "")


def _suspended(mail: Mail) -> Written:
    about = _about(mail)
    if "unpaid" not in about.holds:
        raise Dropped("the server is not suspended any more")
    return _written("suspended", _("%(name)s is suspended", name=about.name), about)


def _not_renewed(mail: Mail) -> Written:
    about = _about(mail)
    if "abuse" in about.holds:
        raise Dropped("the host has blocked the server")
    if about.standing.auto_renew_by != about.account_id:
        raise Dropped("it is not to be renewed by itself any more")
    is_long = renewing.is_long_overdue(about.standing)
    if about.standing.price is None or not is_long and funds.of(about.account_id, _cost(about.standing)[0]).do:
        raise Dropped("the balance will do by now")
    subject = _("%(name)s could not be renewed", name=about.name)
    is_over = "yes" if about.expires_at <= clock.now() else ""
    return _written("not_renewed", subject, about, is_over=is_over, is_long="yes" if is_long else "")


def _renewed(mail: Mail) -> Written:
    said: dict[str, str] = json.loads(mail.detail)
    subject = f"{settings().host_name}: " + _("%(name)s is renewed", name=one_line(said["name"]))
    amount, balance = (Money(int(said[one]), said["currency"]) for one in ("amount_minor", "balance_minor"))
    return rendered(
        "renewed", subject, server=one_line(said["name"]), until=in_zone(int(said["until"])), amount=str(amount),
        balance=str(balance), link=_link(said["identifier"]),
    )  # fmt: skip


def _about(mail: Mail) -> About:
    """What a message is about. Raises Dropped when it is not so any more."""
    said: dict[str, str] = json.loads(mail.detail)
    uuid, expires_at = said["server"], int(said["expires_at"])
    if not mode.is_on():
        raise Dropped("billing is not on")
    standing = terms.of(uuid)
    if standing is None or standing.expires_at != expires_at or standing.gone_at is not None:
        raise Dropped("the server is renewed, free or gone by now")
    owner = owners.of([uuid]).get(uuid)
    if owner is None or owner.account_id != mail.account_id:
        raise Dropped("the server is somebody else's by now")
    newer = select(Reminder.id).where(
        Reminder.server_uuid == uuid, Reminder.expires_at == expires_at, Reminder.account_id == owner.account_id,
        Reminder.mail_id > mail.id,
    )  # fmt: skip
    with read() as session:
        if session.scalar(newer.limit(1)) is not None:
            raise Dropped("a later message about the same is on its way")
    kinds = frozenset(str(one.kind) for one in holds.of(uuid) if not one.is_lifted)
    return About(standing, expires_at, owner.account_id, kinds)


def _written(name: str, subject: str, about: About, **more: str) -> Written:
    """A message with all that a customer needs to decide: date, amount, balance, what happens when, how to pay."""
    chosen, price = settings(), about.standing.price
    if price is None:
        raise Dropped("the server costs nothing by now")
    amount, paid_until = _cost(about.standing)
    have = funds.of(about.account_id, amount)
    now, uuid = int(clock.now()), about.standing.server.uuid
    heard_at = reminding.heard_at({uuid: (about.expires_at, about.account_id)}).get(uuid, now)
    ends = max(
        grace_end(about.expires_at, chosen.grace_hours, chosen.grace_ends_hour, mode.zone()),
        heard_at + DAY_S,  # no notice, no suspension: a day passes after the first message
        now,
    )
    beyond = needs.beyond(about.account_id, amount.currency) if have.do else None
    is_by_itself = (
        have.do and about.standing.auto_renew_by == about.account_id and not about.holds
        and not renewing.is_long_overdue(about.standing)
    )  # fmt: skip
    return rendered(
        name, f"{chosen.host_name}: {subject}", server=about.name, until=in_zone(about.expires_at), amount=str(amount),
        paid_until=in_zone(paid_until) if paid_until else "", balance=str(have.balance),
        missing=str(have.missing) if have.missing else "", will_do="yes" if have.do else "",
        needed=str(beyond) if beyond else "",
        by_itself="yes" if is_by_itself else "", suspended_at=in_zone(ends), how_to_pay=chosen.how_to_pay,
        pay_url=chosen.pay_url or "", reference=payment_reference.reference_of(about.account_id),
        is_blocked="yes" if "abuse" in about.holds else "", link=_link(about.standing.server.identifier),
        is_held="yes" if about.holds & {"admin", "external"} else "", **more,
    )  # fmt: skip


def _cost(standing: Terms) -> tuple[Money, int | None]:
    """What it takes to pay a server beyond now, and until when it is paid then; that is unknown if it cannot be."""
    assert standing.price is not None
    try:
        wanted = renewing.offer(standing, renewing.least_periods(standing))
    except (renewing.RenewalError, ValueError):
        return standing.price.amount, None
    return wanted.amount, wanted.to_expiry


def _link(identifier: str) -> str:
    return f"{settings().portal_url}/servers/{identifier}/billing"


WRITERS: Writers = {
    "renewal_reminder": _reminder, "suspended": _suspended, "not_renewed": _not_renewed, "renewed": _renewed,
}  # fmt: skip
"""Who writes which kind of message about money."""
