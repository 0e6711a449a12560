"""A server's egg features in its facts, also in facts that were stored before there were any."""

from __future__ import annotations

import json

import pytest

from portal.servers import records
from portal.servers.facts import Facts
from portal.store.types import dump, load
from tests.conftest import World
from tests.servers.support import row_of, see


def known(world: World, name: str) -> Facts:
    with world.app.app_context():
        return load(Facts, dump(next(one.facts for one in _all(world) if one.facts.name == name)))


def _all(world: World) -> list[records.Known]:
    return [one for scope in (records.SERVICE, *range(1, 6)) for one in records.known(scope)]


def test_features_are_kept_in_lower_case_each_once(world: World) -> None:
    row = row_of(world, "Survival SMP")
    row.egg.features = ["EULA", "eula", "Java_Version", "of_another_panel"]
    world.clock.advance(11)
    see(world, "owner", f"/servers/{row.identifier}")

    assert known(world, "Survival SMP").egg_features == ("eula", "java_version", "of_another_panel")


def test_an_egg_without_features_has_none(world: World) -> None:
    see(world, "owner", f"/servers/{world.server('TeamSpeak')}")

    assert known(world, "TeamSpeak").egg_features == ()


def test_facts_that_were_stored_before_are_still_read(own_world: World) -> None:
    see(own_world, "owner", f"/servers/{own_world.server('Survival SMP')}")
    facts = known(own_world, "Survival SMP")
    older = json.loads(dump(facts))
    del older["egg_features"]

    assert load(Facts, json.dumps(older)).egg_features == ()
    del older["name"]
    with pytest.raises(KeyError):
        load(Facts, json.dumps(older))
