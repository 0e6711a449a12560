"""The world without a fixture."""
from __future__ import annotations

import stat
import zipfile
from typing import Any

import pytest

from portal.demo import Demo, ManualClock, build
from portal.demo.permissions import PERMISSIONS
from portal.demo.world import Server
from tests.demo.conftest import Asker


@pytest.fixture
def lively(clock: ManualClock) -> Demo:
    return build(clock=clock)


def named(demo: Demo, name: str) -> Server:
    return next(server for server in demo.world.servers if server.name == name)


def listed(demo: Demo, who: str) -> list[dict[str, Any]]:
    answer = Asker(demo).get(who, "/api/client?per_page=100").json
    assert answer is not None
    return [item["attributes"] for item in answer["data"]]


def test_people_and_keys(lively: Demo) -> None:
    assert set(lively.keys) == {"admin", "owner", "subuser", "stranger", "service", "solo", "application",
                                "application_ro"}
    assert {user.username for user in lively.world.users if user.root_admin} == {"admin", "service"}
    counts = {who: len(listed(lively, who)) for who in ("owner", "subuser", "stranger", "solo", "service")}
    assert counts == {"owner": 34, "subuser": 4, "stranger": 0, "solo": 1, "service": 0}


def test_each_state_is_there(lively: Demo) -> None:
    servers = listed(lively, "owner")
    assert {server["status"] for server in servers} == {
        None, "installing", "install_failed", "reinstall_failed", "suspended", "restoring_backup"}
    assert sum(server["is_transferring"] for server in servers) == 1
    assert {server["node"] for server in servers} == {"fra-1", "fra-2", "nyc-1"}
    assert [node.name for node in lively.world.nodes if node.maintenance_mode] == ["fra-2"]
    states = [lively.processes[server["uuid"]].state for server in servers]
    assert states.count("running") >= 15
    assert {"offline", "starting"} <= set(states)


def test_limits_vary(lively: Demo) -> None:
    servers = listed(lively, "owner")
    assert 0 in {server["limits"]["memory"] for server in servers}
    assert 0 in {server["limits"]["cpu"] for server in servers}
    assert {None, 0} <= {server["feature_limits"]["databases"] for server in servers}
    assert any(len(server["relationships"]["allocations"]["data"]) > 2 for server in servers)
    assert any(server["relationships"]["allocations"]["data"][0]["attributes"]["ip_alias"] for server in servers)
    assert max(len(server["name"]) for server in servers) > 100
    assert any("<script>" in server["name"] and "\u202e" in server["name"] for server in servers)


def test_what_the_subuser_may(lively: Demo) -> None:
    subuser = next(user for user in lively.world.users if user.username == "subuser")
    held = {server.name: share.permissions for server in lively.world.servers
            if (share := server.subuser_of(subuser)) is not None}
    everything = {f"{group}.{key}" for group, about in PERMISSIONS.items() for key in about["keys"]}
    user_rights = {permission for permission in everything if permission.startswith("user.")}
    assert sorted(map(len, held.values())) == [1, 3, 3, len(everything - user_rights)]
    offline = [name for name in held if lively.processes[named(lively, name).uuid].state == "offline"]
    assert any("control.start" in held[name] and "control.stop" not in held[name] for name in offline)


def test_one_node_never_answers(lively: Demo) -> None:
    ask = Asker(lively)
    server = next(server for server in lively.world.servers if server.node.name == "nyc-1")
    assert ask.get("owner", f"/api/client/servers/{server.identifier}/resources").status_code == 504
    assert ask.get("owner", f"/api/client/servers/{lively.vars['server']}/resources").status_code == 200


@pytest.mark.parametrize(("name", "signal", "seconds", "state"), [
    ("Hardcore Week 42", "start", 3, "starting"), ("Hardcore Week 42", "start", 4, "running"),
    ("Lobby", "stop", 2, "stopping"), ("Lobby", "stop", 3, "offline"),
    ("Crashy", "start", 2, "starting"), ("Crashy", "start", 3, "offline"),
    ("Stubborn", "stop", 600, "stopping"), ("Stubborn", "kill", 0, "offline"),
])
def test_how_servers_behave(lively: Demo, clock: ManualClock, name: str, signal: str, seconds: int,
                            state: str) -> None:
    server = named(lively, name)
    Asker(lively).post("owner", f"/api/client/servers/{server.identifier}/power", {"signal": signal})
    clock.advance(seconds)
    assert lively.processes[server.uuid].state == state


def test_usage_follows_seed_and_clock(lively: Demo, clock: ManualClock) -> None:
    server = named(lively, "Survival SMP")
    again = build(clock=ManualClock())
    assert again.processes[server.uuid].usage == lively.processes[server.uuid].usage
    before = lively.processes[server.uuid].usage
    clock.advance(30)
    after = lively.processes[server.uuid].usage
    assert after.uptime_ms == before.uptime_ms + 30_000
    assert after.rx_bytes > before.rx_bytes
    assert after.cpu_absolute != before.cpu_absolute
    assert after.memory_bytes < server.limits.memory * 1024 * 1024


