"""No path leads out of a server's folder, and no name is changed on its way through forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.files import paths
from portal.files.paths import BadPath

TEXTS = some.text(
    alphabet=some.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=60
)


@pytest.mark.parametrize(("written", "path"), [
    ("", "/"), ("/", "/"), ("a", "/a"), ("/a/", "/a"), ("//a//b", "/a/b"), ("/./a/./b/.", "/a/b"),
    ("/a b/", "/a b"), ("/ a ", "/ a "), ("/...", "/..."), ("/%2e%2e/a", "/%2e%2e/a"), ("/a\\..\\b", "/a\\..\\b"),
])  # fmt: skip
def test_a_path_has_one_form(written: str, path: str) -> None:
    assert paths.whole(written) == path
    assert paths.whole(path) == path


@pytest.mark.parametrize("path", ["..", "/..", "/a/..", "/a/../b", "../a", "/a\0b", "/" + "ab/" * 2000, "/\udce9"])
def test_what_leads_elsewhere_is_no_path(path: str) -> None:
    with pytest.raises(BadPath):
        paths.whole(path)


@pytest.mark.parametrize(("folder", "target", "path"), [
    ("/a", "b", "/a/b"), ("/a", "/b", "/b"), ("/a/b", "..", "/a"), ("/a/b", "../c", "/a/c"), ("/a/b", "../..", "/"),
    ("/", "./x//y", "/x/y"),
])  # fmt: skip
def test_a_target_is_seen_from_its_folder(folder: str, target: str, path: str) -> None:
    assert paths.below(folder, target) == path


@pytest.mark.parametrize(("folder", "target"), [("/", ".."), ("/a", "../.."), ("/a", "/../b"), ("/a/b", "../../../c")])
def test_no_target_leads_out(folder: str, target: str) -> None:
    with pytest.raises(BadPath):
        paths.below(folder, target)


@given(some.lists(some.sampled_from(["..", ".", "", "a", "b", "%2e%2e"]), max_size=12), some.booleans())
def test_whatever_is_typed_stays_inside(parts: list[str], is_absolute: bool) -> None:
    try:
        found = paths.below("/x/y", ("/" if is_absolute else "") + "/".join(parts))
    except BadPath:
        return
    assert found.startswith("/")
    assert not {"..", "."} & set(found.split("/"))


@given(TEXTS)
def test_every_name_comes_back_from_a_form_as_it_was(name: str) -> None:
    assert paths.unpacked(paths.packed(name)) == name
    assert paths.packed(name).isascii()
    assert not set(paths.packed(name)) & set("\r\n\t &=+?#/\"'<>")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", "a\0", "ä" * 128, "\udce9"])
def test_what_no_file_is_called_is_no_name(name: str) -> None:
    with pytest.raises(BadPath):
        paths.name(name)


@pytest.mark.parametrize("name", ["...", " ", "%2e%2e", "a\nb", "\\", "ä" * 127 + "x", "\u202egpj.exe", "🐉"])
def test_strange_names_are_names(name: str) -> None:
    assert paths.name(name) == name


@pytest.mark.parametrize("name", [" ", "\t", "a\nb", "a\x7f", "\u3000"])
def test_nobody_types_such_a_name(name: str) -> None:
    with pytest.raises(BadPath):
        paths.new_name(name)


def test_a_field_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadPath):
        paths.unpacked("%ff%fe")


def test_the_way_to_a_folder() -> None:
    assert paths.crumbs("/") == ()
    assert paths.crumbs("/a/b c/d") == (("a", "/a"), ("b c", "/a/b c"), ("d", "/a/b c/d"))
    assert [paths.parent(one) for one in ("/", "/a", "/a/b")] == ["/", "/", "/a"]
    assert [paths.base(one) for one in ("/", "/a", "/a/b")] == ["", "a", "b"]
