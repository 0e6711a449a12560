"""What the tests of subusers share: people with chosen rights, the forms, and what lies in store and panel."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.auth import service as accounts
from portal.auth.models import Account
from portal.auth.service import PanelUser
from portal.demo.world import Subuser, User
from portal.mail.models import Mail
from portal.servers import records
from portal.servers.rights import Rights
from portal.store import read
from portal.subusers import linking
from portal.subusers.models import ServerInvitation
from tests.conftest import World
from tests.servers.support import HTMX, row_of, share_of

PLAYED = "Survival SMP"
HELPER = "helper@example.net"
MAILS = {"smtp_host": "127.0.0.1", "mail_from": "help@example.com"}
SOME = ["control.console", "file.read"]


def path(world: World, rest: str = "", name: str = PLAYED) -> str:
    """An address below the page."""
    return f"/servers/{world.server(name)}/subusers{rest}"


def let(world: World, *permissions: str, name: str = PLAYED) -> Subuser:
    """Let the subuser hold these and `websocket.connect`; Roost knows, and the calls are forgotten."""
    share = share_of(world, name)
    share.permissions = [*permissions, "websocket.connect"]
    world.work()
    look(world, "subuser", name=name)
    return share


def look(world: World, who: str = "owner", *, name: str = PLAYED) -> None:
    """Let somebody look at the server, so that it is known to Roost; the calls are forgotten."""
    world.browser(who).get(f"/servers/{world.server(name)}")
    world.calls()


def person(world: World, username: str) -> User:
    """The panel's own row of a person."""
    return next(one for one in world.demo.world.users if one.username == username)


def subuser_of(world: World, email: str, name: str = PLAYED) -> Subuser | None:
    """The panel's own row of a subuser."""
    return next((one for one in row_of(world, name).subusers if one.user.email == email), None)


def added(world: World, username: str, *permissions: str, name: str = PLAYED) -> str:
    """Add somebody on the panel itself; returns their uuid."""
    server, user, now = row_of(world, name), person(world, username), world.clock.now()
    held = [*permissions, "websocket.connect"]
    server.subusers.append(Subuser(world.demo.world.next_id("subusers"), user, server, held, now, now, None))
    world.work()
    world.calls()
    return user.uuid


def page(world: World, who: str = "owner", *, name: str = PLAYED) -> TestResponse:
    """The list."""
    return world.browser(who).get(path(world, name=name))


def invite(
    world: World, email: str = HELPER, permissions: list[str] | None = None, who: str = "owner", **more: Any
) -> TestResponse:
    """Send the form of an invitation, without script."""
    options: dict[str, Any] = {"headers": HTMX} if more.pop("is_fragment", False) else {}
    options["follow_redirects"] = more.pop("follow", False)
    name = more.pop("name", PLAYED)
    data = {"email": email, "permissions": SOME if permissions is None else permissions, "preset": "own"} | more
    return world.browser(who).post(path(world, "/new", name), data=data, **options)


def change(
    world: World, uuid: str, permissions: list[str], shown: list[str], who: str = "owner", **more: Any
) -> TestResponse:
    """Send the form of permissions, without script."""
    follow = more.pop("follow", False)
    data = {"permissions": permissions, "shown": json.dumps(shown), "about": "them", "preset": "own"} | more
    return world.browser(who).post(path(world, f"/{uuid}/edit"), data=data, follow_redirects=follow)


def remove(world: World, uuid: str, who: str = "owner", **options: Any) -> TestResponse:
    """Take access away."""
    return world.browser(who).post(path(world, f"/{uuid}/remove"), **options)


def resend(world: World, uuid: str, who: str = "owner", **options: Any) -> TestResponse:
    """Write to somebody again."""
    return world.browser(who).post(path(world, f"/{uuid}/resend"), **options)


def link(world: World) -> None:
    """One round of the background process; its calls are forgotten."""
    with world.app.app_context():
        linking.work()
    world.calls()


def account_of(world: World, email: str) -> Account | None:
    """The portal's account of an address."""
    with world.app.app_context(), read() as session:
        return session.scalar(select(Account).where(Account.email == email))


def make_account(world: World, email: str, panel_user: User | None, *, password: str = "") -> int:
    """An account that was there before."""
    linked = PanelUser(panel_user.id, panel_user.username, panel_user.email) if panel_user else None
    with world.app.app_context():
        number = accounts.create(email, panel_user=linked)
        if password:
            accounts.set_password(number, password)
    return number


def invitations(world: World) -> list[ServerInvitation]:
    """All rows."""
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(ServerInvitation).order_by(ServerInvitation.invited_at)))


def mail(world: World) -> list[Mail]:
    """All mail about servers."""
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Mail).where(Mail.kind == "server_invite").order_by(Mail.id)))


def rights(world: World, user: User, name: str = PLAYED) -> Rights | None:
    """What Roost thinks that somebody may do."""
    with world.app.app_context():
        return records.rights(row_of(world, name).uuid, user.id)


def ticked(html: str) -> set[str]:
    """The boxes that a form sends."""
    found = re.findall(r'<input type="checkbox"[^>]*name="permissions" value="([^"]*)"([^>]*)>', html)
    return {unescape(value) for value, rest in found if "checked" in rest and "disabled" not in rest}


def fixed(html: str) -> dict[str, bool]:
    """The boxes that cannot be changed, and whether they are ticked."""
    found = re.findall(r'<input type="checkbox"[^>]*name="permissions" value="([^"]*)"([^>]*)>', html)
    return {unescape(value): "checked" in rest for value, rest in found if "disabled" in rest}
