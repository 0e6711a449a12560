"""What both logs tell is shown once, under the person who did it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.credentials import service as credentials
from portal.store import read as store_read
from portal.store import write
from tests.activity.support import SERVER, SHARED, clear, keep, lines, log, path, read, texts
from tests.conftest import World
from tests.servers.support import HTMX, account_id, row_of


def actor(world: World, name: str) -> str:
    """Whom the panel names for what a person does through Roost."""
    return "service" if world.app.config["ROOST"].use_service_key else name


def test_a_signal_through_roost_is_shown_once_under_its_person(world: World) -> None:
    clear(world)
    owner, subuser = world.browser("owner"), world.browser("subuser")
    owner.post(f"/servers/{world.server(SHARED)}/power/restart")
    world.clock.advance(7)
    subuser.post(f"/servers/{world.server(SHARED)}/power/start")
    assert len(world.demo.world.activity_logs) == 2
    shown = lines(owner.get(path(world, SHARED)).text)
    assert len(shown) == 2
    assert "Asked the server to start. subuser" in shown[0]
    assert "Asked the server to restart. You" in shown[1]
    theirs = lines(subuser.get(path(world, SHARED)).text)
    assert "You" in theirs[0]
    assert "owner" in theirs[1]


def test_a_command_is_shown_once_and_with_its_text(world: World) -> None:
    clear(world)
    owner = world.browser("owner")
    owner.post(f"/servers/{world.server(SERVER)}/console/command", data={"command": "say hello"}, headers=HTMX)
    assert [entry.event for entry in world.demo.world.activity_logs] == ["server:console.command"]
    shown = lines(owner.get(path(world)).text)
    assert len(shown) == 1
    assert "Sent the command say hello . You" in shown[0]


def test_two_commands_of_two_people_at_once_keep_their_people(world: World) -> None:
    clear(world)
    for who, command in (("owner", "say one"), ("subuser", "say two")):
        keep(world, SHARED, "console.command", who, detail=command)
    for who, command in (("subuser", "say two"), ("owner", "say one")):
        log(world, SHARED, "server:console.command", actor(world, who), properties={"command": command})
    assert sorted(texts(read(world, SHARED))) == [
        ("You", "Sent the command say one."), ("subuser", "Sent the command say two."),
    ]  # fmt: skip


def test_another_command_is_another_act(world: World) -> None:
    clear(world)
    keep(world, SERVER, "console.command", detail="say one")
    log(world, SERVER, "server:console.command", actor(world, "owner"), properties={"command": "say two"})
    assert len(texts(read(world))) == 2


@pytest.mark.parametrize("late_s", [-25, -1, 0, 3, 100])
def test_clocks_may_differ_and_panels_be_slow(world: World, late_s: int) -> None:
    clear(world)
    keep(world, SERVER, "power.kill", ago_s=500)
    log(world, SERVER, "server:power.kill", actor(world, "owner"), ago_s=500 - late_s)
    assert texts(read(world)) == [("You", "Asked to kill the server.")]


@pytest.mark.parametrize("late_s", [-40, 200])
def test_what_is_too_far_apart_is_two_acts(own_world: World, late_s: int) -> None:
    clear(own_world)
    keep(own_world, SERVER, "power.kill", ago_s=500)
    log(own_world, SERVER, "server:power.kill", "owner", ago_s=500 - late_s)
    assert texts(read(own_world)) == [("You", "Asked to kill the server.")] * 2


def test_as_many_acts_as_there_were(world: World) -> None:
    """Three signals through Roost, one of which the panel did not write down; one more in the panel itself."""
    clear(world)
    for ago_s in (60, 40, 20):
        keep(world, SERVER, "power.start", ago_s=ago_s)
    for ago_s in (60, 20):
        log(world, SERVER, "server:power.start", actor(world, "owner"), ago_s=ago_s)
    log(world, SERVER, "server:power.start", "owner", ago_s=5, is_api=False)
    assert texts(read(world)) == [("You", "Asked the server to start.")] * 4


def test_an_upload_of_several_files_is_one_act(world: World) -> None:
    clear(world)
    keep(world, SERVER, "file.upload", "owner", ago_s=900, detail="/plugins: a.jar, b.jar, c.jar")
    for name in ("a.jar", "b.jar", "c.jar"):
        log(world, SERVER, "server:file.uploaded", actor(world, "owner"), ago_s=300, is_api=False,
            properties={"directory": "/plugins", "file": name})  # fmt: skip
    shown = read(world)
    assert texts(shown) == [("You", "Uploaded to /plugins: a.jar, b.jar, c.jar.")]
    assert [value for name, value in shown.lines[0].details if name == "File"] == ["c.jar", "b.jar", "a.jar"]


def test_two_uploads_at_the_same_time_stay_two(world: World) -> None:
    clear(world)
    keep(world, SHARED, "file.upload", "owner", ago_s=900, detail="/: long.zip")
    keep(world, SHARED, "file.upload", "subuser", ago_s=600, detail="/: a.txt, b.txt")
    for name, who, ago_s in (("a.txt", "subuser", 590), ("b.txt", "subuser", 580), ("long.zip", "owner", 100)):
        log(world, SHARED, "server:file.uploaded", actor(world, who), ago_s=ago_s, is_api=False,
            properties={"directory": "/", "file": name})  # fmt: skip
    assert texts(read(world, SHARED)) == [
        ("You", "Uploaded long.zip to /."), ("subuser", "Uploaded to /: a.txt, b.txt."),
    ]  # fmt: skip


def test_rename_and_description_are_one_act(world: World) -> None:
    clear(world)
    keep(world, SERVER, "settings.rename", detail="New")
    log(world, SERVER, "server:settings.rename", actor(world, "owner"), properties={"old": "Old", "new": "New"})
    log(world, SERVER, "server:settings.description", actor(world, "owner"), properties={"old": "a", "new": "b"})
    assert texts(read(world)) == [
        ("You", "Renamed the server from Old to New. Changed the description from a to b.")
    ]


def test_a_schedule_and_its_task_are_paired_with_their_own_acts(world: World) -> None:
    clear(world)
    keep(world, SERVER, "schedule.create", detail="Nightly")
    keep(world, SERVER, "task.create", detail="backup")
    log(world, SERVER, "server:schedule.create", actor(world, "owner"), properties={"name": "Nightly"})
    log(world, SERVER, "server:task.create", actor(world, "owner"), properties={"name": "Nightly", "action": "backup"})
    assert len(texts(read(world))) == 2


def test_what_the_panel_does_not_log_is_roosts(world: World) -> None:
    clear(world)
    keep(world, SHARED, "file.permissions", "subuser", detail="/: run.sh")
    keep(world, SHARED, "database.reveal", "subuser", ago_s=1, detail="s1_web")
    assert texts(read(world, SHARED)) == [
        ("subuser", "Changed file permissions in /: run.sh."),
        ("subuser", "Looked at the password of the database s1_web."),
    ]


def test_an_unknown_outcome_is_said_unless_the_panel_knows(world: World) -> None:
    clear(world)
    keep(world, SERVER, "backup.create", outcome="unknown", detail="a", ago_s=900)
    assert "Whether it was done is not known." in lines(world.browser("owner").get(path(world)).text)[0]
    log(world, SERVER, "server:backup.start", actor(world, "owner"), ago_s=890, properties={"name": "a"})
    shown = lines(world.browser("owner").get(path(world)).text)
    assert len(shown) == 1
    assert "not known" not in shown[0]


def test_what_was_refused_concerns_its_person_the_owner_and_administrators(world: World) -> None:
    clear(world)
    keep(world, SHARED, "console.command", "owner", outcome="refused", detail="ServerOffline: stop")
    keep(world, SHARED, "backup.download", "subuser", outcome="failed", detail="a")
    by_owner = lines(world.browser("owner").get(path(world, SHARED)).text)
    assert len(by_owner) == 2
    assert len([line for line in by_owner if "It was refused. The server was not running." in line]) == 1
    assert "ServerOffline" not in " ".join(by_owner)
    by_subuser = lines(world.browser("subuser").get(path(world, SHARED)).text)
    assert len(by_subuser) == 1
    assert "It failed." in by_subuser[0]
    assert "You" in by_subuser[0]


def test_a_refused_act_never_takes_an_entry(world: World) -> None:
    clear(world)
    keep(world, SERVER, "power.stop", "owner", outcome="refused", detail="Refused")
    log(world, SERVER, "server:power.stop", "owner", is_api=False)
    assert len(texts(read(world))) == 2


def test_other_servers_acts_are_elsewhere(world: World) -> None:
    clear(world)
    keep(world, SHARED, "power.start")
    log(world, SHARED, "server:power.start", actor(world, "owner"))
    assert texts(read(world, SERVER)) == []
    assert row_of(world, SERVER).uuid != row_of(world, SHARED).uuid
    assert account_id(world, "owner")


def audited(world: World, *actions: str) -> list[tuple[str, str]]:
    with world.app.app_context(), store_read() as session:
        query = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
        return [(one.action, one.detail) for one in session.scalars(query)]


@pytest.mark.parametrize(
    ("way", "event", "action", "text"),
    [
        ("edit", "server:file.read", "file.read", "Opened the file /notes.txt."),
        ("download", "server:file.download", "file.download", "Downloaded the file /notes.txt."),
    ],
)
def test_what_was_read_of_a_file_stands_under_who_read_it(
    world: World, way: str, event: str, action: str, text: str
) -> None:
    """With the service key Roost keeps it, as the panel names its account; with their own the panel names them."""
    row = row_of(world, SHARED)
    world.demo.processes[row.uuid].files.write("/notes.txt", [b"hello\n"])
    clear(world)
    address = f"/servers/{world.server(SHARED)}/files/{way}?file=/notes.txt&now=1"
    answer = world.browser("subuser").get(address)
    assert answer.status_code == 200, answer.text
    assert [(one.event, one.actor.username if one.actor else "") for one in world.demo.world.activity_logs] == [
        (event, actor(world, "subuser"))
    ]
    is_service = world.app.config["ROOST"].use_service_key
    assert audited(world, "file.read", "file.download") == ([(action, "/notes.txt")] if is_service else [])
    assert texts(read(world, SHARED)) == [("subuser", text)]
    assert texts(read(world, SHARED, "subuser")) == [("You", text)]


@pytest.mark.parametrize("action", ["file.read", "file.download"])
def test_another_file_is_another_act(world: World, action: str) -> None:
    clear(world)
    keep(world, SHARED, action, "subuser", detail="/a")
    log(world, SHARED, f"server:{action}", actor(world, "subuser"), properties={"file": "/a/b"})
    assert len(texts(read(world, SHARED))) == 2


@pytest.mark.parametrize(
    ("action", "event", "key"),
    [
        ("backup.delete", "server:backup.delete", "name"),
        ("database.rotate", "server:database.rotate-password", "name"),
        ("startup.update", "server:startup.edit", "variable"),
        ("subuser.update", "server:subuser.update", "email"),
    ],
)
def test_what_tells_another_name_is_put_on_nobody(world: World, action: str, event: str, key: str) -> None:
    """Whether the person's act was done is not known; the portal's account did something of the kind to another."""
    clear(world)
    keep(world, SHARED, action, "subuser", outcome="unknown", detail="weekly", ago_s=5)
    log(world, SHARED, event, actor(world, "owner"), properties={key: "nightly"}, is_api=True)
    shown = texts(read(world, SHARED))
    assert len(shown) == 2
    assert "nightly" in shown[0][1]
    assert shown[0][0] != "subuser"


def test_an_administrators_signal_is_not_put_on_a_customer(service_world: World) -> None:
    """The service key is known to belong to another account, so this was not done through the portal."""
    world = service_world
    clear(world)
    keep(world, SHARED, "power.kill", "subuser", outcome="unknown", ago_s=9)
    log(world, SHARED, "server:power.kill", "admin", ago_s=5)
    shown = read(world, SHARED)
    assert sorted(who for who, _text in texts(shown)) == ["Your host's portal", "subuser"]
    assert {line.who.name for line in shown.lines if line.outcome} == {"subuser"}


def test_of_two_entries_the_nearest_and_the_portals_own_is_the_act(service_world: World) -> None:
    world = service_world
    clear(world)
    keep(world, SHARED, "power.start", "subuser", ago_s=100)
    log(world, SHARED, "server:power.start", "service", ago_s=100)
    log(world, SHARED, "server:power.start", "admin", ago_s=95)
    shown = read(world, SHARED)
    assert [(line.who.name, int(world.clock.now() - line.at)) for line in shown.lines] == [
        ("Your host's portal", 95), ("subuser", 100),
    ]  # fmt: skip


def test_with_a_key_of_their_own_and_without_at_the_same_moment(make_world: Callable[..., World]) -> None:
    """What the panel says of the owner is the owner's, however near the other's act is."""
    world = make_world("own", is_ready=True)
    chosen = world.app.config["ROOST"]
    object.__setattr__(chosen, "service_key", world.demo.keys["service"])
    object.__setattr__(chosen, "use_service_key", True)
    clear(world)
    with world.app.app_context(), write() as session:
        credentials.drop_key_in(session, account_id(world, "subuser"))
    world.clock.advance(1.0 - world.clock.now() % 1.0)
    keep(world, SHARED, "power.start", "owner", ago_s=10.1)
    keep(world, SHARED, "power.start", "subuser", ago_s=9.8)
    log(world, SHARED, "server:power.start", "owner", ago_s=11)
    log(world, SHARED, "server:power.start", "service", ago_s=10)
    assert sorted(texts(read(world, SHARED))) == [
        ("You", "Asked the server to start."), ("subuser", "Asked the server to start."),
    ]  # fmt: skip
