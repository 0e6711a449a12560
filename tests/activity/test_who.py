"""Who is named, and what of them is shown to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.auth.service import PanelUser
from portal.credentials import service as credentials
from portal.store import write
from tests.activity.support import HERE, SERVER, SHARED, clear, keep, lines, log, path, person, read, texts
from tests.conftest import World
from tests.servers.support import Bent, account_id, row_of, share_of

ROOSTS = "203.0.113.9"


def service_of(world: World) -> tuple[str, str]:
    user = person(world, "service")
    assert user is not None
    return user.username, user.email


def test_the_service_account_is_the_portal_and_nothing_of_it_shows(service_world: World) -> None:
    clear(service_world)
    name, email = service_of(service_world)
    log(service_world, SHARED, "server:file.read", "service", properties={"file": "/a", "ip": HERE, "user": name})
    log(service_world, SHARED, "server:power.start", "service", is_api=False)
    log(service_world, SHARED, "server:subuser.create", "owner", is_api=False, ip="198.51.100.1",
        properties={"email": email, "permissions": []})  # fmt: skip
    for who in ("owner", "subuser"):
        page = service_world.browser(who).get(path(service_world, SHARED)).text
        shown = lines(page)
        assert "Opened the file /a . Your host's portal" in shown[2]
        assert len(shown) == 3
        assert email not in page
        assert HERE not in page
        assert name not in page.lower().replace("servicealert", "")
        assert "gravatar" not in page


def test_an_outside_administrator_is_the_host(service_world: World) -> None:
    clear(service_world)
    log(service_world, SHARED, "server:reinstall", "admin", is_api=False)
    log(service_world, SHARED, "server:power.kill", "admin", is_api=True)
    shown = texts(read(service_world, SHARED))
    assert [who for who, _text in shown] == ["Your host's portal", "Your host"]
    assert "admin@" not in service_world.browser("owner").get(path(service_world, SHARED)).text


def test_somebody_without_an_account_here_has_a_name_once_the_panel_says_who_that_is(service_world: World) -> None:
    clear(service_world)
    with service_world.app.app_context(), write() as session:
        session.get_one(Account, account_id(service_world, "stranger")).panel_user_id = None
        session.get_one(Account, account_id(service_world, "stranger")).panel_username = None
    log(service_world, SHARED, "server:power.start", "stranger", is_api=False)
    service_world.calls()
    assert texts(read(service_world, SHARED))[0][0] == "stranger"
    assert service_world.calls()[1:] == ["GET /api/application/users"]
    assert texts(read(service_world, SHARED))[0][0] == "stranger"
    assert len(service_world.calls()) == 1


def test_while_that_cannot_be_asked_it_is_the_host(service_world: World) -> None:
    clear(service_world)
    log(service_world, SHARED, "server:reinstall", "stranger", is_api=False)
    object.__setattr__(service_world.app.config["ROOST"], "application_key", "ptla_" + "x" * 43)
    shown = texts(read(service_world, SHARED))
    assert shown[0][0] == "Your host"


def test_with_own_keys_the_panel_says_who_it_was(own_world: World) -> None:
    clear(own_world)
    for name in ("owner", "subuser", "admin"):
        log(own_world, SHARED, "server:power.start", name, is_api=False)
    log(own_world, SHARED, "server:backup.complete", None, is_api=False, properties={"name": "a"})
    assert sorted(who for who, _text in texts(read(own_world, SHARED))) == ["The panel", "You", "admin", "subuser"]


def test_own_keys_beside_a_service_key_do_not_show_its_account(
    make_world: Callable[..., World],
) -> None:
    world = make_world("own", is_ready=True)
    chosen = world.app.config["ROOST"]
    object.__setattr__(chosen, "service_key", world.demo.keys["service"])
    object.__setattr__(chosen, "use_service_key", True)
    clear(world)
    with world.app.app_context(), write() as session:
        credentials.drop_key_in(session, account_id(world, "subuser"))
    log(world, SHARED, "server:power.stop", "service", ago_s=50)
    keep(world, SHARED, "power.start", "subuser")
    log(world, SHARED, "server:power.start", "service")
    page = world.browser("owner").get(path(world, SHARED)).text
    shown = lines(page)
    assert len(shown) == 2
    assert "subuser" in shown[0]
    assert "Your host's portal" in shown[1]
    assert service_of(world)[1] not in page
    assert "service" not in " ".join(shown)


def test_an_address_is_shown_to_whom_it_belongs(world: World) -> None:
    clear(world)
    log(world, SHARED, "server:power.start", "owner", is_api=False, ip="198.51.100.1")
    log(world, SHARED, "server:power.stop", "subuser", is_api=False, ip="198.51.100.2", properties={"ip": "192.0.2.99"})
    keep(world, SHARED, "file.permissions", "owner", address="203.0.113.1", detail="/: a")
    keep(world, SHARED, "file.permissions", "subuser", address="203.0.113.2", detail="/: b")
    theirs = world.browser("subuser").get(path(world, SHARED)).text
    assert "198.51.100.2" in theirs
    assert "203.0.113.2" in theirs
    assert "198.51.100.1" not in theirs
    assert "203.0.113.1<" not in theirs
    mine = world.browser("owner").get(path(world, SHARED)).text
    assert "198.51.100.1" in mine
    assert "203.0.113.1" in mine
    assert "198.51.100.2" not in mine
    assert "203.0.113.2" not in mine
    assert "192.0.2.99" not in mine


def test_a_paired_act_shows_where_the_person_was_and_never_where_the_portal_is(world: World) -> None:
    clear(world)
    name = "service" if world.app.config["ROOST"].use_service_key else "owner"
    keep(world, SHARED, "power.start", "owner", address=ROOSTS)
    log(world, SHARED, "server:power.start", name, ip=HERE, properties={"ip": HERE})
    mine = world.browser("owner").get(path(world, SHARED)).text
    assert ROOSTS in mine
    assert HERE not in mine
    theirs = world.browser("subuser").get(path(world, SHARED)).text
    assert ROOSTS not in theirs
    assert HERE not in theirs


def test_administrators_of_the_portal_see_addresses_but_never_the_portals(service_world: World) -> None:
    clear(service_world)
    with service_world.app.app_context(), write() as session:
        session.get_one(Account, account_id(service_world, "subuser")).is_admin = True
    log(service_world, SHARED, "server:power.start", "owner", is_api=False, ip="198.51.100.1")
    log(service_world, SHARED, "server:power.stop", "service", ip=HERE)
    keep(service_world, SHARED, "file.permissions", "owner", address=ROOSTS, detail="/: a")
    page = service_world.browser("subuser").get(path(service_world, SHARED)).text
    assert "198.51.100.1" in page
    assert ROOSTS in page
    assert HERE not in page
    assert service_of(service_world)[1] not in page


def test_mail_addresses_of_people_are_not_told(world: World) -> None:
    clear(world)
    log(world, SHARED, "server:power.start", "owner", is_api=False)
    keep(world, SHARED, "file.permissions", "owner", detail="/: a")
    page = world.browser("subuser").get(path(world, SHARED)).text
    user = person(world, "owner")
    assert user is not None
    assert user.email not in page
    assert "owner@example.com" not in page


def test_whose_access_ended_is_still_named_and_the_portal_by_itself_too(world: World) -> None:
    clear(world)
    keep(world, SHARED, "file.permissions", "subuser", detail="/: a", ago_s=1)
    keep(world, SHARED, "backup.delete", None, detail="old")
    keep(world, SHARED, "file.permissions", "admin", detail="/: b", ago_s=2)
    server = share_of(world, SHARED)
    next(one for one in world.demo.world.servers if one.name == SHARED).subusers.remove(server)
    world.work()
    assert [who for who, _text in texts(read(world, SHARED))] == ["Your host's portal", "subuser", "Your host"]


def test_an_owners_own_signal_on_the_panel_is_theirs_also_with_the_service_key(service_world: World) -> None:
    clear(service_world)
    log(service_world, SERVER, "server:power.start", "owner", is_api=False)
    assert texts(read(service_world)) == [("You", "Asked the server to start.")]


def test_a_service_account_that_also_shares_the_server_stays_unnamed(
    service_world: World,
) -> None:
    clear(service_world)
    user, server = person(service_world, "service"), row_of(service_world, SHARED)
    assert user is not None
    server.subusers.append(replace(share_of(service_world, SHARED), user=user))
    with service_world.app.app_context():
        accounts.create("host@example.com", panel_user=PanelUser(user.id, user.username, user.email), is_admin=False)
    service_world.work()
    keep(service_world, SHARED, "power.start", "owner")
    log(service_world, SHARED, "server:power.start", "service")
    log(service_world, SHARED, "server:file.read", "service", ago_s=5, properties={"file": "/a"})
    log(service_world, SHARED, "server:reinstall", "service", ago_s=9, is_api=False)
    assert texts(read(service_world, SHARED)) == [
        ("You", "Asked the server to start."), ("Your host's portal", "Opened the file /a."),
        ("Your host", "Started to reinstall the server."),
    ]  # fmt: skip


def test_a_page_on_which_the_service_account_does_nothing_tells_nothing_of_it_either(service_world: World) -> None:
    """Its address may stand beside what somebody else did, or in a description."""
    clear(service_world)
    name, email = service_of(service_world)
    log(service_world, SHARED, "server:subuser.create", "owner", properties={"email": email, "permissions": []})
    keep(service_world, SHARED, "subuser.resend", "owner", detail=email)
    log(service_world, SHARED, "server:power.start", "owner")

    def bend(path: str, body: Any) -> Any:
        for one in body["data"] if "/activity" in path else ():
            one["attributes"]["description"] = f"by {name} <{email}>"
        return body

    Bent(service_world, bend)
    page = service_world.browser("owner").get(path(service_world, SHARED)).text
    assert len(lines(page)) == 3
    assert email not in page
    assert f"by {name}" not in page


def test_an_account_of_the_portal_that_has_the_service_key_is_not_named(service_world: World) -> None:
    clear(service_world)
    user, server = person(service_world, "service"), row_of(service_world, SHARED)
    assert user is not None
    server.subusers.append(replace(share_of(service_world, SHARED), user=user))
    with service_world.app.app_context():
        number = accounts.create("host@example.com", panel_user=PanelUser(user.id, user.username, user.email))
    service_world.work()
    keep(service_world, SHARED, "power.kill", "owner", ago_s=60, outcome="refused")
    with service_world.app.app_context(), write() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        entry.account_id = number
    log(service_world, SHARED, "server:power.start", "service")
    shown = read(service_world, SHARED)
    assert [who for who, _text in texts(shown)] == ["Your host's portal", "Your host"]
    assert "u:service" not in {one.key for one in shown.people}


def test_while_it_is_not_known_whose_the_service_key_is_it_is_still_the_portal(service_world: World) -> None:
    clear(service_world)
    _name, email = service_of(service_world)
    keep(service_world, SHARED, "power.start", "subuser")
    log(service_world, SHARED, "server:power.start", "service")

    def bend(path: str, body: object) -> object:
        return {"object": "user"} if path.endswith("/api/client/account") else body

    Bent(service_world, bend)
    page = service_world.browser("owner").get(path(service_world, SHARED)).text
    assert len(lines(page)) == 1
    assert "subuser" in lines(page)[0]
    assert email not in page
    service_world.calls()
    service_world.browser("owner").get(path(service_world, SHARED))
    assert "GET /api/client/account" not in service_world.calls()
