"""What is no knob is refused with one sentence, and nothing is turned."""
from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import Asked, BadKnob, Match

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({}, "fault is one of"),
    ({"fault": "meltdown"}, "fault is one of"),
    ({"fault": ["status"]}, "fault is one of"),
    ({"fault": "status", "where": "moon"}, "where is one of panel, node, socket, store"),
    ({"fault": "refuse"}, "refuse acts on node, store, not on panel"),
    ({"fault": "status", "where": "socket"}, "status acts on panel, node, store, not on socket"),
    ({"fault": "refuse-tokens"}, "refuse-tokens acts on socket, not on panel"),
    ({"fault": "status", "colour": 1}, "colour is no part of a knob"),
    ({"fault": "status", "times": 0}, "times is a number from 1 on"),
    ({"fault": "status", "times": True}, "times is a number from 1 on"),
    ({"fault": "status", "chance": 1.5}, "chance lies between 0 and 1"),
    ({"fault": "status", "chance": True}, "chance lies between 0 and 1"),
    ({"fault": "status", "settings": []}, "settings is an object"),
    ({"fault": "status", "settings": {"status": "500"}}, "status is a number"),
    ({"fault": "status", "settings": {"status": 99}}, "status lies between 200 and 599"),
    ({"fault": "status", "settings": {"effect": "never"}}, "effect is one of before, after"),
    ({"fault": "status", "settings": {"loud": 1}}, "loud is no setting of this fault"),
    ({"fault": "latency", "settings": {"seconds": -1}}, "seconds lies between 0 and inf"),
    ({"fault": "latency", "settings": {"seconds": float("nan")}}, "seconds lies between 0 and inf"),
    ({"fault": "body", "settings": {"kind": "poem"}}, "kind is one of html, empty"),
    ({"fault": "status", "match": "all"}, "match is an object"),
    ({"fault": "status", "match": {"query": "x"}}, "query cannot be matched"),
    ({"fault": "status", "match": {"path": ""}}, "path is matched with a text"),
    ({"fault": "refuse-tokens", "where": "socket", "times": 1}, "a socket's knob is turned until"),
    ({"fault": "refuse-tokens", "where": "socket", "match": {"owner": "kim"}}, "a socket's knob is turned until"),
]


@pytest.mark.parametrize(("document", "reason"), NONSENSE, ids=[reason for _, reason in NONSENSE])
def test_nonsense(demo: Demo, document: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadKnob, match=reason):
        demo.knobs.turn(document)
    assert demo.knobs.all() == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_can_be_turned_with_what_is_usual(demo: Demo, name: str) -> None:
    for where in FAULTS[name].where:
        knob = demo.knobs.turn({"where": where, "fault": name})
        assert knob.as_document()["settings"].keys() == FAULTS[name].settings.keys()
    assert len({knob.number for knob in demo.knobs.all()}) == len(FAULTS[name].where)


@pytest.mark.parametrize(("match", "fits"), [
    (Match(), True), (Match(method="GET"), True), (Match(method="POST"), False),
    (Match(path="/api/client/*"), True), (Match(path="/api/client"), False), (Match(path="*/resources"), True),
    (Match(node="fra-1"), True), (Match(node="fra-2"), False), (Match(owner="kim"), True), (Match(owner="lee"), False),
])
def test_matching(match: Match, fits: bool) -> None:
    assert match.fits(Asked("GET", "/api/client/servers/x/resources", "fra-1", "kim")) is fits


def test_switches_of_sockets_are_held_as_long_as_the_knob_is_turned(demo: Demo) -> None:
    (node,) = demo.nodes.values()
    knob = demo.knobs.turn({"where": "socket", "fault": "delay-auth", "settings": {"seconds": 2}})
    demo.knobs.turn({"where": "socket", "fault": "refuse-tokens", "match": {"node": "Box"}})
    demo.knobs.turn({"where": "socket", "fault": "fragment", "settings": {"characters": 3}, "match": {"node": "Other"}})
    faults = node.socket_faults
    assert (faults.delay_auth, faults.refuse_tokens, faults.fragment) == (2, True, 0)
    demo.knobs.clear(knob.number)
    assert (faults.delay_auth, faults.refuse_tokens) == (0, True)
    demo.knobs.clear()
    assert faults.refuse_tokens is False


def test_switches_that_no_knob_holds_are_left_alone(demo: Demo) -> None:
    (node,) = demo.nodes.values()
    node.socket_faults.refuse_origin = True
    demo.knobs.turn({"where": "socket", "fault": "reorder"})
    demo.knobs.clear()
    assert (node.socket_faults.refuse_origin, node.socket_faults.reorders) == (True, False)
