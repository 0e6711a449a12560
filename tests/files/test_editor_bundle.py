"""The editor's bundle: small enough, of the packages that are written down, asked for by nothing but the editor."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from tests.site.conftest import ROOT

MOST_BYTES = 130_000
RECIPE = ROOT / "bin" / "editor"
BUNDLE = next((ROOT / "static" / "vendor").glob("codemirror-*.js"))


def packages() -> dict[str, dict[str, object]]:
    """Every npm package of the recipe's lock, by its name."""
    lock = json.loads((RECIPE / "package-lock.json").read_text())["packages"]
    return {path.removeprefix("node_modules/"): one for path, one in lock.items() if path}


def test_the_bundle_is_at_most_130_kb_compressed() -> None:
    assert len(gzip.compress(BUNDLE.read_bytes(), 9)) <= MOST_BYTES


def test_the_bundle_is_named_after_the_version_that_the_recipe_asks_for() -> None:
    wanted = json.loads((RECIPE / "package.json").read_text())["dependencies"]
    assert BUNDLE.name == f"codemirror-{wanted['@codemirror/view']}.min.js"
    found = packages()
    for name, version in wanted.items():
        assert found[name]["version"] == version, name


def test_every_package_in_the_bundle_is_pinned_by_hash_and_named_with_a_free_licence() -> None:
    told = (ROOT / "static" / "vendor" / "codemirror-LICENSE.txt").read_text()
    served = {name: one for name, one in packages().items() if not one.get("dev") and not one.get("optional")}
    assert len(served) > 10
    for name, one in served.items():
        assert str(one["integrity"]).startswith("sha512-"), name
        assert one["license"] == "MIT", name
        assert f"{name} {one['version']} (MIT)" in told
    assert "Permission is hereby granted" in told
    assert "Copyright" in told


def test_everything_that_the_scripts_take_from_the_bundle_is_in_it() -> None:
    exported = set(re.findall(r"\bas (\w+)\b", BUNDLE.read_text()[-3000:]))
    scripts = "".join(path.read_text() for path in (ROOT / "static").glob("editor*.js"))
    taken = set(re.findall(r"\bcm\.(\w+)", scripts))
    assert len(taken) > 25
    assert taken <= exported


def test_nothing_but_the_editor_asks_for_the_bundle() -> None:
    asking = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "codemirror" in path.read_text()]
    assert [path.relative_to(ROOT / "templates") for path in asking] == [
        Path("files/_editor_tools.html"),
        Path("files/edit.html"),
    ]
    for path in asking:
        assert set(re.findall(r"codemirror-[\w.]+js", path.read_text())) == {BUNDLE.name}
