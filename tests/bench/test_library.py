"""bench/library.py: connections are counted where they arrive, ratios are of medians, only timed turns count.

A group that is held keeps py-dactyl's connection, one that is asked for again does not, as the bench says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from bench.clients import callers
from bench.clients.measures import KINDS, OURS, THEIRS, Measures, Plan, Tally
from bench.clients.panel import Panel, SecureServer
from tests.support.certificates import self_signed

CELL = (0, 1, "list")
OTHER = (0, 1, "view")


def _application(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"here"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SecureServer]:
    server = SecureServer(_application, *self_signed(tmp_path, "127.0.0.1"))
    server.start()
    yield server
    server.stop()


def test_a_kept_connection_counts_once_and_a_new_one_again(server: SecureServer, tmp_path: Path) -> None:
    trusted = str(tmp_path / "127.0.0.1.pem")
    with requests.Session() as kept:
        for _ in range(3):
            assert kept.get(server.address, verify=trusted, timeout=20).content == b"here"
    assert server.accepted == 1
    for _ in range(3):
        requests.get(server.address, verify=trusted, timeout=20)
    assert server.accepted == 4


def test_a_ratio_is_that_of_the_medians_of_all_cells() -> None:
    tally = Tally()
    tally.wall = {(OURS, CELL): [1.0, 9.0, 2.0], (THEIRS, CELL): [4.0], (OURS, OTHER): [1.0], (THEIRS, OTHER): [8.0]}
    assert tally.ratio([CELL]) == 0.5
    assert tally.ratio([CELL, OTHER]) == 0.25
    assert tally.ms(OURS, CELL) == 2000.0


class _Rig:
    """A panel and two clients that only write down what is asked of them; theirs connects for each call.

    More clients are slower ones of ours.
    """

    def __init__(self) -> None:
        self.world = {"own": 34, "all": 60}
        self.clients = {who: _Client(self, who, {OURS: 1.0, THEIRS: 4.0}[who]) for who in (OURS, THEIRS)}
        self.panel = self
        self.turns: list[tuple[str, tuple[Any, ...]]] = []
        self.connections = 0

    def ask(self, verb: str, *_: Any) -> Any:
        return self.connections if verb == "accepted" else None

    def more_clients(self) -> dict[str, _Client]:
        return {who: _Client(self, who, {OURS: 3.0, THEIRS: 4.0}[who]) for who in (OURS, THEIRS)}


class _Client:
    def __init__(self, rig: _Rig, who: str, seconds: float) -> None:
        self.rig, self.who, self.seconds = rig, who, seconds

    def ask(self, _: str, *arguments: Any) -> tuple[float, float]:
        _kind, calls, threads, _wanted = arguments
        self.rig.connections += calls if self.who == THEIRS else threads if not self.rig.turns else 0
        self.rig.turns.append((self.who, arguments))
        return self.seconds, 1.0 if self.who == OURS else 2.0


def test_the_clients_take_turns_and_every_connection_counts() -> None:
    rig: Any = _Rig()
    figures = Measures(rig, Plan(turns=3, calls=8)).customer()
    rounds = [[who for who, _ in rig.turns[at : at + 2]] for at in range(0, len(rig.turns), 2)]
    assert all(sorted(both) == [OURS, THEIRS] for both in rounds)
    timed = [both[0] for at, both in enumerate(rounds) if at % 4]  # the first of four is not
    assert timed == [THEIRS, OURS] * (3 * 8 // 2)
    assert {(kind, wanted) for _, (kind, _, _, wanted) in rig.turns} == {("list", 34), ("view", 1)}
    assert (figures["time_ratio_0ms"], figures["time_ratio_15ms"], figures["cpu_ratio"]) == (0.25, 0.25, 0.5)
    assert figures["connections_ours"] == 1
    assert figures["connections_theirs"] == figures["calls_each"] == 8 * 3 * 8 + 4 * 1 + 4 * 8


def test_held_groups_and_other_authorities_have_figures_of_their_own() -> None:
    rig: Any = _Rig()
    measures = Measures(rig, Plan(turns=3, calls=8))
    held = measures.held()
    assert {kind for _, (kind, *_) in rig.turns} == {"held_list", "held_view"}
    assert (held["held_list_0ms"], held["held_view_0ms"]) == (0.25, 0.25)
    alone = measures.own_certificate()
    assert (alone["own_cert_ratio_0ms"], alone["own_cert_cpu_ratio"]) == (0.75, 0.5)


def test_both_clients_do_every_kind_of_call_and_2_1_2_connects_for_each_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")  # theirs sets it: put back afterwards
    certificate, key = self_signed(tmp_path, "127.0.0.1")
    panel = Panel(certificate, key)
    try:
        world = panel.world()
        brings = Measures(SimpleNamespace(world=world), Plan()).brings  # type: ignore[arg-type]
        new: dict[str, dict[str, int]] = {}
        for make in (callers.ours, callers.theirs):
            acts = make(world, certificate)
            assert acts.keys() == brings.keys()
            for kind, wanted in brings.items():
                assert acts[kind]() == wanted
                before = panel.accepted()
                assert [acts[kind](), acts[kind]()] == [wanted] * 2
                new.setdefault(make.__name__, {})[kind] = panel.accepted() - before
        assert set(new[OURS].values()) == {0}
        assert new[THEIRS] == {kind: 2 if kind in KINDS else 0 for kind in brings}
    finally:
        panel.server.stop()
        panel.demo.clock.close()