@pytest.mark.parametrize(("name", "signal", "feature", "said"), [
    ("Creative Plots", "restart", "eula", "you need to agree to the eula in order to run the server"),
    ("Create: Above and Beyond", "start", "java_version", "java.lang.unsupportedclassversionerror"),
    ("Dust2 24/7", "restart", "gsl_token", "(gsl token expired)"),
    ("Crashy", "start", "pid_limit", "unable to create native thread"),
    ("Rust Build Server", "restart", "steam_disk_space", "0x202 after update job"),
])
def test_each_feature_of_an_egg_has_a_server_that_needs_it(lively: Demo, clock: ManualClock, name: str, signal: str,
                                                           feature: str, said: str) -> None:
    server = named(lively, name)
    process = lively.processes[server.uuid]
    told: list[str] = []
    process.bus.subscribe(lambda event: told.extend(event.args))
    Asker(lively).post("owner", f"/api/client/servers/{server.identifier}/power", {"signal": signal})
    for _ in range(10):
        clock.advance(1)
        process.tick()
    assert process.state == "offline"
    assert any(said in line.lower() for line in told)
    assert feature in (server.egg.features or [])


@pytest.mark.parametrize(("name", "method", "path", "body"), [
    ("Creative Plots", "POST", "files/write?file=/eula.txt", b"eula=true"),
    ("Create: Above and Beyond", "PUT", "settings/docker-image",
     {"docker_image": "ghcr.io/pterodactyl/yolks:java_17"}),
    ("Dust2 24/7", "PUT", "startup/variable", {"key": "STEAM_ACC", "value": "0123456789ABCDEF0123456789ABCDEF"}),
])
def test_what_a_feature_asks_for_helps(lively: Demo, clock: ManualClock, name: str, method: str, path: str,
                                       body: Any) -> None:
    server, ask = named(lively, name), Asker(lively)
    address = f"/api/client/servers/{server.identifier}"
    ask.post("owner", f"{address}/power", {"signal": "restart"})
    clock.advance(20)
    assert lively.processes[server.uuid].state == "offline"
    content: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
    assert ask("owner", method, f"{address}/{path}", **content).status_code in (200, 204)
    ask.post("owner", f"{address}/power", {"signal": "restart"})
    clock.advance(20)
    assert lively.processes[server.uuid].state == "running"


def test_files_of_a_game_that_has_been_played(lively: Demo) -> None:
    files = lively.processes[named(lively, "Survival SMP").uuid].files
    before = files.used_bytes()
    listed = {entry.name: entry for entry in files.listed("/")}
    assert {"server.properties", "bukkit.yml", "logs", "plugins", "world", "server.jar"} <= set(listed)
    assert stat.S_ISLNK(listed["latest.log"].mode)
    assert stat.S_IMODE(listed["start.sh"].mode) == 0o755
    assert len({entry.modified for entry in listed.values()}) > 5
    assert files.used_bytes() == before + len("logs/latest.log") + len("../../config"), "the links themselves"
    texts = {name: files.place(name).read_bytes() for name in ("motd.txt", "plugins/Essentials/motd.txt")}
    assert b"\r\n" in texts["motd.txt"]
    assert texts["plugins/Essentials/motd.txt"].startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        files.place("plugins/Essentials/messages_de.properties").read_text("utf-8")
    with zipfile.ZipFile(files.place("backups/world-before-1.21.zip")) as archive:
        assert archive.testzip() is None


def test_files_of_a_server_with_many_mods(lively: Demo) -> None:
    files = lively.processes[named(lively, "All the Mods 9").uuid].files
    assert len(files.listed("/config")) == 300
    assert files.place("/logs/debug.log").stat().st_size > 4 * 1024 * 1024, "more than the panel lets anybody read"


def test_names_that_are_odd(lively: Demo) -> None:
    names = {entry.name for entry in lively.processes[named(lively, "Lobby").uuid].files.listed("/odd names")}
    assert any("\n" in name for name in names)
    assert any("\u202e" in name for name in names)
    assert any(name != name.strip() for name in names)
    assert max(len(name.encode()) for name in names) == 255


def test_files_are_the_same_each_time(lively: Demo) -> None:
    again = build(clock=ManualClock())
    for name in ("Survival SMP", "The Factory"):
        kept = [demo.processes[named(demo, name).uuid].files for demo in (lively, again)]
        bytes_of = [[(files.name_of(place), place.read_bytes()) for place, status in files.walk()
                     if stat.S_ISREG(status.st_mode)] for files in kept]
        assert bytes_of[0] == bytes_of[1]
