"""The demo panel answers as a real one did, but for what exceptions.txt names with its reason."""
from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import runner

pytestmark = pytest.mark.skipif(
    not runner.RECORDINGS.is_dir(), reason="no recordings: set ROOST_SHARED to the directory that holds them")


def _scenarios() -> list[object]:
    names = runner.scenarios() if runner.RECORDINGS.is_dir() else []
    slow = (runner.SLOWEST, "races")  # races waits for the ends of things that are not built yet
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in names]


@pytest.mark.parametrize("scenario", _scenarios())
def test_every_step_agrees_but_the_excepted(scenario: str) -> None:
    result = runner.run(scenario)
    excepted = runner.exceptions(scenario)
    assert not result.disagreeing.difference(excepted), result.told(everything=False)
    assert not set(excepted).difference(result.disagreeing), "these agree now: take them off exceptions.txt"


def test_all_differences_are_told_or_only_those_that_are_not_excepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "EXCEPTIONS", tmp_path / "exceptions.txt")
    runner.EXCEPTIONS.write_text("steps: else -- a reason\nraces: no key -- another\n", encoding="utf-8")
    printed = "DIFFERS no key (GET / as None)\n    status 200\nDIFFERS else (GET / as None)\n    status 404\n1 of 3\n"
    steps = ("no key", "else", "account")
    differences = runner._by_step(printed, steps)
    result = runner.Result("steps", steps, frozenset(differences), differences)
    assert result.told(everything=False) == ("DIFFERS no key (GET / as None)\n    status 200\n"
                             "steps: 1 of 3 steps agree (1 others are excepted)")
    assert result.told() == (
        "DIFFERS no key (GET / as None)\n    status 200\nDIFFERS else (GET / as None)\n    status 404\n"
        "steps: 1 of 3 steps agree")


def test_exceptions_name_steps_of_the_recordings_in_their_order_and_say_why() -> None:
    lines = runner.EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[0] for line in lines]
    assert names == sorted(names)
    for scenario in set(names):
        listed = runner.exceptions(scenario)
        assert list(listed) == [step for step in runner.recorded_steps(scenario) if step in listed]
        assert all(listed.values())
    assert len(lines) == sum(len(runner.exceptions(scenario)) for scenario in set(names))


def test_at_most_five_steps_are_excepted() -> None:
    assert len(runner.EXCEPTIONS.read_text(encoding="utf-8").splitlines()) <= 5
