"""No name, however hostile, reaches anything outside of a server's folder."""
from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.demo import ManualClock
from portal.demo.storage import Storage
from portal.demo.wings.file_errors import BadPath
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.paths import joined, resolved

PARTS = st.sampled_from(["..", ".", "", "a", "inner", "to_a", "to_root", "loop", "out", "~", "\0", "\ud800", "*", " "])
NAMES = st.one_of(st.text(), st.lists(PARTS).map("/".join), st.lists(PARTS).map(lambda parts: "/" + "/".join(parts)))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with links: inside, in a circle, and (made by nobody through the node) to its parent."""
    root = tmp_path_factory.mktemp("volumes") / "root"
    (root / "a" / "inner").mkdir(parents=True)
    (root / "to_a").symlink_to("a")
    (root / "a" / "to_root").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "out").symlink_to("..")
    return root


@settings(max_examples=1000)
@given(name=NAMES, follows=st.booleans())
def test_a_name_leads_below_the_root_or_nowhere(tree: Path, name: str, follows: bool) -> None:
    try:
        place = resolved(tree, name, follows=follows)
    except BadPath:
        return
    assert place.is_relative_to(tree)
    assert place == tree or Path(os.path.realpath(place.parent)).is_relative_to(tree)
    if follows:
        assert Path(os.path.realpath(place)).is_relative_to(tree)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NAMES, second=NAMES)
def test_whatever_is_done_nothing_outside_changes(tmp_path: Path, first: str, second: str) -> None:
    """Writes, renames, links, new folders, rights and deletions with such names, one after the other."""
    guard = tmp_path / "guard"
    guard.write_bytes(b"untouched")
    storage = Storage()
    files = Filesystem(storage, "server", {"a/inner/file": b"x"}, ManualClock())
    beside = files.root.parent / "beside"
    beside.write_bytes(b"untouched")
    attempts = (
        lambda: files.write(first, (b"new",)), lambda: files.link(second, first), lambda: files.rename(first, second),
        lambda: files.make_folder(second), lambda: files.set_mode(first, 0o777), lambda: files.write(second, (b"",)),
        lambda: files.delete(second), lambda: files.delete(first),
    )
    for attempt in attempts:
        try:
            attempt()
        except (BadPath, OSError):
            continue
    assert [beside.read_bytes(), guard.read_bytes()] == [b"untouched"] * 2
    assert {path.name for path in files.root.parent.iterdir()} == {"server", "beside"}


@pytest.mark.parametrize(("parts", "path"), [
    (("/", "a"), "/a"), (("/", "../a"), "/a"), (("", "../a"), "../a"), (("a/b", "../../c"), "c"), ((".", ""), "."),
    (("", ""), ""), (("/x//", "/y/"), "/x/y"), (("a", "../../b"), "../b"),
])
def test_parts_are_joined_as_wings_does(parts: tuple[str, str], path: str) -> None:
    assert joined(*parts) == path
