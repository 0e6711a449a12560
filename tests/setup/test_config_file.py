"""Changing config.toml: what was asked for, and nothing else."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.setup.config_file import changed, stored, write
from portal.setup.findings import SetupProblem

BEFORE = """# our portal
panel_url = "https://old.example.com"   # the panel

host_name = 'Höst "und" Söhne'
smtp_port = 25
"""


def test_lines_that_were_not_asked_for_stay_as_they_are() -> None:
    assert changed(BEFORE, {"panel_url": "https://new.example.com", "portal_url": "https://my.example.com"}) == (
        '# our portal\npanel_url = "https://new.example.com"\n\nhost_name = \'Höst "und" Söhne\'\nsmtp_port = 25\n'
        'portal_url = "https://my.example.com"\n'
    )


def test_none_takes_a_setting_out() -> None:
    assert tomllib.loads(changed(BEFORE, {"smtp_port": None, "logo": None})).keys() == {"panel_url", "host_name"}


def test_a_quoted_name_is_the_same_setting() -> None:
    assert changed('"panel_url" = "x"\n', {"panel_url": "y"}) == 'panel_url = "y"\n'


def test_a_value_over_several_lines_is_not_torn_apart() -> None:
    text = 'host_name = """\npanel_url = "not this one"\n"""\npanel_url = "a"\n'
    assert tomllib.loads(changed(text, {"panel_url": "b"})) == {
        "host_name": 'panel_url = "not this one"\n', "panel_url": "b",
    }  # fmt: skip


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["host_name", "accent", "logo"]), TEXT))
def test_whatever_a_value_is_it_is_read_back(values: dict[str, str]) -> None:
    assert tomllib.loads(changed(BEFORE, values)) == tomllib.loads(BEFORE) | values


@pytest.mark.parametrize("value", [True, False, 7, "true"])
def test_kinds_of_values_stay(value: Any) -> None:
    assert tomllib.loads(changed("", {"x": value})) == {"x": value}


@pytest.mark.parametrize("text", ["panel_url = ", "\xff"])
def test_a_file_that_is_no_toml_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode("latin-1"))
    for act in (lambda: stored(path), lambda: write(path, {"panel_url": "x"})):
        with pytest.raises(SetupProblem):
            act()
    assert path.read_bytes() == text.encode("latin-1")
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_modes_are_right_even_if_they_were_not(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("smtp_port = 25\n")
    path.chmod(0o644)
    write(path, {"host_name": "x"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stored(path) == {"smtp_port": 25, "host_name": "x"}


@pytest.mark.parametrize("step", ["fsync", "fdopen"])
def test_a_write_that_fails_leaves_the_old_file_and_no_draft(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(BEFORE)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(SetupProblem, match="No space left on device"):
        write(path, {"panel_url": "x"})
    assert path.read_text() == BEFORE
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_a_link_stays_one_and_what_it_leads_to_is_changed(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "instance").mkdir()
    real, path = tmp_path / "etc" / "roost.toml", tmp_path / "instance" / "config.toml"
    real.write_text("smtp_port = 25\n")
    path.symlink_to("../etc/roost.toml")
    write(path, {"host_name": "x"})
    assert path.is_symlink()
    assert stored(real) == {"smtp_port": 25, "host_name": "x"}
    assert [one.name for one in (tmp_path / "etc").iterdir()] == ["roost.toml"]


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to("missing/config.toml")
    with pytest.raises(SetupProblem, match="No such file"):
        write(path, {"host_name": "x"})
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(SetupProblem, match="cannot be (written|read)"):
        write(path, {"host_name": "x"})


def test_half_a_character_is_told_by_its_setting_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match="The setting host_name is not UTF-8 text"):
        write(tmp_path / "config.toml", {"panel_url": "x", "host_name": "caf\udcff"})
    assert list(tmp_path.iterdir()) == []


def test_whatever_breaks_a_write_no_draft_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "config.toml", {"panel_url": "x"})
    assert list(tmp_path.iterdir()) == []
