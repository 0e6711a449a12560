"""The example in docs/library.md does what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.together.conftest import Pair

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "library.md"


def test_the_example_runs(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    told = {"https://panel.example.com": pair.demo.base, "ptlc_...": pair.demo.keys["kim"],
            "1a2b3c4d": pair.server.identifier}  # fmt: skip
    code = found[1]
    for example, real in told.items():
        assert example in code
        code = code.replace(example, real)
    monkeypatch.chdir(tmp_path)
    Path("plugin.jar").write_bytes(b"j" * 1234)
    seen: dict[str, object] = {}
    exec(compile(code, str(DOCUMENT), "exec"), seen)
    assert capsys.readouterr().out.splitlines() == ["Uno 512 MiB", "Due 512 MiB"]
    assert seen["received"] == 1234
    assert [schedule.tasks[0].payload for schedule in pair.client.schedules.list(pair.uuid)] == ["restart"]
