"""Path segments and queries cannot leave their place."""

from __future__ import annotations

import pytest

from portal.pterodactyl.paths import query_string, route, segment
from tests.pterodactyl.fakes import World


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "a/b",
        "/",
        "a\\b",
        "a\x00",
        "a\nb",
        "\x7f",
        "\x85",
        "\ud800",
        "../account",
        " ",
        "%2e%2e",
        "%2E.",
        "%2f",
        "a%2Fb",
        "%252e%252e",
        "a%5cb",
        "a%00",
    ],
)
def test_what_could_change_the_route_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        segment(value)
    world = World((204, b""))
    with pytest.raises(ValueError):
        world.client.servers.send_power(value, "start")
    assert world.calls == 0


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("aec8fd53", "aec8fd53"),
        (12, "12"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("%20a", "%2520a"),
        ("100%", "100%25"),
        ("a?b#c", "a%3Fb%23c"),
        ("...", "..."),
    ],
)
def test_everything_else_is_encoded(value: str | int, encoded: str) -> None:
    assert segment(value) == encoded


def test_the_encoding_arrives_unchanged() -> None:
    world = World((204, b""))
    world.client.servers.send_power("%2e%2e a?b", "start")
    assert world.adapter.requests[0].path_url == "/api/client/servers/%252e%252e%20a%3Fb/power"


def test_routes_and_queries() -> None:
    assert route("client", "servers", "x y") == "/api/client/servers/x%20y"
    assert query_string(None) == ""
    assert query_string({}) == ""
    assert query_string({"filter[*]": "a&b", "page": 2}) == "?filter%5B%2A%5D=a%26b&page=2"
