"""The page of accounts: who there is, who never came, and everything that is done for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from portal.auth import mails
from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.servers import records
from tests.admin.conftest import LINK, account, audited, number
from tests.auth.conftest import is_signed_in, log_in
from tests.conftest import World

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("who", ["owner", "subuser", "stranger"])
def test_only_administrators_see_anything(who: str, portal: World) -> None:
    browser = portal.browser(who)
    for path in ("/admin/accounts", "/admin/accounts/new", "/admin/accounts/1", "/admin/accounts/1/panel-users?q=x"):
        assert browser.get(path).status_code == 404, path
    for action in ("invite", "disable", "enable", "admin", "no-admin", "link/1"):
        assert browser.post(f"/admin/accounts/{number(portal, who)}/{action}").status_code == 404, action
    assert "/admin" not in browser.get("/servers").text
    assert portal.calls() == ["GET /api/client"]


def test_the_list_names_everybody_and_who_never_came(portal: World, admin: FlaskClient) -> None:
    log_in(portal.browser(), "owner@example.com")
    page = admin.get("/admin/accounts").text
    for name in ("owner", "subuser", "stranger", "admin", "solo"):
        assert f"{name}@example.com" in page
    never = admin.get("/admin/accounts?show=never").text
    assert "subuser@example.com" in never
    assert ">owner@example.com" not in never
    assert "/admin/accounts" in admin.get("/servers").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=SUBU", {"subuser"}),
        ("q=%25", set()),
        ("q=_wner", set()),
        ("show=admins", {"admin"}),
        ("show=disabled", set()),
        ("show=nonsense&page=nonsense", {"admin", "owner", "solo", "stranger", "subuser"}),
        ("page=99999", {"admin", "owner", "solo", "stranger", "subuser"}),
    ],
)
def test_search_and_filter(query: str, shown: set[str], portal: World, admin: FlaskClient) -> None:
    page = admin.get(f"/admin/accounts?{query}").text.partition("<main")[2]
    names = {"admin", "owner", "solo", "stranger", "subuser"}
    assert {name for name in names if f"<b>{name}@example.com</b>" in page} == shown


def test_a_panel_users_number_finds_the_account(portal: World, admin: FlaskClient) -> None:
    linked = account(portal, "subuser@example.com").panel_user_id
    assert "<b>subuser@example.com</b>" in admin.get(f"/admin/accounts?q={linked}").text


def test_many_accounts_come_in_pages(portal: World, admin: FlaskClient) -> None:
    with portal.app.app_context():
        for count in range(60):
            accounts.create(f"user{count:02}@example.org", panel_user=None)
    first, second = (admin.get(f"/admin/accounts?page={page}").text for page in (1, 2))
    assert "Page 1 of 2" in first
    assert first.count('class="line"') == 50
    assert second.count('class="line"') == 15


def test_a_new_account_gets_its_link_and_signs_in(portal: World, admin: FlaskClient) -> None:
    answer = admin.post("/admin/accounts/new", data={"email": "New@Example.org", "invite": "y"})
    assert answer.status_code == 200
    assert "Pass this link on" in answer.text
    link = LINK.search(answer.text)[1]
    password = {"password": "a password of my own", "again": "a password of my own"}
    assert portal.browser().post(link, data=password).status_code == 303
    assert LINK.search(admin.get(f"/admin/accounts/{account(portal, 'new@example.org').id}").text) is None
    assert ("account.create", "new@example.org") in audited(portal)
    assert ("account.invite", "new@example.org") in audited(portal)


def test_a_new_account_without_an_invitation(portal: World, admin: FlaskClient) -> None:
    answer = admin.post("/admin/accounts/new", data={"email": "new@example.org", "admin": "y"})
    assert LINK.search(answer.text) is None
    assert account(portal, "new@example.org").is_admin


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"email": ""}, "Enter an e-mail address."),
        ({"email": "no address"}, "That is not an e-mail address."),
        ({"email": "owner@example.com"}, "There is an account for owner@example.com already."),
        ({"email": "new@example.org", "panel_user": "x"}, "Enter the number"),
        ({"email": "new@example.org", "panel_user": "999999"}, "The panel has no user 999999."),
        ({"email": "new@example.org", "panel_user": "0"}, "The panel has no user 0."),
        ({}, "Enter an e-mail address."),
    ],
)
def test_what_does_not_do_is_said_and_loses_nothing(
    form: dict[str, str], message: str, portal: World, admin: FlaskClient
) -> None:
    answer = admin.post("/admin/accounts/new", data=form)
    assert answer.status_code == 422
    assert message in answer.text
    for value in form.values():
        assert value in answer.text


def test_a_panel_user_who_has_an_account_is_not_given_to_another(portal: World, admin: FlaskClient) -> None:
    taken = account(portal, "owner@example.com").panel_user_id
    answer = admin.post("/admin/accounts/new", data={"email": "new@example.org", "panel_user": str(taken)})
    assert (answer.status_code, "has an account already" in answer.text) == (422, True)
    other = number(portal, "solo")
    answer = admin.post(f"/admin/accounts/{other}/link/{taken}")
    assert (answer.status_code, "belongs to owner@example.com already" in answer.text) == (409, True)


def test_the_panel_being_down_is_said_beside_the_field(portal: World, admin: FlaskClient) -> None:
    portal.demo.set_condition("panel-gateway")
    answer = admin.post("/admin/accounts/new", data={"email": "new@example.org", "panel_user": "2"})
    assert (answer.status_code, "cannot be reached" in answer.text) == (422, True)
    page = admin.get(f"/admin/accounts/{number(portal, 'owner')}?q=own")
    assert (page.status_code, "cannot be reached" in page.text) == (200, True)


@pytest.mark.parametrize("text", ["solo", "solo@", "number"])
def test_linking_by_search(text: str, portal: World, admin: FlaskClient) -> None:
    panel_user = account(portal, "solo@example.com").panel_user_id
    with portal.app.app_context():
        other = accounts.create("other@example.org", panel_user=None)
    admin.post(f"/admin/accounts/{number(portal, 'solo')}/link/0")
    text = str(panel_user) if text == "number" else text
    portal.calls()
    part = admin.get(f"/admin/accounts/{other}/panel-users?q={text}", headers=HTMX)
    assert len(portal.calls()) == 1
    assert f"/admin/accounts/{other}/link/{panel_user}" in part.text
    assert "<!doctype" not in part.text.lower()
    whole = admin.get(f"/admin/accounts/{other}?q={text}")
    assert f"/admin/accounts/{other}/link/{panel_user}" in whole.text
    assert admin.post(f"/admin/accounts/{other}/link/{panel_user}").status_code == 303
    assert account(portal, "other@example.org").panel_user_id == panel_user
    assert ("account.link", f"other@example.org: none -> {panel_user}") in audited(portal)


def test_a_search_says_whose_a_panel_user_is_already(portal: World, admin: FlaskClient) -> None:
    part = admin.get(f"/admin/accounts/{number(portal, 'solo')}/panel-users?q=owner", headers=HTMX).text
    assert "belongs to owner@example.com" in part


def test_a_search_for_nobodys_number_finds_nobody(portal: World, admin: FlaskClient) -> None:
    answer = admin.get(f"/admin/accounts/{number(portal, 'solo')}/panel-users?q=0", headers=HTMX)
    assert answer.status_code == 200
    assert "@example.com" not in answer.text


def test_without_script_a_search_leads_to_the_page(portal: World, admin: FlaskClient) -> None:
    answer = admin.get(f"/admin/accounts/{number(portal, 'solo')}/panel-users?q=own")
    assert (answer.status_code, answer.location) == (303, f"/admin/accounts/{number(portal, 'solo')}?q=own")


def test_another_link_takes_the_key_of_the_one_before_away(portal: World, admin: FlaskClient) -> None:
    """Else the account would go on acting as the panel user it was linked to."""
    browser = portal.browser("owner")
    lobby = portal.server("Lobby")
    assert browser.get(f"/servers/{lobby}").status_code == 200
    owner, solo = number(portal, "owner"), account(portal, "solo@example.com").panel_user_id
    admin.post(f"/admin/accounts/{number(portal, 'solo')}/link/0")
    admin.post(f"/admin/accounts/{owner}/link/{solo}")
    assert browser.get(f"/servers/{lobby}").status_code == 404
    assert "Lobby" not in browser.get("/servers").text


def test_disabling_ends_the_sessions_and_can_be_undone(portal: World, admin: FlaskClient) -> None:
    browser = portal.browser("owner")
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/disable")
    assert not is_signed_in(browser)
    assert log_in(portal.browser()).status_code == 422
    assert admin.post(f"/admin/accounts/{number(portal, 'owner')}/invite").status_code == 409
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/enable")
    assert log_in(portal.browser()).status_code == 303


@pytest.mark.parametrize("action", ["disable", "no-admin"])
def test_nobody_locks_themselves_out(action: str, portal: World, admin: FlaskClient) -> None:
    answer = admin.post(f"/admin/accounts/{number(portal, 'admin')}/{action}")
    assert (answer.status_code, "ask another administrator" in answer.text) == (409, True)
    assert admin.get("/admin/accounts").status_code == 200


def test_an_administrator_is_made_and_unmade(portal: World, admin: FlaskClient) -> None:
    browser = portal.browser("owner")
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/admin")
    assert browser.get("/admin/accounts").status_code == 200
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/no-admin")
    assert browser.get("/admin/accounts").status_code == 404


@pytest.mark.parametrize("path", ["999999", "999999999"])
def test_an_account_that_is_not_there(path: str, admin: FlaskClient) -> None:
    assert admin.get(f"/admin/accounts/{path}").status_code == 404
    for action in ("invite", "disable", "enable", "admin", "no-admin", "link/1"):
        assert admin.post(f"/admin/accounts/{path}/{action}").status_code == 404, action
    assert admin.get("/admin/accounts/99999999999999999999").status_code == 404


def test_hostile_names_from_the_panel_stay_text(portal: World, admin: FlaskClient) -> None:
    next(one for one in portal.demo.world.users if one.username == "solo").username = "<script>solo"
    part = admin.get(f"/admin/accounts/{number(portal, 'owner')}/panel-users?q=solo", headers=HTMX).text
    assert "<script>" not in part
    assert "&lt;script&gt;solo" in part


def test_with_a_mail_server_the_link_is_mailed(make_world: Callable[..., World]) -> None:
    world = make_world("own", smtp_host="127.0.0.1", mail_from="help@example.com")
    answer = world.browser("admin").post(f"/admin/accounts/{number(world, 'owner')}/invite")
    assert "on its way by mail" in answer.text


def test_creating_with_a_panel_user_links_at_once(portal: World, admin: FlaskClient) -> None:
    free = next(
        one for one in portal.demo.world.users
        if one.username not in ("owner", "subuser", "stranger", "admin", "solo")
    )  # fmt: skip
    admin.post("/admin/accounts/new", data={"email": "new@example.org", "panel_user": str(free.id)})
    assert account(portal, "new@example.org").panel_user_id == free.id
    with portal.app.app_context(), pytest.raises(accounts.AccountError):
        accounts.create("x@example.org", panel_user=PanelUser(free.id, "x", "x@example.org"))


def test_whoever_came_by_a_link_has_signed_in(portal: World, admin: FlaskClient) -> None:
    answer = admin.post("/admin/accounts/new", data={"email": "new@example.org", "invite": "y"})
    password = {"password": "a password of my own", "again": "a password of my own"}
    assert "new@example.org" in admin.get("/admin/accounts?show=never").text
    portal.browser().post(LINK.search(answer.text)[1], data=password)
    assert "new@example.org" not in admin.get("/admin/accounts?show=never").text


def test_a_session_of_before_does_not_live_again_with_the_account(portal: World, admin: FlaskClient) -> None:
    browser = portal.browser("owner")
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/disable")
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/enable")
    assert not is_signed_in(browser)


def test_two_administrators_cannot_unmake_each_other_at_once(portal: World, admin: FlaskClient) -> None:
    admin.post(f"/admin/accounts/{number(portal, 'owner')}/admin")
    owner = portal.browser("owner")
    assert owner.post(f"/admin/accounts/{number(portal, 'admin')}/no-admin").status_code == 303
    with portal.app.app_context(), pytest.raises(accounts.AccountError):
        accounts.make_admin(number(portal, "owner"), admin=False)


def test_what_an_account_saw_as_another_panel_user_is_forgotten(portal: World, admin: FlaskClient) -> None:
    portal.browser("owner").get("/servers")
    owner = number(portal, "owner")
    with portal.app.app_context():
        assert records.known(owner)
    admin.post(f"/admin/accounts/{owner}/link/0")
    with portal.app.app_context():
        assert records.known(owner) == []
        assert records.last_reading(f"account:{owner}").total == 0


def test_an_invitation_that_cannot_be_made_makes_no_account_either(
    portal: World, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(mails, "invite_in", fail)
        answer = admin.post("/admin/accounts/new", data={"email": "new@example.org", "invite": "y"})
        assert answer.status_code == 503
    assert admin.post("/admin/accounts/new", data={"email": "new@example.org", "invite": "y"}).status_code == 200


def test_an_administrator_is_told_what_is_wrong_with_the_key(portal: World, admin: FlaskClient) -> None:
    owner = f"/admin/accounts/{number(portal, 'owner')}"
    key = next(one for one in portal.demo.world.api_keys if one.identifier == portal.demo.keys["application"][:16])
    grants, key.grants = key.grants, {"servers": 1}
    assert "The application key may not read users" in admin.get(f"{owner}?q=own").text
    key.grants = grants
    portal.demo.world.api_keys.remove(key)
    page = admin.get(f"{owner}?q=own").text
    assert "The panel does not know the key" in page
    assert "Ask your host" not in page.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("act", ["disable", "admin", "unlink"])
def test_what_is_not_easily_undone_is_asked_first(act: str, portal: World, admin: FlaskClient) -> None:
    page = f"/admin/accounts/{number(portal, 'owner')}"
    assert f"{page}/ask/{act}" in admin.get(page).text
    dialog, whole = admin.get(f"{page}/ask/{act}", headers=HTMX), admin.get(f"{page}/ask/{act}")
    assert "<!doctype" not in dialog.text.lower()
    assert "<!doctype" in whole.text.lower()
    path = "link/0" if act == "unlink" else act
    for answer in (dialog, whole):
        assert f'action="{page}/{path}"' in answer.text
    answer = admin.post(f"{page}/{path}")
    assert answer.status_code == 303
    assert 'class="band good"' in admin.get(answer.location).text
    assert portal.browser("subuser").get(f"{page}/ask/{act}").status_code == 404
    assert admin.get("/admin/accounts/999999/ask/disable").status_code == 404


def test_a_disabled_account_is_offered_nothing_that_makes_no_sense(portal: World, admin: FlaskClient) -> None:
    page = f"/admin/accounts/{number(portal, 'owner')}"
    admin.post(f"{page}/invite")
    assert "Open invitation until" in admin.get(page).text
    admin.post(f"{page}/disable")
    told = admin.get(page).text
    assert "Open again" in told
    assert "Open invitation until" not in told
    assert "Make administrator" not in told
    assert f"{page}/invite" not in told


def test_administrators_find_the_way_from_every_page(portal: World, admin: FlaskClient) -> None:
    assert admin.get("/account").text.count('href="/admin/accounts"') == 2
    assert 'href="/admin/accounts"' not in portal.browser("owner").get("/account").text
