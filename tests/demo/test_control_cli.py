"""`bin/fault`: the control API from the command line, over a real socket."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.demo import build
from portal.demo.control.__main__ import main
from portal.demo.served import Served
from tests.demo.wire_support import ask, is_listening
from tests.demo.worlds import FIXTURE
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0, control=True)) as running:
        yield running


class Line:
    """Runs commands against a demo and reads what they print."""

    def __init__(self, served: Served, capsys: pytest.CaptureFixture[str]) -> None:
        self.served = served
        self._capsys = capsys

    def __call__(self, *words: str) -> Any:
        status = main([self.served.demo.base, *words])
        printed = self._capsys.readouterr()
        assert (status, printed.err) == (0, ""), printed.err
        return json.loads(printed.out)

    def refused(self, *words: str) -> str:
        assert main([self.served.demo.base, *words]) == 1
        printed = self._capsys.readouterr()
        assert printed.out == ""
        return printed.err


@pytest.fixture
def line(served: Served, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(served, capsys)


def test_state_and_faults(line: Line) -> None:
    assert line("state")["nodes"][0]["address"] == line.served.demo.addresses["Box"]
    assert "drip" in line("faults")["faults"]


def test_a_condition_comes_and_goes(line: Line) -> None:
    address = line.served.demo.addresses["Box"]
    assert line("condition", "node-down") == {"condition": "node-down"}
    assert not is_listening(address)
    assert line("condition", "none") == {"condition": None}
    assert is_listening(address)


def test_a_knob_with_settings_and_a_match(line: Line) -> None:
    knob = line("knob", "panel", "status", "status=502", "form=html", "effect=after", "detail=12", "times=1",
                "chance=1.0", "method=GET", "path=/api/client*", "owner=kim")
    assert knob["settings"] == {"status": 502, "form": "html", "effect": "after", "detail": "12",
                                "code": "HttpException"}
    assert knob["match"] == {"method": "GET", "path": "/api/client*", "owner": "kim"}
    assert [ask(line.served, who, "/api/client").status for who in ("lee", "kim", "kim")] == [200, 502, 200]


def test_knobs_are_taken_back(line: Line) -> None:
    first, second = line("knob", "panel", "hang")["id"], line("knob", "node", "refuse")["id"]
    assert line("clear", str(first)) == {"cleared": 1}
    assert [knob.number for knob in line.served.demo.knobs.all()] == [second]
    assert line("clear") == {"cleared": 1}


def test_sockets_have_knobs_and_acts(line: Line) -> None:
    (node,) = line.served.demo.nodes.values()
    line("knob", "socket", "delay-auth", "seconds=2", "node=Box")
    assert node.socket_faults.delay_auth == 2
    assert line("sockets", "close", "code=4409", "reason=away", "server=Uno") == {"act": "close", "sockets": 0}


def test_the_clock(line: Line) -> None:
    before = line.served.demo.clock.now()
    assert line("clock", "jump", "86400")["now"] > before + 86000
    assert line("clock", "back", "86400")["now"] < before + 80000
    assert [line("clock", *words)["rate"] for words in (("drift", "1.5"), ("freeze",), ("thaw",))] == [1.5, 0, 1]


def test_the_panel_goes_away_and_comes_back_at_its_address(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    before = line.served.demo.base
    place, listened = line.served.panel, list[bool]()
    listen = place.listen

    def watched(*, wanted: bool) -> None:
        listen(wanted=wanted)
        listened.append(is_listening(before))

    monkeypatch.setattr(place, "listen", watched)
    assert line("outage", "0.5") == {"away_for": 0.5}
    until(lambda: len(listened) == 2)
    assert listened == [False, True]
    assert ask(line.served, "kim", "/api/client").status == 200
    assert "seconds lies between" in line.refused("outage", "-1")


def test_servers_by_hand(line: Line) -> None:
    assert line("server", "Uno", "status", "status=install_failed")["status"] == "install_failed"
    assert line("server", "Uno", "status", "status=null")["status"] is None
    assert line("server", "Uno", "transfer", "is_transferring=true")["is_transferring"] is True
    assert line("server", "1", "owner", "user=lee")["owner"] == "lee"


def test_wings_and_lines(line: Line) -> None:
    assert line("wings", "loses_events=true", "websocket_log_count=9")["wings"]["Box"]["websocket_log_count"] == 9
    uno = line.served.demo.world.servers[0]
    line.served.demo.processes[uno.uuid].run_since(100)
    assert line("server", "Uno", "print", "count=2", "text=row") == {"server": "Uno", "lines": 2}
    assert line.served.demo.processes[uno.uuid].history(2) == ["row 1", "row 2"]
    assert "lines is a list of texts" in line.refused("server", "Uno", "print", "lines=one")


def test_calls(line: Line) -> None:
    ask(line.served, "kim", "/api/client")
    ask(line.served, "lee", "/api/client")
    assert [call["key_owner"] for call in line("calls")["calls"]] == ["kim", "lee"]
    assert [call["key_owner"] for call in line("calls", "1")["calls"]] == ["lee"]
    assert line("forget") == {"forgotten": 2}


def test_snapshot_and_rewind(line: Line) -> None:
    line("snapshot")
    line("snapshot", "mine")
    line("server", "Uno", "delete")
    assert line("rewind", "mine") == {"rewound_to": "mine", "servers": 3}
    assert line("rewind")["rewound_to"] == "default"


@pytest.mark.parametrize(("words", "reason"), [
    (("server", "none", "suspend"), "404: there is no server none.\n"),
    (("knob", "panel", "refuse"), "400: refuse acts on node, store, not on panel.\n"),
    (("knob", "panel", "status", "status"), "status is no name=value.\n"),
    (("clock", "jump"), "jump needs a number.\n"),
    (("rewind", "never"), "404: there is no snapshot never.\n"),
])
def test_what_cannot_be_done_is_one_sentence(line: Line, words: tuple[str, ...], reason: str) -> None:
    assert line.refused(*words) == reason


def test_no_demo_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9", "state"]) == 1
    assert capsys.readouterr().err.startswith("No demo panel answers at http://127.0.0.1:9: ")
    assert main(["127.0.0.1:9", "state"]) == 1
    assert "is no address" in capsys.readouterr().err


def test_a_demo_without_a_control_api_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with Served(build(fixture=FIXTURE)) as served:
        assert main([served.demo.base, "state"]) == 1
    assert "was the demo started with --no-control?" in capsys.readouterr().err


def test_the_script(served: Served) -> None:
    done = subprocess.run([ROOT / "bin" / "fault", served.demo.base, "condition", "panel-gateway"], cwd="/",
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, json.loads(done.stdout)) == (0, "", {"condition": "panel-gateway"})
    assert ask(served, "kim", "/api/client").status == 502
