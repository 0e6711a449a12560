from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock, build
from portal.demo.world import Egg, Nest
from tests.demo.conftest import Asker, says
from tests.demo.worlds import FIXTURE

NESTS = "/api/application/nests"
NULL = {"object": "null_resource", "attributes": None}


@pytest.fixture
def egg(demo: Demo) -> Egg:
    return demo.world.eggs[0]


def test_nests_are_paged_and_eggs_are_not(ask: Asker, demo: Demo) -> None:
    nests = ask.get("all", f"{NESTS}?filter[x]=1&sort=y").json
    assert [nest["attributes"]["name"] for nest in nests["data"]] == [nest.name for nest in demo.world.nests]
    assert nests["meta"]["pagination"]["per_page"] == 50
    eggs = ask.get("all", f"{NESTS}/1/eggs?per_page=abc").json
    assert [list(eggs), [one["object"] for one in eggs["data"]]] == [["object", "data"], ["egg"]]
    assert says(ask.get("all", f"{NESTS}?per_page=abc"))[:2] == (500, "TypeError")


def test_an_egg_is_found_in_its_own_nest_only(ask: Asker, demo: Demo, egg: Egg) -> None:
    now = demo.clock.now()
    demo.world.nests.append(Nest(2, "u", "Other", "a@example.org", None, now, now))
    assert ask.get("all", f"{NESTS}/1/eggs/{egg.id}").json["attributes"]["name"] == "Home-made"
    assert ask.get("all", f"{NESTS}/2/eggs").json == {"object": "list", "data": []}
    for wrong in ("2/eggs/1", "1/eggs/9", "9/eggs", "1/eggs/x", "x"):
        assert ask.get("all", f"{NESTS}/{wrong}").status_code == 404


def test_eggs_have_a_permission_of_their_own(ask: Asker, demo: Demo) -> None:
    grants = demo.world.api_keys[-1].grants
    assert grants is not None
    grants["eggs"] = 0
    assert ask.get("reading", f"{NESTS}/1?include=eggs").json["attributes"]["relationships"] == {"eggs": NULL}
    assert ask.get("reading", f"{NESTS}/1/eggs").status_code == 403
    assert says(ask.post("all", f"{NESTS}/1/eggs", {}))[2].endswith("Supported methods: GET, HEAD.")


def test_includes(ask: Asker) -> None:
    related = ask.get("all", f"{NESTS}/1?include=eggs.variables,servers").json["attributes"]["relationships"]
    variables = related["eggs"]["data"][0]["attributes"]["relationships"]["variables"]["data"]
    assert [one["attributes"]["env_variable"] for one in variables] == ["MODE", "SECRET"]
    assert len(related["servers"]["data"]) == 3
    related = ask.get("all", f"{NESTS}/1/eggs/1?include=nest,servers,config,script").json["attributes"]["relationships"]
    assert (related["nest"]["object"], related["config"], related["script"]) == ("nest", NULL, NULL)


def test_an_egg_may_inherit_from_another(ask: Asker, demo: Demo, egg: Egg) -> None:
    values: dict[str, Any] = {name: getattr(egg, name) for name in ("nest", "author", "startup", "created_at")}
    egg.config_files, egg.script_entry = {"a.cfg": {}}, "bash"
    child = Egg(id=2, uuid="u", name="Child", description=None, docker_images={}, updated_at=0.0, script_entry="",
                config_files={}, config_from=egg, copy_script_from=egg, **values)
    demo.world.eggs.append(child)
    shown = ask.get("all", f"{NESTS}/1/eggs/2?include=config,script").json["attributes"]
    assert (shown["docker_image"], shown["docker_images"], shown["config"]["extends"]) == ("", [], 1)
    assert shown["relationships"]["config"]["object"] == ""
    assert shown["relationships"]["script"]["attributes"]["entry"] == "bash"
    child.config_files = None
    assert says(ask.get("all", f"{NESTS}/1/eggs"))[:2] == (500, "JsonException")


def test_a_panel_has_the_eggs_that_it_comes_with() -> None:
    world = {**FIXTURE, "egg": {"name": "Paper", "nest": "Minecraft"}, "vars": {"egg": "id of Paper"}}
    demo = build(fixture={**world, "servers": []}, clock=ManualClock())
    assert demo.vars == {"egg": 5}
    assert [nest.name for nest in demo.world.nests] == ["Minecraft", "Source Engine", "Voice Servers", "Rust"]
    eggs = [egg["attributes"] for egg in Asker(demo).get("all", f"{NESTS}/1/eggs").json["data"]]
    assert (eggs[0]["name"], eggs[0]["config"]["stop"], list(eggs[0]["config"]["files"])) == (
        "Bungeecord", "end", ["config.yml"])
    scripts = {egg["name"]: (egg["script"]["entry"], egg["script"]["container"]) for egg in eggs}
    assert scripts.pop("Forge Minecraft") == ("bash", "openjdk:8-jdk-slim")
    assert set(scripts.values()) == {("ash", "ghcr.io/pterodactyl/installers:alpine")}
