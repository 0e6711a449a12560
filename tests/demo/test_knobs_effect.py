"""Faults before and after the effect: what the caller hears, and what stands in the rows afterwards."""
from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest

from portal.demo import build
from portal.demo.served import Served
from tests.demo.wire_support import Reply, ask, fetch, is_listening, said
from tests.demo.worlds import FIXTURE


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as running:
        yield running


def turn(served: Served, fault: str, where: str = "panel", **more: Any) -> None:
    parts = {name: more.pop(name) for name in ("match", "times", "chance") if name in more}
    served.demo.knobs.turn({"where": where, "fault": fault, "settings": more, **parts})


def rename(served: Served, name: str) -> Reply:
    return ask(served, "kim", path_of_first(served) + "/settings/rename", "POST", {"name": name})


def path_of_first(served: Served) -> str:
    return f"/api/client/servers/{served.demo.world.servers[0].identifier}"


def start(served: Served) -> Reply:
    """The first server's; on a clock that stands, so that it goes on starting."""
    served.demo.clock.run_at(0)
    return ask(served, "kim", path_of_first(served) + "/power", "POST", {"signal": "start"})


def name_in_the_row(served: Served) -> str:
    return served.demo.world.servers[0].name


BEFORE_AND_AFTER = pytest.mark.parametrize(("effect", "name"), [("before", "Uno"), ("after", "New")])


@BEFORE_AND_AFTER
@pytest.mark.parametrize("status", [400, 403, 404, 500, 502, 503, 504])
def test_a_status(served: Served, effect: str, name: str, status: int) -> None:
    turn(served, "status", status=status, effect=effect)
    answer = rename(served, "New")
    assert (answer.status, answer.json["errors"][0]["status"]) == (status, str(status))
    assert name_in_the_row(served) == name


@BEFORE_AND_AFTER
def test_a_bare_page(served: Served, effect: str, name: str) -> None:
    turn(served, "status", status=502, effect=effect, form="html")
    answer = rename(served, "New")
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    assert b"<h1>502 Bad Gateway</h1>" in answer.body
    assert name_in_the_row(served) == name


@BEFORE_AND_AFTER
def test_a_reset(served: Served, effect: str, name: str) -> None:
    turn(served, "reset", effect=effect)
    with pytest.raises(ConnectionResetError):
        rename(served, "New")
    assert name_in_the_row(served) == name


@BEFORE_AND_AFTER
def test_an_end_without_an_answer(served: Served, effect: str, name: str) -> None:
    turn(served, "reset", effect=effect, ending="fin")
    with pytest.raises(http.client.RemoteDisconnected):
        rename(served, "New")
    assert name_in_the_row(served) == name


@pytest.mark.parametrize("at", [0, 20, 40])
def test_a_cut_comes_after_the_effect(served: Served, at: int) -> None:
    turn(served, "cut", at=at, ending="fin")
    heard = said(served.demo.base, (f"POST {path_of_first(served)}/settings/rename?name=New HTTP/1.1\r\nHost: x\r\n"
                                    f"Authorization: Bearer {served.demo.keys['kim']}\r\n\r\n").encode())
    assert heard.startswith(b"HTTP/1.1 204 NO CONTENT\r\n"[:at])
    assert len(heard) == at
    assert name_in_the_row(served) == "New"


def test_a_cut_in_the_middle_of_a_body(served: Served) -> None:
    turn(served, "cut", at=400, ending="fin")
    with pytest.raises(http.client.IncompleteRead):
        ask(served, "kim", "/api/client")


def test_a_throttle_has_no_effect_and_says_when_in_any_words(served: Served) -> None:
    for words in ("7", "Fri, 31 Dec 1999 23:59:59 GMT", "soon", "-1", ""):
        turn(served, "throttle", retry_after=words, times=1)
        answer = rename(served, "New")
        assert (answer.status, answer.headers["Retry-After"]) == (429, words or None)
        assert answer.json["errors"][0]["code"] == "ThrottleRequestsException"
    assert name_in_the_row(served) == "Uno"


def test_a_redirect_has_no_effect(served: Served) -> None:
    turn(served, "redirect", to="http://127.0.0.1:9/elsewhere", status=301)
    answer = rename(served, "New")
    assert (answer.status, answer.headers["Location"]) == (301, "http://127.0.0.1:9/elsewhere")
    assert name_in_the_row(served) == "Uno"


def test_only_the_requests_that_match(served: Served) -> None:
    turn(served, "status", status=503, match={"method": "get", "path": "/api/client/servers/*", "owner": "kim"})
    path = path_of_first(served)
    assert ask(served, "kim", path).status == 503
    assert ask(served, "kim", path + "/network/allocations").status == 503
    assert ask(served, "lee", path).status == 200
    assert ask(served, "kim", "/api/client").status == 200
    assert rename(served, "New").status == 204


