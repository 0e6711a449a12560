"""Settings: where each comes from, and the one sentence that stops the start when it is wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from portal.config import BadSetting, Settings, load

KEY = "ptla_" + "a1B2" * 10 + "abc"
OTHER_KEY = "ptlc_" + "Zz9_" * 10 + "abc"
REQUIRED = {"panel_url": "https://panel.example.com", "application_key": KEY}
EXAMPLES: dict[str, tuple[str, Any]] = {
    "panel_url": ("https://panel.example.com/", "https://panel.example.com"),
    "application_key": (KEY, KEY),
    "use_service_key": ("yes", True),
    "service_key": (OTHER_KEY, OTHER_KEY),
    "portal_url": ("https://my.example.com/", "https://my.example.com"),
    "console_origin": ("https://Panel.example.com/", "https://Panel.example.com/"),
    "trusted_proxy": ("::0001", "::1"),
    "host_name": ("Höst & Söhne", "Höst & Söhne"),
    "logo": ("logo.svg", "logo.svg"),
    "accent": ("#AB00ff", "#ab00ff"),
    "support_url": ("mailto:help@example.com", "mailto:help@example.com"),
    "terms_url": ("https://example.com/terms", "https://example.com/terms"),
    "stay_signed_in_days": ("14", 14),
    "web_processes": ("4", 4),
    "client_calls_per_minute": ("100", 100),
    "application_calls_per_minute": ("90", 90),
    "smtp_host": ("mail.example.com", "mail.example.com"),
    "smtp_port": ("465", 465),
    "smtp_security": ("TLS", "tls"),
    "smtp_user": ("roost@example.com", "roost@example.com"),
    "smtp_password": ("hunter2 and more", "hunter2 and more"),
    "mail_from": ("Höst <help@example.com>", "Höst <help@example.com>"),
    "billing": ("On", "on"),
    "currency": ("JPY", "JPY"),
    "time_zone": ("Europe/Berlin", "Europe/Berlin"),
    "grace_hours": ("48", 48),
    "grace_ends_hour": ("0", 0),
    "reminder_days": ("1,14, 3", (14, 3, 1)),
    "late_renewal": ("now", "now"),
    "downloads": ("node", "node"),
    "file_versions": ("0", 0),
    "file_version_days": ("7", 7),
    "file_versions_mib": ("64", 64),
    "how_to_pay": ("Überweisung", "Überweisung"),
    "pay_url": ("https://pay.example.com/?a=1", "https://pay.example.com/?a=1"),
    "credit_key": ("another long secret", "another long secret"),
    "backup_key": ("correct horse battery", "correct horse battery"),
    "log_level": ("debug", "DEBUG"),
    "log_format": ("JSON", "json"),
}
WRONG: dict[str, list[str]] = {
    "panel_url": ["panel.example.com", "ftp://panel.example.com", "https://", "https://u:p@panel.example.com",
                  "https://panel.example.com/?x=1", "https://panel.example.com/#top", "http://[::1", "http://panel:port"],
    "application_key": ["short", KEY + "x", KEY[:-1] + "é", KEY[:-1] + " ", KEY[:-1] + "\n"],
    "use_service_key": ["maybe", "2"],
    "service_key": ["short"],
    "portal_url": ["//my.example.com", "javascript:alert(1)", "my.example.com", "https://example.com/portal"],
    "console_origin": ["panel.example.com", "https://", "https://a b", "https://a\nX: y", "ws://panel.example.com",
                       "https://höst.example"],
    "trusted_proxy": ["nginx", "127.0.0.1/8", "127.0.0.1:80"],
    "logo": ["../logo.svg", "logo.exe", ".svg", "a/b.png", "/etc/x.png"],
    "accent": ["blue", "#12", "#12345g", "#1234567"],
    "support_url": ["javascript:alert(1)", "example.com", "data:text/html,x", "https:", "//example.com"],
    "terms_url": ["javascript:alert(1)", "/terms"],
    "stay_signed_in_days": ["0", "366", "-1", "1.5", "many", "9999999999"],
    "web_processes": ["0", "17", "x"],
    "client_calls_per_minute": ["0", "100001"],
    "application_calls_per_minute": ["0", "1e3"],
    "smtp_host": ["mail example", "smtp://mail", "-", "mail.example.com/"],
    "smtp_port": ["0", "65536"],
    "smtp_security": ["ssl"],
    "smtp_user": ["a\nb"],
    "smtp_password": ["a\nb"],
    "mail_from": ["help", "a@b@c", "Help <help@example.com", "a\nb <help@example.com>", "a@b.c, d@e.f"],
    "billing": ["yes", "dry-run"],
    "currency": ["eur", "EURO", "XXX", "1"],
    "time_zone": ["Berlin", "CET/", "../etc/passwd", "/etc/localtime"],
    "grace_hours": ["23", "1441", "a day"],
    "grace_ends_hour": ["24", "-1", "noon"],
    "reminder_days": ["0", "61", "7 3 1", "1,2,3,4,5,6,7", "1.5", "soon"],
    "late_renewal": ["never"],
    "downloads": ["direct"],
    "file_versions": ["-1", "201", "many"],
    "file_version_days": ["0", "3651"],
    "file_versions_mib": ["0", "10001"],
    "pay_url": ["javascript:alert(1)", "pay"],
    "credit_key": ["too short"],
    "backup_key": ["too short", "long enough but two\nlines"],
    "log_level": ["LOUD"],
    "log_format": ["xml"],
}  # fmt: skip
SETTINGS = [one for one in dataclasses.fields(Settings) if "parse" in one.metadata]
SECRETS = [one.name for one in SETTINGS if one.metadata["secret"]]


def environment(instance: Path, **values: str) -> dict[str, str]:
    named = {**REQUIRED, **values}
    return {"ROOST_INSTANCE": str(instance)} | {f"ROOST_{name.upper()}": value for name, value in named.items()}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(BadSetting) as caught:
        load(environ)
    message = str(caught.value)
    assert "\n" not in message
    assert re.fullmatch(r"The .*[.)?]", message), message
    return message


def test_the_examples_here_cover_every_setting() -> None:
    assert set(EXAMPLES) == {one.name for one in SETTINGS}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_setting_comes_from_the_environment(name: str, tmp_path: Path) -> None:
    text, value = EXAMPLES[name]
    more = {"use_service_key": {"service_key": OTHER_KEY}, "smtp_host": {"mail_from": "a@b.c"}}.get(name, {})
    assert getattr(load(environment(tmp_path, **{name: text}, **more)), name) == value


def test_each_setting_comes_from_config_toml(tmp_path: Path) -> None:
    typed = {name: (value if isinstance(value, (bool, int)) else text) for name, (text, value) in EXAMPLES.items()}
    (tmp_path / "config.toml").write_text(
        "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in typed.items()),
        encoding="utf-8",
    )
    settings = load({"ROOST_INSTANCE": str(tmp_path)})
    assert {name: getattr(settings, name) for name in EXAMPLES} == {
        name: value for name, (_, value) in EXAMPLES.items()
    }


def test_the_environment_wins_over_config_toml(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('host_name = "from the file"\naccent = "#123456"\n')
    settings = load(environment(tmp_path, host_name="from the environment"))
    assert (settings.host_name, settings.accent) == ("from the environment", "#123456")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_comes_from_the_file_that_the_environment_names(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(OTHER_KEY + "\n")
    environ = environment(tmp_path) | {f"ROOST_{name.upper()}_FILE": str(tmp_path / "secret")}
    environ.pop(f"ROOST_{name.upper()}", None)
    assert getattr(load(environ), name) == OTHER_KEY


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_file_that_cannot_be_read_is_named_in_one_sentence(name: str, tmp_path: Path) -> None:
    message = refusal(environment(tmp_path) | {f"ROOST_{name.upper()}_FILE": str(tmp_path / "gone")})
    assert f"ROOST_{name.upper()}_FILE" in message


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "name").write_text("from a file")
    assert load(environment(tmp_path) | {"ROOST_HOST_NAME_FILE": str(tmp_path / "name")}).host_name == "Roost"


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_value_is_named_in_one_sentence(name: str, text: str, tmp_path: Path) -> None:
    message = refusal(environment(tmp_path, **{name: text}))
    assert f"The setting {name} must " in message


@pytest.mark.parametrize("name", SECRETS)
def test_a_wrong_secret_is_not_repeated_in_the_sentence(name: str, tmp_path: Path) -> None:
    assert "hunter2" not in refusal(environment(tmp_path, **{name: "hunter2-\x07-hunter2"}))


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("how", ["left out", "empty"])
def test_a_missing_required_value_is_named_in_one_sentence(name: str, how: str, tmp_path: Path) -> None:
    environ = environment(tmp_path, **{name: ""})
    if how == "left out":
        del environ[f"ROOST_{name.upper()}"]
    assert f"The setting {name} is missing" in refusal(environ)


def test_everything_but_address_and_key_has_a_default(tmp_path: Path) -> None:
    settings = load(environment(tmp_path))
    assert (settings.stay_signed_in_days, settings.use_service_key, settings.service_key) == (30, False, None)
    assert settings.database == tmp_path / "roost.db"


def test_no_proxy_may_be_trusted(tmp_path: Path) -> None:
    assert load(environment(tmp_path)).trusted_proxy == "127.0.0.1"
    assert load(environment(tmp_path, trusted_proxy="none")).trusted_proxy is None


def test_an_unknown_name_in_config_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('suport_url = "https://example.com"\n')
    assert "suport_url" in refusal(environment(tmp_path))


@pytest.mark.parametrize("value", ["1.5", "[1]", "2026-01-01", "{ a = 1 }"])
def test_a_value_of_another_type_in_config_toml_is_refused(value: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"host_name = {value}\n")
    assert "host_name" in refusal(environment(tmp_path))


@pytest.mark.parametrize("content", [b"host_name = \n", b"host_name = 'x", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_config_toml_that_is_no_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    assert "config.toml" in refusal(environment(tmp_path))


@pytest.mark.parametrize("more", [{}, {"service_key": ""}])
def test_a_service_key_that_is_switched_on_must_be_there(more: dict[str, str], tmp_path: Path) -> None:
    assert "service_key" in refusal(environment(tmp_path, use_service_key="on", **more))


def test_a_mail_server_needs_a_sender(tmp_path: Path) -> None:
    assert "mail_from" in refusal(environment(tmp_path, smtp_host="mail.example.com"))


def test_secrets_are_not_in_the_representation_of_the_settings(tmp_path: Path) -> None:
    shown = repr(load(environment(tmp_path, service_key=OTHER_KEY)))
    assert "panel.example.com" in shown
    assert KEY not in shown
    assert OTHER_KEY not in shown


@pytest.mark.parametrize("one", SETTINGS, ids=lambda one: one.name)
def test_every_setting_says_what_it_is_in_a_sentence(one: dataclasses.Field[Any]) -> None:
    assert re.fullmatch(r"[A-Z`].*\.", one.metadata["about"])


def test_every_setting_is_documented_with_its_default() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for one in SETTINGS:
        row = re.search(rf"^\| `{one.name}` \| (.+?) \| (.+) \|$", text, re.MULTILINE)
        assert row is not None, one.name
        assert row[1] == documented_default(one)
        assert row[2].endswith(".")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {one.name for one in SETTINGS}


def documented_default(one: dataclasses.Field[Any]) -> str:
    if one.default is dataclasses.MISSING:
        shown = "required"
    elif one.default is None:
        shown = "none"
    else:
        value = ", ".join(map(str, one.default)) if isinstance(one.default, tuple) else one.default
        shown = f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return f"{shown}, secret" if one.metadata["secret"] else shown


def test_an_instance_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "instance" in refusal(environment(tmp_path / "file"))
