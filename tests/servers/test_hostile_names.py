"""Names and texts that customers choose, at their worst."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.servers.support import row_of, see

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": "\" onmouseover=\"alert(1)\" x='",
    "right to left": "\u202eeman desrever\u202c \u200f",
    "long": "x" * 10_000,
    "emoji": "\U0001f409\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "template": "{{ 7*7 }} {% raw %} %(name)s %s ${x}",
    "controls": "a\x00b\x07c\r\nd",
    "empty": "",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_every_page_stands_and_nothing_breaks_out(world: World, text: str) -> None:
    server = row_of(world, "Lobby")
    server.name = server.description = server.node.name = text
    for allocation in world.demo.world.allocations:
        if allocation.server is server:
            allocation.notes = allocation.ip_alias = text
    world.clock.advance(11)
    world.work()
    identifier = server.identifier

    for path in ("", f"/{identifier}", f"/{identifier}/console", f"/{identifier}/power/stop", "/live?seen=x"):
        page = see(world, "owner", f"/servers{path}")
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'onmouseover="' not in page


def test_the_demos_own_hostile_server_is_shown_as_text(world: World) -> None:
    page = see(world, "owner", "/servers?q=script")

    assert "<bdi>&lt;script&gt;alert(&#39;name&#39;)&lt;/script&gt; \u202e" in page
