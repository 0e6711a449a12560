"""Behind a web server in front: who asks is what that server says, and nobody else can say it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.store import read
from tests.conftest import World

CLIENT, PROXY = "192.0.2.1", "127.0.0.1"
SOCKET = ""
"""What gunicorn says of somebody who came through the unix socket, which only the web server in front may open."""


def seen_address(world: World, peer: str, told: str) -> str:
    """The address that the audit holds for a refused login."""
    world.browser().post(
        "/login",
        data={"email": "owner@example.com", "password": "wrong password"},
        headers={"X-Forwarded-For": told},
        environ_overrides={"REMOTE_ADDR": peer},
    )
    with world.app.app_context(), read() as session:
        return session.scalars(select(AuditEntry.address).order_by(AuditEntry.id.desc())).first()


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "seen"),
    [
        (PROXY, PROXY, CLIENT, CLIENT),
        (PROXY, PROXY, f"203.0.113.9, {CLIENT}", CLIENT),
        (PROXY, "198.51.100.7", CLIENT, "198.51.100.7"),
        ("198.51.100.7", "198.51.100.7", CLIENT, CLIENT),
        ("198.51.100.7", PROXY, CLIENT, PROXY),
        (None, PROXY, CLIENT, PROXY),
        (PROXY, SOCKET, CLIENT, CLIENT),
        ("198.51.100.7", SOCKET, f"203.0.113.9, {CLIENT}", CLIENT),
        (None, SOCKET, CLIENT, SOCKET),
    ],
)
def test_only_the_trusted_server_is_believed(
    trusted: str | None, peer: str, told: str, seen: str, make_world: Callable[..., World]
) -> None:
    assert seen_address(make_world("own", trusted_proxy=trusted), peer, told) == seen


def test_only_the_trusted_server_says_that_it_came_over_tls(make_world: Callable[..., World]) -> None:
    browser = make_world("own").browser()
    for peer, is_believed in ((PROXY, True), ("198.51.100.7", False)):
        answer = browser.get("/login", headers={"X-Forwarded-Proto": "https"}, environ_overrides={"REMOTE_ADDR": peer})
        assert ("Strict-Transport-Security" in answer.headers) == is_believed


def test_a_host_that_is_told_in_a_header_is_not_believed(make_world: Callable[..., World]) -> None:
    answer = (
        make_world("own")
        .browser()
        .get("/servers", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})
    )
    assert answer.location == "/login?next=/servers"
