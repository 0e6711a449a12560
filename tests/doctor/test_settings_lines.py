"""Settings with which nothing can start: each is told with what really helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import secrets_file
from portal.config import BadSetting, load
from portal.doctor.settings_lines import FINDINGS, settings_line


def started(instance: Path) -> None:
    """As the app begins."""
    load({"ROOST_INSTANCE": str(instance)})
    for name in ("master_key", "secret_key"):
        secrets_file.load_or_make(instance / name)


def told(instance: Path) -> tuple[str, str]:
    """The sentence of the real error, and the cure of its line."""
    with pytest.raises(BadSetting) as wrong:
        started(instance)
    return str(wrong.value), settings_line(str(wrong.value)).cure


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    text = f'panel_url = "https://panel.example.com"\napplication_key = "ptla_{"x" * 43}"\n'
    (tmp_path / "config.toml").write_text(text)
    return tmp_path


def test_text_without_quotes(instance: Path) -> None:
    (instance / "config.toml").write_text("smtp_host = mail.example.com\n")
    said, cure = told(instance)
    assert said.startswith("The file config.toml is not valid TOML")
    assert cure == FINDINGS["settings_no_toml"].cure
    assert 'smtp_host = "mail.example.com"' in cure


@pytest.mark.parametrize(("name", "finding"), [("secret_key", "secret_key_wrong"), ("master_key", "master_key_wrong")])
@pytest.mark.parametrize("content", ["", "garbage", "Zm9v\n"])
def test_a_file_that_holds_no_key_of_ours(name: str, finding: str, content: str, instance: Path) -> None:
    (instance / name).write_text(content)
    (instance / name).chmod(0o600)
    _, cure = told(instance)
    assert cure == FINDINGS[finding].cure
    assert "roost setup" not in cure


def test_a_key_that_others_can_read(instance: Path) -> None:
    (instance / "master_key").touch(0o644)
    said, cure = told(instance)
    assert said.endswith("run chmod 600 on it.")
    assert cure == FINDINGS["settings_file"].cure


def test_a_setting_that_is_missing_or_wrong_is_what_setup_asks_for(tmp_path: Path) -> None:
    _, cure = told(tmp_path)
    assert cure == FINDINGS["settings_wrong"].cure
