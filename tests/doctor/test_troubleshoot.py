"""docs/troubleshoot.md has every line that doctor and setup can show, word for word, and each is produced by a test."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import portal.doctor
import portal.setup
from portal.doctor.lines import Finding, Line, ok, worst

ROOT = Path(__file__).parents[2]


def findings() -> dict[str, Finding]:
    """All of them, by name; a name stands for one only."""
    found: dict[str, Finding] = {}
    for package in (portal.doctor, portal.setup):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, one in vars(importlib.import_module(module.name)).get("FINDINGS", {}).items():
                assert found.setdefault(name, one) is one, name
    return found


def rows() -> list[tuple[str, str, str]]:
    """What it says, why, what to do."""
    text = (ROOT / "docs" / "troubleshoot.md").read_text(encoding="utf-8")
    cells = [line.strip("|").split(" | ") for line in text.splitlines() if re.match(r"\| \*\*(warn|fail)\*\*", line)]
    assert all(len(one) == 3 for one in cells)
    return [(one[0].strip(), one[1].strip(), one[2].strip()) for one in cells]


def as_row(text: str) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", text)


def test_every_finding_has_its_row_and_every_row_its_finding() -> None:
    wanted = sorted((f"**{one.status}** {as_row(one.said)}", as_row(one.cure)) for one in findings().values())
    assert len(wanted) > 50
    assert sorted((said, cure) for said, _, cure in rows()) == wanted


def test_every_row_says_why() -> None:
    assert [said for said, why, _ in rows() if not why.endswith((".", "!"))] == []


def test_every_finding_is_one_sentence_and_one_cure() -> None:
    for name, one in findings().items():
        for text in (one.said, one.cure):
            assert text[0].isupper() or text[0] in "{`", name
            assert text.endswith("."), name
            assert not re.search(r"[a-z)`}]\. [A-Z]", text), f"{name} is more than one sentence: {text}"
            assert "|" not in text, name


def test_every_finding_is_produced_by_a_test() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("doctor", "setup")
        for path in (ROOT / "tests" / folder).glob("*.py")
        if path.name != Path(__file__).name
    )
    assert [name for name in findings() if f'"{name}"' not in source] == []


def test_what_comes_from_elsewhere_stays_on_its_line() -> None:
    hostile = "x\n\x1b[31m{what}\u202ey" + "z" * 999
    line = Finding("fail", "It says {what}.", "Look at {what}.").line("a\nb", what=hostile)
    assert (line.name, "\n" in line.said + line.cure, "\x1b" in line.said) == ("a b", False, False)
    assert len(line.said) < 400
    assert "{what}" in line.said


@pytest.mark.parametrize("end", [".", "?", "!", "...", "?!", ". "])
def test_no_sentence_ends_twice(end: str) -> None:
    line = Finding("fail", "It says {what}.", "Look at ({what}) and {what}.").line("a", what=f"port{end}")
    assert line.said == "It says port."
    assert line.cure.endswith("and port.")


def test_the_worst_line_decides() -> None:
    good, soso, bad = ok("a", "b"), Line("a", "warn", "b", "c"), Line("a", "fail", "b", "c")
    assert (worst([]), worst([good]), worst([good, soso]), worst([soso, bad, good])) == ("ok", "ok", "warn", "fail")
