"""Serves the recorded answers of a real panel back, step by step.

The recordings live outside the repository, in the folder that `ROOST_SHARED` names (default: `../shared` beside it).
Tests that need them skip with a reason where they are missing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIN = "recorded"
RACES = "races"


def shared_root() -> Path:
    """The folder with contracts and recordings."""
    named = Path(os.environ.get("ROOST_SHARED", "../shared"))
    return named if named.is_absolute() else (ROOT / named).resolve()


def recordings_there() -> bool:
    return (shared_root() / "conformance" / "recorded.jsonl").is_file()


needs_recordings = pytest.mark.skipif(
    not recordings_there(),
    reason="no recordings of a real panel: set ROOST_SHARED to the folder that holds them",
)


@dataclass(frozen=True)
class Step:
    """One recorded request and its answer. `path` has its variables filled in where the recording tells them."""

    name: str
    who: str | None
    method: str
    path: str
    request: Any
    status: int
    headers: dict[str, str]
    json: Any
    text: str | None

    @property
    def body(self) -> bytes:
        if self.json is not None:
            return json.dumps(self.json).encode()
        return (self.text or "").encode()


def _step(line: str) -> Step:
    entry = json.loads(line)
    answer = entry["response"]
    known: dict[str, str] = entry["known"]
    names = {name.strip("<>"): value for value, name in known.items()}
    return Step(
        name=entry["name"],
        who=entry["as"],
        method=entry["method"],
        path=re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), entry["path"]),
        request=entry["request"],
        status=answer["status"],
        headers=answer["headers"],
        json=answer.get("json"),
        text=answer.get("text"),
    )


@cache
def steps(recording: str = MAIN) -> dict[str, Step]:
    """The steps of a recording by name: "recorded", "races", or a fault condition. Empty if it is missing."""
    folder = shared_root() / "conformance"
    there = {MAIN: "recorded.jsonl", RACES: "races.recorded.jsonl"}
    path = folder / there.get(recording, f"faults/{recording}.recorded.jsonl")
    if not path.is_file():
        return {}
    return {step.name: step for step in map(_step, path.read_text(encoding="utf-8").splitlines())}


class ReplayApp:
    """A WSGI application that answers with the given steps in order, the last one again and again."""

    def __init__(self, *answers: Step) -> None:
        self._answers = list(answers)
        self.seen: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        step = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.seen.append(environ)
        status = f"{step.status} {HTTPStatus(step.status).phrase}"
        start_response(status, [(name.title(), value) for name, value in step.headers.items()])
        return [step.body] if step.body else []
