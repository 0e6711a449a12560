"""How long each call waits, and what is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from portal.pterodactyl import ApiKey, ClientApi, errors
from portal.pterodactyl.api import Caller
from portal.pterodactyl.calls import Answer, Purpose
from tests.pterodactyl.fakes import KEY, World, error
from tests.pterodactyl.objects import listed
from tests.pterodactyl.routes import EVERY, READS, WRITES, call
from tests.pterodactyl.test_client_calls import query

NOTHING = (204, b"", ())


class _Watching:
    """A transport that notes how it is called."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[dict[str, Any]] = []

    def call(self, key: ApiKey, method: str, path: str, **options: Any) -> Answer:
        self.calls.append(options | {"method": method})
        return Answer(200, self.answer, {}, path)


def _options(name: str, purpose: Purpose = "page", **changed: Any) -> dict[str, Any]:
    transport = _Watching({"object": "nothing"})
    with pytest.raises(errors.PanelError):
        call(ClientApi(Caller(transport, KEY, None, purpose)), name, **changed)  # type: ignore[arg-type]
    return transport.calls[0]


LONG = {"files.compress", "files.decompress"}
NODE = {"files.list", "servers.resources"}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_waits_for_the_panels_true_answer(name: str) -> None:
    options = _options(name)
    assert options["deadline_s"] == (930.0 if name in LONG else 20.0)
    assert options["effect"] is True
    assert _options(name, "live")["deadline_s"] == options["deadline_s"]
    assert _options(name, "sync")["deadline_s"] == (930.0 if name in LONG else 30.0)


@pytest.mark.parametrize("name", sorted(set(READS) - {"files.contents"}))
def test_a_read_waits_for_the_panel_or_the_node(name: str) -> None:
    options = _options(name)
    assert options["deadline_s"] == (8.0 if name in NODE else 5.0)
    assert options["effect"] is False


def test_a_pull_in_the_foreground_waits_for_it() -> None:
    assert _options("files.pull", foreground=True)["deadline_s"] == 930.0
    assert _options("files.pull", foreground=False)["deadline_s"] == 20.0


def test_contents_wait_for_the_node() -> None:
    transport = _Watching(None)
    ClientApi(Caller(transport, KEY, None, "page")).files.contents("x", "/a")  # type: ignore[arg-type]
    assert transport.calls[0]["deadline_s"] == 8.0


def test_the_read_that_writes_a_secret_is_never_repeated() -> None:
    world = World(error(500, "QueryException"))
    with pytest.raises(errors.OutcomeUnknown):
        world.client.two_factor.setup()
    assert world.calls == 1
    world = World(error(500, "QueryException"))
    with pytest.raises(errors.PanelUnreachable):
        world.client.account.view()
    assert world.calls == 2


def test_the_limit_of_pulls_says_nothing_about_the_others() -> None:
    tight = (("Content-Type", "application/json"), ("Retry-After", "200"))
    limits = (("X-RateLimit-Limit", "10"), ("X-RateLimit-Remaining", "0"))
    world = World((*error(429, "ThrottleRequestsException"), (*tight, *limits)), NOTHING)
    with pytest.raises(errors.Busy) as caught:
        call(world.client, "files.pull")
    assert caught.value.retry_after_s == 200
    assert (world.records[-1].limit, world.records[-1].remaining) == (None, None)
    call(world.client, "servers.send_power")
    assert world.calls == 2


def test_filters_sorting_and_actors_are_asked_for() -> None:
    answer = listed(pagination={"total": 0, "count": 0, "per_page": 9, "current_page": 1, "total_pages": 1})
    world = World((200, answer))
    world.client.activity.of_account(event="auth", sort="timestamp", include_actor=True, page=2, per_page=9)
    assert query(world) == {
        "filter[event]": "auth", "sort": "timestamp", "include": "actor", "page": "2", "per_page": "9",
    }  # fmt: skip
    world.client.servers.list(type="admin", filters={"*": ":25565"}, include=("egg",))
    assert query(world) == {
        "type": "admin", "filter[*]": ":25565", "include": "egg", "page": "1", "per_page": "100",
    }  # fmt: skip


def test_every_group_is_there_under_the_panels_word() -> None:
    assert {name.split(".")[0] for name in EVERY} == {
        "account", "two_factor", "api_keys", "ssh_keys", "servers", "files", "databases", "schedules", "tasks",
        "network", "subusers", "backups", "startup", "settings", "activity", "permissions",
    }  # fmt: skip
