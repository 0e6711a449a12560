"""What no source file may hold, and how long it may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.site.conftest import ROOT, imports, modules

CLOCKS = ("portal/clock.py", "portal/pterodactyl/", "portal/demo/")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").glob("*.js"))


def attributes(tree: ast.Module) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_only_the_clock_asks_the_time() -> None:
    forbidden = {"time.time", "time.time_ns", "time.monotonic", "datetime.now", "datetime.utcnow", "datetime.today",
                 "date.today", "datetime.datetime.now", "datetime.date.today"}  # fmt: skip
    for path, tree in modules().items():
        if not path.startswith(CLOCKS):
            assert not attributes(tree) & forbidden, path
            assert not {"time.time", "time.monotonic"} & set(imports(tree)), path


def test_every_htmx_name_in_python_stands_in_one_file() -> None:
    for path, tree in modules().items():
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                      if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))}  # fmt: skip
        if path != "portal/web/htmx.py":
            assert not [
                text for text in texts if re.search(r"\bHX-", text, re.IGNORECASE) and text not in docstrings
            ], path


def test_no_module_is_longer_than_400_lines() -> None:
    for path in modules():
        assert len((ROOT / path).read_text().splitlines()) <= 400, path


def test_no_function_is_longer_than_60_lines() -> None:
    for path, tree in modules().items():
        if "/migrations/" in path:
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno - node.lineno + 1 <= 60, f"{path}: {node.name}"


def test_no_template_is_longer_than_200_lines() -> None:
    assert len(TEMPLATES) > 15
    for path in TEMPLATES:
        assert len(path.read_text().splitlines()) <= 200, path


def test_every_module_says_what_it_is() -> None:
    for path, tree in modules().items():
        if tree.body and "/migrations/versions/" not in path:
            assert ast.get_docstring(tree), path


def without_expressions(source: str) -> str:
    """A template's own text: comments, tags and expressions gone."""
    return re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_text_of_a_template_goes_through_gettext(path: Path) -> None:
    plain = without_expressions(path.read_text(encoding="utf-8"))
    outside = re.sub(r"<[^>]*>", "\n", plain)
    left = [line.strip() for line in outside.splitlines() if re.search(r"[^\W\d_]", line.replace("sftp://", ""))]
    assert left == []
    attributes_shown = re.findall(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"', plain)
    assert not [text for text in attributes_shown if re.search(r"[^\W\d_]", text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_holds_script_or_style_or_switches_escaping_off(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\son[a-z]+\s*=|\sstyle\s*=|<style|javascript:", source, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source, re.IGNORECASE)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", source)
    assert not re.search(r"hx-on|hx-vals=.?js:|hx-vars", source)


def test_no_python_marks_text_as_safe_html_but_the_one_formatter() -> None:
    for path, tree in modules().items():
        if path.startswith("portal/demo/"):
            continue
        calls = [
            node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Markup")
        ]
        for call in calls:
            assert path == "portal/web/formatting.py"
            assert isinstance(call.args[0], ast.Constant)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_write_no_html_and_ask_no_other_host(path: Path) -> None:
    source = path.read_text()
    assert not re.search(
        r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|eval\(|new Function|https?://", source
    )


def test_the_stylesheet_loads_nothing_from_elsewhere() -> None:
    source = (ROOT / "static" / "roost.css").read_text()
    assert not re.search(r"@import|https?:|//[a-z]", source.replace("http://www.w3.org", ""))


def test_vendored_files_are_what_their_hashes_say() -> None:
    import hashlib

    folder = ROOT / "static" / "vendor"
    listed = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())
    served = {path.name for path in folder.iterdir() if path.suffix in (".js", ".css")}
    assert {name.lstrip("*") for name in listed} == served
    for name, value in listed.items():
        assert hashlib.sha256((folder / name.lstrip("*")).read_bytes()).hexdigest() == value


def test_no_print_and_no_leftover_breakpoint() -> None:
    for path, tree in modules().items():
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not called & {"print", "breakpoint", "pdb.set_trace"}, path


MONEY = [f"portal/billing/{name}.py" for name in ("money", "ledger", "renewing", "terms", "statement")]


def test_money_is_never_a_float_or_a_quotient() -> None:
    found = {path: tree for path, tree in modules().items() if path in MONEY or path.startswith("portal/credit/")}
    assert len(found) > len(MONEY) + 5
    for path, tree in found.items():
        for node in ast.walk(tree):
            where = f"{path}:{getattr(node, 'lineno', 0)}"
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, (float, complex))), where
            assert not (isinstance(node, ast.Name) and node.id in ("float", "Decimal", "Fraction")), where
            assert not (isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div)), where
        assert not {"decimal.Decimal", "fractions.Fraction", "decimal", "fractions"} & set(imports(tree)), path
