"""The mail of accounts: invitations, also to a server, and links to choose a new password.

The page that asks for a new password never learns whether there is an account. It only writes down what was typed,
always with the same work; the background process looks it up.
"""

from __future__ import annotations

import json
import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth import links
from portal.auth.links import Link
from portal.auth.models import Account, Invite
from portal.mail import queue
from portal.mail.models import Mail
from portal.mail.writing import Dropped, Writers, Written, rendered
from portal.panel import settings
from portal.store import read, write
from portal.web.i18n import _

DAY_S = 86_400.0
PER_DAY = 8
"""Links to one account in a day, however many ask for them."""
TOLD_PER_DAY = 12
"""Messages about servers to one account in a day, however many invite them, and however often."""
QUIET_S = 300.0
"""Somebody who asks for a new password again within this time finds the link of the first message still good."""


log = logging.getLogger("roost.mail")


def can_mail() -> bool:
    """Whether this portal sends mail at all."""
    return settings().smtp_host is not None


def ask_reset(email: str) -> None:
    """Note that somebody wants a link for an address."""
    with write() as session:
        queue.add_in(session, "reset", email)


def invite_in(session: Session, account: Account) -> Link:
    """Make an invitation and, if this portal sends mail, let it be sent; inside somebody's write()."""
    link = links.make_in(session, account.id, "invite")
    if can_mail():
        queue.add_in(session, "invite", account.email, account_id=account.id, detail={"nonce": link.nonce})
    return link


def server_invite_in(session: Session, account: Account, detail: dict[str, str]) -> None:
    """Let somebody be told of a server that they may use now, inside somebody's write(); nothing without a mail server.

    Nobody gets more than TOLD_PER_DAY of them; what was called back counts too, so that nothing is won by it. `detail`
    names `server` and `inviter`. A link to choose a password is in it for who never chose one: the one that
    they were sent already, while that is good for another day.
    """
    if not can_mail():
        return
    mine = select(func.count()).where(
        Mail.kind == "server_invite", Mail.account_id == account.id, Mail.created_at > clock.now() - DAY_S
    )
    if (session.scalar(mine) or 0) >= TOLD_PER_DAY:
        log.warning("account %d was told of enough servers today and is not written to again", account.id)
        return
    if account.password_hash is None:
        nonce = _lasting_nonce(session, account) or links.make_in(session, account.id, "invite").nonce
        detail = detail | {"nonce": nonce}
    queue.add_in(session, "server_invite", account.email, account_id=account.id, detail=detail)


def _lasting_nonce(session: Session, account: Account) -> str | None:
    mine = select(Invite.nonce).where(Invite.account_id == account.id, Invite.kind == "invite")
    return session.scalar(mine.where(Invite.open_at(clock.now() + DAY_S), Invite.nonce.is_not(None)).limit(1))


def _server_invite(mail: Mail) -> Written:
    detail: dict[str, str] = json.loads(mail.detail)
    with read() as session:
        account = session.get(Account, mail.account_id)
    if account is None or account.is_disabled:
        raise Dropped("there is no such account")
    link = ""
    if account.password_hash is None:
        if not links.is_open(detail.get("nonce", "")):
            raise Dropped("its link is over")
        link = links.url_of(detail["nonce"])
    subject = _("%(host)s: you may use the server %(server)s", host=settings().host_name, server=detail["server"])
    return rendered("server_invite", subject, server=detail["server"], inviter=detail["inviter"], link=link)


def _invite(mail: Mail) -> Written:
    subject = _("Your access to %(host)s", host=settings().host_name)
    return _with_link("invite", subject, json.loads(mail.detail)["nonce"])


def _reset(mail: Mail) -> Written:
    subject = _("%(host)s: choose a new password", host=settings().host_name)
    return _with_link("reset", subject, json.loads(mail.detail).get("nonce") or _reset_nonce(mail))


def _with_link(name: str, subject: str, nonce: str) -> Written:
    if not links.is_open(nonce):
        raise Dropped("its link is over")
    return rendered(name, subject, link=links.url_of(nonce))


def _reset_nonce(mail: Mail) -> str:
    """Make the link that was asked for, once. Raises Dropped when the address is nobody's, or was just mailed to.

    Also for a request that waited so long (no mail server, a restored store) that nobody waits for it any more.
    """
    if mail.created_at < clock.now() - links.LASTS_S["reset"]:
        raise Dropped("it was asked for too long ago")
    with write() as session:
        account = session.scalar(select(Account).where(Account.email == mail.recipient, ~Account.is_disabled))
        if account is None:
            raise Dropped("there is no such account")
        now = clock.now()
        mine = select(Invite).where(Invite.account_id == account.id, Invite.kind == "reset")
        if session.scalar(mine.where(Invite.created_at > now - QUIET_S, Invite.used_at.is_(None)).limit(1)):
            raise Dropped("a link was mailed a moment ago")
        if len(session.scalars(mine.where(Invite.created_at > now - DAY_S)).all()) >= PER_DAY:
            raise Dropped("enough links were mailed today")
        link = links.make_in(session, account.id, "reset")
        row = session.get_one(Mail, mail.id)
        row.account_id, row.detail = account.id, json.dumps({"nonce": link.nonce})
        mail.account_id = account.id
    return link.nonce


WRITERS: Writers = {"invite": _invite, "reset": _reset, "server_invite": _server_invite}
