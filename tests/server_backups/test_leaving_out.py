"""What the preview says is left out is what the archive of a backup leaves out: in the demo's node, and over made-up
trees and patterns in its own function."""

from __future__ import annotations

import re
import tarfile
import time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from portal.auth.sessions import Viewer
from portal.demo.wings.archives import not_ignored
from portal.demo.wings.backups import archive_place
from portal.server_backups import leaving_out, preview
from portal.server_backups.preview import Preview
from portal.servers import reading
from tests.conftest import World
from tests.server_backups.support import PLAYED, SHARED, account_viewer, finish, left, post, see, server, share
from tests.servers.support import said

NAMES = st.sampled_from(
    ["a", "b", "cache", "logs", "x.log", "y.log", "z.txt", ".hidden", "ä", "with space", "[x]", "!n"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(
    ["a", "b", "cache", "logs", "*.log", "x.*", "**", "*", "?", "[ab]", "[!a]", "!", "/", "\\", "#", " ", "ä", "\\!n",
     "[", "]"]
)  # fmt: skip
PATTERNS = st.lists(st.lists(PARTS, min_size=1, max_size=5).map("".join), max_size=6)


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")  # what `re` may once read in another way
@given(patterns=PATTERNS, paths=st.lists(st.tuples(PATHS, st.booleans()), max_size=12))
@example(patterns=["a/", "!a/b"], paths=[("a", True), ("a/b", False)])
@example(patterns=["["], paths=[("[", False)])
def test_each_path_is_judged_as_the_node_judges_it(patterns: list[str], paths: list[tuple[str, bool]]) -> None:
    ours, theirs = leaving_out.judge(patterns), not_ignored("\n".join(patterns))
    for path, is_folder in paths:
        name = f"{path}/" if is_folder else path
        assert ours(name) == (not theirs(name)), name


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@given(patterns=PATTERNS, path=PATHS, below=PATHS)
def test_below_a_folder_that_is_left_out_nothing_stays_unless_a_line_brings_it_back(
    patterns: list[str], path: str, below: str
) -> None:
    """So such a folder need not be looked into."""
    is_out = leaving_out.judge(patterns)
    if is_out(f"{path}/") and not leaving_out.brings_back(patterns):
        assert is_out(f"{path}/{below}")
        assert is_out(f"{path}/{below}/")


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@given(st.text(alphabet="aab?*(.[]!/", min_size=1, max_size=12), st.text(alphabet="ab(./", min_size=1, max_size=12))
def test_stars_fit_what_they_fit_in_the_library(line: str, path: str) -> None:
    if leaving_out.is_pattern(line) and leaving_out.is_quick(line):
        assert leaving_out.judge([line])(path) == bool(GitIgnoreSpec.from_lines([line]).match_file(path))


@pytest.mark.parametrize(
    "line", ["*a" * 20 + "b", "a" + "*" * 200 + "b", "*[a]" * 20 + "b", "**/a/" * 20 + "b", "*?" * 20 + "b"]
)
def test_no_line_takes_long(line: str) -> None:
    is_out = leaving_out.judge([line])
    began = time.process_time()
    assert not is_out("/".join(["a" * 250] * 4))
    assert not is_out("/".join(["a"] * 12))

    assert time.process_time() - began < 2


@given(st.text(alphabet="ab*!/ \r\n\t", max_size=40))
def test_lines_are_as_the_panel_keeps_them(text: str) -> None:
    lines = leaving_out.lines_of(text)
    assert all(lines)
    assert not any("\n" in one or "\r" in one for one in lines)
    assert len(set(lines)) == len(lines)
    assert leaving_out.lines_of("\n".join(lines)) == leaving_out.lines_of("\r\n".join(lines))


def test_of_two_equal_lines_the_last_one_counts() -> None:
    assert leaving_out.lines_of("a\n!a\na") == ["!a", "a"]


def looked(world: World, patterns: str, who: str = "owner", name: str = PLAYED) -> Preview:
    with world.app.test_request_context():
        viewer: Viewer = account_viewer(world, who)
        found = preview.preview(viewer, reading.stored_server(viewer, world.server(name)), patterns)
    assert isinstance(found, Preview)
    return found


def archived(world: World) -> set[str]:
    backup = world.demo.world.backups[-1]
    node = next(one for one in world.demo.nodes.values() if one.row is backup.server.node)
    with tarfile.open(fileobj=BytesIO(Path(archive_place(node, backup.uuid)).read_bytes())) as tar:
        return {f"{one.name}/" if one.isdir() else one.name for one in tar.getmembers()}


@pytest.mark.parametrize(
    "patterns",
    ["", "*.log", "*.jar\n!server.jar", "/plugins/\nworld*/", "**/*.yml", "*\n!server.properties",
     "plugins/*\n!plugins/Essentials/", "# only a remark", "[\nlogs"],
)  # fmt: skip
def test_the_preview_is_what_the_archive_leaves_out(patterns: str, world: World) -> None:
    server(world)
    found = looked(world, patterns)
    assert post(world, "/new", name="b", ignored=patterns.replace("\n", "\r\n")).status_code == 200
    finish(world)
    there = archived(world)

    assert len(found.judged) > 5
    for one in found.judged:
        assert (one.path not in there) == one.is_left_out, one.path
    for folder in found.whole:
        assert not [one for one in there if one.startswith(folder)]


def test_the_servers_own_list_counts_when_nothing_is_typed(world: World) -> None:
    row = server(world)
    world.demo.processes[row.uuid].files.write("/.pteroignore", BytesIO(b"*.jar\r\n\n/logs\n"))
    found = looked(world, "  \r\n")
    post(world, "/new", name="b", ignored="")
    finish(world)
    there = archived(world)

    assert found.source == "own"
    assert {one.path for one in found.left_out} == {one.path for one in found.judged if one.path not in there} != set()


def test_a_list_that_may_not_be_read_is_not_said_to_be_none(world: World) -> None:
    row = server(world, SHARED)
    world.demo.processes[row.uuid].files.write("/.pteroignore", BytesIO(b"*.jar\n"))
    share(world, "backup.read", "backup.create", "file.read")
    shown = post(world, "/new", "subuser", on=SHARED, preview="1", ignored="").text

    assert "what it leaves out cannot be said" in said(shown)
    assert not [one for one in world.calls() if one.endswith("/files/contents")]


def test_how_deep_was_looked_is_said_and_bounded(world: World) -> None:
    row = server(world)
    for number in range(20):
        world.demo.processes[row.uuid].files.make_folder(f"/many{number:02}/below")
    world.calls()
    shown = said(post(world, "/new", preview="1", ignored="*.log").text)

    assert len([one for one in world.calls() if one.endswith("/files/list")]) == preview.MOST_FOLDERS
    assert "12 folders were looked through. Not looked into:" in shown
    assert "and what is below" in shown


def test_a_line_that_is_no_pattern_is_said(world: World) -> None:
    server(world)
    shown = said(post(world, "/new", preview="1", ignored="!\n*.log").text)

    assert "These lines are no patterns and leave nothing out: !" in shown


def test_lines_that_would_take_hours_are_named_and_not_judged(world: World) -> None:
    server(world)
    shown = said(post(world, "/new", preview="1", ignored="*[a]*[a]*[a]*[a]b\n*.log").text)

    assert "what they do is not looked at here; the backup follows them all the same: *[a]*[a]*[a]*[a]b" in shown


def test_what_there_was_no_time_for_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    server(world)
    monkeypatch.setattr(preview, "JUDGING_S", 0.0)

    assert "0 folders were looked through. Not looked into: /" in said(
        post(world, "/new", preview="1", ignored="*.log").text
    )


def test_a_preview_makes_no_backup_and_keeps_what_was_typed(world: World) -> None:
    server(world)
    answer = post(world, "/new", preview="1", name="mine", ignored="*.jar")

    assert answer.status_code == 200
    assert re.search(r'id="preview"[^>]* autofocus', answer.text)  # it was asked for, so it is read next
    assert 'value="mine"' in answer.text
    assert left(world) == []


def test_a_preview_needs_the_right_to_see_files(world: World) -> None:
    server(world, SHARED)
    share(world, "backup.read", "backup.create")
    assert 'name="preview"' not in see(world, "subuser", SHARED, "/new").text
    world.calls()

    assert post(world, "/new", "subuser", on=SHARED, preview="1").status_code == 403
    assert world.calls() == []


def test_a_node_that_cannot_be_asked_is_said(world: World) -> None:
    server(world)
    world.demo.set_condition("node-down")
    shown = post(world, "/new", preview="1", ignored="*.log").text

    assert "What would be left out is not known now." in said(shown)
    assert re.search(r'role="alert"[^>]* autofocus', shown)