def test_only_so_many_times(served: Served) -> None:
    turn(served, "status", times=2)
    assert [ask(served, "kim", "/api/client").status for _ in range(4)] == [500, 500, 200, 200]
    (knob,) = served.demo.knobs.all()
    assert (knob.left, knob.hits) == (0, 2)


def decisions(seed: int) -> list[int]:
    with Served(build(fixture=FIXTURE, rate_limit=0, seed=seed)) as served:
        turn(served, "status", chance=0.5)
        return [ask(served, "kim", "/api/client").status for _ in range(30)]


def test_a_share_of_requests_and_the_same_one_for_the_same_seed() -> None:
    first = decisions(3)
    assert set(first) == {200, 500}
    assert (decisions(3) == first, decisions(4) == first) == (True, False)


def test_the_same_seed_is_the_same_world_and_the_same_tokens() -> None:
    worlds = []
    for seed in (5, 5, 6):
        demo = build(seed=seed)
        with Served(demo) as served:
            claims = demo.chance.text(16)
            worlds.append((demo.keys, [server.uuid for server in demo.world.servers], claims, demo.objects.secret))
            assert ask(served, "owner", "/api/client").status == 200
    assert (worlds[0] == worlds[1], worlds[0] == worlds[2]) == (True, False)


def test_knobs_act_one_after_the_other(served: Served) -> None:
    turn(served, "body", kind="bom")
    turn(served, "status", status=418, detail="tea")
    answer = ask(served, "kim", "/api/client")
    assert (answer.status, answer.body[:4]) == (418, b"\xef\xbb\xbf{")


def test_a_nodes_answer_after_its_effect_is_what_the_panel_hears(served: Served) -> None:
    turn(served, "status", "node", status=500, effect="after", match={"path": "*/power", "node": "Box"})
    answer = start(served)
    assert (answer.status, answer.json["errors"][0]["code"]) == (500, "DaemonConnectionException")
    assert served.demo.processes[served.demo.world.servers[0].uuid].state == "starting"


def test_a_nodes_refusal_before_its_effect_is_told_in_its_words(served: Served) -> None:
    turn(served, "status", "node", status=409, detail="not now")
    answer = ask(served, "kim", path_of_first(served) + "/power", "POST", {"signal": "start"})
    assert "An error occurred on the remote host: not now." in answer.json["errors"][0]["detail"]
    assert served.demo.processes[served.demo.world.servers[0].uuid].state == "offline"


@BEFORE_AND_AFTER
def test_a_node_that_resets_the_panels_call_is_one_without_an_answer(served: Served, effect: str, name: str) -> None:
    turn(served, "reset", "node", effect=effect)
    answer = start(served)
    assert answer.status == 504
    state = served.demo.processes[served.demo.world.servers[0].uuid].state
    assert state == {"before": "offline", "after": "starting"}[effect]


def test_a_node_that_refuses_connections_listens_no_more_until_the_knob_is_taken_back(served: Served) -> None:
    address = served.demo.addresses["Box"]
    turn(served, "refuse", "node", match={"node": "Box"})
    assert not is_listening(address)
    assert ask(served, "kim", path_of_first(served) + "/power", "POST", {"signal": "start"}).status == 504
    served.demo.knobs.clear()
    assert fetch(address, "/").status == 401


def test_another_nodes_knob_is_none_of_ours(served: Served) -> None:
    turn(served, "refuse", "node", match={"node": "Other"})
    assert is_listening(served.demo.addresses["Box"])


def test_the_object_store_has_knobs_of_its_own() -> None:
    with Served(build(fixture=FIXTURE, backup_disk="s3")) as served:
        turn(served, "status", "store", status=503, times=1)
        answer = fetch(served.demo.objects.base, "/backups/a/b.tar.gz")
        assert (answer.status, answer.headers["Content-Type"]) == (503, "application/xml")
        turn(served, "refuse", "store")
        assert not is_listening(served.demo.objects.base)
        served.demo.knobs.clear()
        assert fetch(served.demo.objects.base, "/backups/a/b.tar.gz").status == 403


def test_a_call_that_a_knob_ended_is_written_down_too(served: Served) -> None:
    turn(served, "reset")
    with pytest.raises(ConnectionResetError):
        ask(served, "kim", "/api/client")
    assert [(call.path, call.status, call.key_owner) for call in served.demo.calls] == [("/api/client", 0, "kim")]
