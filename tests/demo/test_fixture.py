from __future__ import annotations

from portal.demo import Demo, ManualClock, build
from tests.demo.conftest import Asker
from tests.demo.worlds import FIXTURE


def test_vars_and_keys_are_resolved(demo: Demo) -> None:
    uno = demo.world.servers[0]
    kim = demo.world.users[1]
    assert demo.vars == {
        "server": uno.identifier, "server_id": 1, "uuid_of_two": demo.world.servers[1].uuid,
        "kim_id": kim.id, "kim_email": "kim@example.org", "kim_password": "a-long-password",
        "kim_key": demo.keys["kim"], "node": 1, "location": 1, "nest": 1, "egg": 1, "spare": 5,
        "docker_image": "example.org/image:1",
    }
    assert demo.keys["kim"].startswith("ptlc_")
    assert demo.keys["all"].startswith("ptla_")
    assert {len(key) for key in demo.keys.values()} == {48}


def test_a_server_looks_as_the_fixture_says(ask: Asker) -> None:
    answer = ask.get("kim", ask.server("Uno")).json["attributes"]
    assert answer["node"] == "Box"
    assert answer["sftp_details"] == {"ip": "box.example.org", "port": 2200}
    assert answer["limits"]["memory"] == 512
    assert answer["limits"]["cpu"] == 0
    assert answer["feature_limits"] == {"databases": None, "allocations": None, "backups": 0}
    assert answer["docker_image"] == "example.org/image:1"
    assert answer["invocation"] == "./run --port 4000 --key [hidden] easy"
    ports = [item["attributes"]["port"] for item in answer["relationships"]["allocations"]["data"]]
    assert ports == [4000, 4001]


def test_values_of_one_server_override_the_egg(ask: Asker) -> None:
    answer = ask.get("lee", ask.server("Tre")).json["attributes"]
    assert answer["invocation"].endswith(" hard")


def test_the_same_seed_makes_the_same_world(demo: Demo) -> None:
    again = build(fixture=FIXTURE, clock=ManualClock())
    other = build(fixture=FIXTURE, clock=ManualClock(), seed=2)
    assert again.world_file() == demo.world_file()
    assert other.keys != demo.keys


def test_files_count_as_disk_usage(ask: Asker) -> None:
    stats = ask.get("kim", ask.server("Uno") + "/resources").json["attributes"]
    assert stats["resources"]["disk_bytes"] == 5
