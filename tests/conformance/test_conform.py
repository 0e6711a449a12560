"""The demo panel answers as a real one did, wherever expected.txt says so."""
from __future__ import annotations

import pytest

from tests.conformance import runner

pytestmark = pytest.mark.skipif(
    not runner.RECORDINGS.is_dir(), reason="no recordings: set ROOST_SHARED to the directory that holds them")


def _scenarios() -> list[object]:
    names = runner.scenarios() if runner.RECORDINGS.is_dir() else []
    slow = (runner.SLOWEST, "races")  # races waits for the ends of things that are not built yet
    return [pytest.param(name, marks=pytest.mark.slow) if name in slow else name for name in names]


@pytest.mark.parametrize("scenario", _scenarios())
def test_expected_steps_agree(scenario: str) -> None:
    expected = runner.expected_steps(scenario)
    assert expected, "no step of this scenario is expected to agree"
    result = runner.run(scenario)
    assert set(expected) <= set(result.steps), "expected.txt names steps that are not in the scenario"
    assert not [step for step in expected if step in result.disagreeing], result.told()


def test_all_differences_are_told_or_only_those_of_expected_steps() -> None:
    printed = "DIFFERS no key (GET / as None)\n    status 200\nDIFFERS else (GET / as None)\n    status 404\n1 of 3\n"
    steps = ("no key", "else", "account")
    differences = runner._by_step(printed, steps)
    result = runner.Result("steps", steps, frozenset(differences), differences)
    assert result.told(everything=False) == ("DIFFERS no key (GET / as None)\n    status 200\n"
                             "steps: 1 of 3 steps agree (1 others are not expected to)")
    assert result.told() == (
        "DIFFERS no key (GET / as None)\n    status 200\nDIFFERS else (GET / as None)\n    status 404\n"
        "steps: 1 of 3 steps agree")


def test_expected_is_sorted_by_scenario_then_recording() -> None:
    lines = runner.EXPECTED.read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[0] for line in lines]
    assert names == sorted(names)
    assert len(lines) == len(set(lines))
    for scenario in set(names):
        assert runner.expected_steps(scenario) == [
            step for step in runner.recorded_steps(scenario) if f"{scenario}: {step}" in lines]
