"""The typed methods reach the 69 routes of the client API and nothing else, whatever they are given."""

from __future__ import annotations

from typing import Any

import pytest

from portal.pterodactyl import errors, models
from portal.pterodactyl.multipart import FilePart
from tests.pterodactyl.fakes import MAINTENANCE, World
from tests.pterodactyl.routes import EVERY, READS, ROUTES, TWO_STEPS, WRITES, call, matched, methods

IDS = {"server", "identifier", "backup", "database", "user"}
NUMBERS = {"schedule", "task", "allocation"}
NO_SEGMENT = {("api_keys.find", "identifier"), ("databases.create", "database")}
"""Here the words are no names of things in the path: a key is looked for in a list, a database gets its name."""
ODD = [
    "", " ", ".", "..", " . ", "a/b", "/", "../x", "a\\b", "%2e%2e", "%2E", "%2f", "a%2Fb", "%252e%252e", "%255c",
    "a\n", "\x00", "\x7f", "\ud800", None, True, 0, -1, 1.5, b"x",
]  # fmt: skip
ODD_NUMBERS = [*ODD, "1", "7/..", "abc", False, 2.0]
PLACES = [
    pytest.param(name, argument, id=f"{name}({argument})")
    for name, arguments in EVERY.items()
    for argument in arguments
    if argument in IDS | NUMBERS and (name, argument) not in NO_SEGMENT
]


def test_every_typed_method_is_in_the_table() -> None:
    assert methods(World(MAINTENANCE).client) == set(EVERY)
    assert not set(READS) & set(WRITES)
    assert not (set(READS) | set(WRITES)) & set(TWO_STEPS)


@pytest.mark.parametrize("name", EVERY)
def test_a_call_asks_one_route_of_the_table(name: str) -> None:
    world = World(MAINTENANCE)
    with pytest.raises(errors.PanelUnreachable) as caught:
        call(world.client, name)
    assert caught.value.maintenance
    assert (world.calls == 1) or name in READS  # reads are repeated when the panel has a passing fault
    sent = world.adapter.requests[0]
    assert matched(sent.method, sent.path_url.split("?")[0]) is not None


def test_together_they_reach_exactly_the_69_routes() -> None:
    reached = set()
    for name in EVERY:
        world = World(MAINTENANCE)
        with pytest.raises(errors.PanelUnreachable):
            call(world.client, name)
        sent = world.adapter.requests[0]
        found = matched(sent.method, sent.path_url.split("?")[0])
        assert found is not None
        reached.add(found[0])
    assert reached == set(ROUTES)
    assert len(ROUTES) == len(set(ROUTES)) == 69


@pytest.mark.parametrize(("name", "argument"), PLACES)
def test_nothing_odd_reaches_a_path(name: str, argument: str) -> None:
    world = World((200, {}))
    for odd in ODD_NUMBERS if argument in NUMBERS else ODD:
        with pytest.raises(ValueError):
            call(world.client, name, **{argument: odd})
    assert world.calls == 0


def test_the_table_of_places_is_what_we_think() -> None:
    assert len(PLACES) > 60
    assert {place.values[1] for place in PLACES} == IDS | NUMBERS


FILES: list[tuple[str, str, Any]] = [
    ("files.delete", "files", "eula.txt"),
    ("files.compress", "files", "eula.txt"),
    ("subusers.create", "permissions", "file.read"),
    ("subusers.replace_permissions", "permissions", "file.read"),
    ("api_keys.create", "allowed_ips", "127.0.0.1"),
    ("backups.create", "ignored", "*.log"),
    ("backups.create", "ignored", ["a\nb"]),
    ("backups.create", "ignored", ["a\rb"]),
    *(("backups.set_locked", "locked", odd) for odd in ("no", None, 1)),
    ("backups.restore", "truncate", "yes"),
    ("backups.restore", "truncate", None),
    ("files.write", "content", b""),
    ("files.write", "content", "text"),
    ("files.pull", "foreground", 1),
    ("files.pull", "use_header", "true"),
    ("files.upload", "name", "a/b"),
    ("files.upload", "name", ""),
    ("files.upload", "name", ".."),
    *(("files.upload", "name", name) for name in ("a\r\nb", "a\x00", "\u200b.", "\ud800", "ä" * 128)),
    *(("files.rename", "moves", [models.FileMove(*names)]) for names in (("a", ""), ("a", " "), ("..", "a"))),
    ("files.upload", "size_bytes", -1),
    ("files.upload_all", "directory", ""),
    ("files.upload_all", "parts", [FilePart("a", 1), FilePart("a/b", 1)]),
    ("files.upload_all", "parts", [FilePart("a", 1), FilePart("b", -1)]),
    ("files.upload", "size_bytes", True),
    ("files.upload", "size_bytes", 2**63),
    ("startup.update_variable", "value", 5),
    ("startup.update_variable", "value", None),
    ("schedules.create", "is_active", "true"),
    ("schedules.replace", "only_when_online", None),
    ("tasks.create", "sequence_id", 0),
    ("tasks.create", "continue_on_failure", 1),
    ("servers.list", "filters", {"*": "a,b"}),
    *((name, "root", root) for root in ("", " ", None) for name in EVERY if name in (
        "files.rename", "files.compress", "files.decompress", "files.delete", "files.create_folder", "files.chmod",
    )),
    *(("files.delete", "files", ["a", name]) for name in ("", ".", "/", "./", "..", "a/../..", "../a", " ", None)),
    *(("files.delete", "files", [name]) for name in ("\u200b", "\u200e/", "\ufeff..", ". \u200b")),
    *(("files.compress", "files", [name]) for name in ("", ".", "..")),
    *(("files.decompress", "file", name) for name in ("", ".", "..")),
    *(("files.create_folder", "name", name) for name in ("", ".", "../a")),
    *((name, "file", "") for name in ("files.contents", "files.download_url", "files.write", "files.open_download")),
    ("files.copy", "location", " "),
    ("files.list", "directory", ""),
    ("files.list", "directory", "\ufeff"),
    ("files.upload", "directory", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "argument", "value"), FILES)
def test_what_would_mean_something_else_is_refused_before_any_call(name: str, argument: str, value: Any) -> None:
    world = World((200, {}))
    with pytest.raises(ValueError):
        call(world.client, name, **{argument: value})
    assert world.calls == 0
