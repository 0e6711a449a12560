"""A portal to sign in to, and what a browser's cookies look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PASSWORD, World


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    """The people with their passwords; the panel is not asked for servers."""
    return make_world("own")


def log_in(
    browser: FlaskClient,
    email: str = "owner@example.com",
    password: str = PASSWORD,
    *,
    address: str = "192.0.2.1",
    **fields: Any,
) -> TestResponse:
    """Send the login form from an address."""
    data = {"email": email, "password": password, **fields}
    return browser.post("/login", data=data, environ_overrides={"REMOTE_ADDR": address})


def is_signed_in(browser: FlaskClient) -> bool:
    """Whether the browser gets a page that needs an account."""
    answer = browser.get("/servers")
    return not (answer.status_code == 303 and answer.location.startswith("/login"))


def cookie(answer: TestResponse, name: str) -> str | None:
    """The Set-Cookie line of a cookie."""
    lines = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
    return lines[-1] if lines else None
