"""Of a node's words a person sees what they may, also where the token may see everything."""

from __future__ import annotations

import json

import pytest

from portal.wings.rules import sample_of, word_of

UUID = "9f3a12bc-0000-4000-8000-0123456789ab"
SAMPLE = {
    "memory_bytes": 1, "memory_limit_bytes": 2, "cpu_absolute": 3.5, "network": {"rx_bytes": 4, "tx_bytes": 5},
    "uptime": 6, "state": "running", "disk_bytes": 7,
}  # fmt: skip


@pytest.mark.parametrize(
    "event",
    [
        "install output", "transfer logs", "auth", "auth success", "jwt error", "token expiring", "token expired",
        "of a later version", "", "daemon message:x", "set state",
    ],
)  # fmt: skip
def test_nobody_sees(event: str) -> None:
    assert word_of(event, "x") is None


@pytest.mark.parametrize(
    ("event", "text", "told"),
    [
        ("daemon message", "(restoring): a\x1b[2J.txt\r\nb", "(restoring): a.txt b"),
        ("install started", "secret", ""),
        ("install completed", "", ""),
        ("backup restore completed", "", ""),
        ("transfer status", "processing", "processing"),
        ("deleted", "null", ""),
        ("daemon error", f"Error Event [{UUID.upper()}]: secret path /etc", UUID),
        ("daemon error", "secret", ""),
    ],
)
def test_everybody_sees(event: str, text: str, told: str) -> None:
    assert word_of(event, text) == (event, told, "websocket.connect")


@pytest.mark.parametrize("event", ["backup completed", f"backup completed:{UUID}"])
def test_backups_are_for_those_who_may_see_them(event: str) -> None:
    text = json.dumps({"checksum": "c", "checksum_type": "sha1", "file_size": 5, "is_successful": True, "uuid": UUID})
    name, told, needs = word_of(event, text) or ("", "", "")
    assert (name, needs) == ("backup completed", "backup.read")
    assert json.loads(told) == {"uuid": UUID, "is_successful": True, "file_size": 5}


@pytest.mark.parametrize(
    ("event", "text"),
    [("backup completed", "x"), ("backup completed", "[]"), ("backup completed", "{}"), ("transfer status", "hm")],
)
def test_nonsense_is_not_told(event: str, text: str) -> None:
    assert word_of(event, text) is None


def test_a_sample_is_passed_on_with_the_known_fields_only() -> None:
    told, state = sample_of(json.dumps(SAMPLE | {"secret": "x"})) or ("", None)
    assert json.loads(told) == SAMPLE
    assert state == "running"


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", json.dumps(SAMPLE | {"network": None}),
        json.dumps(SAMPLE | {"network": {"rx_bytes": 1}}),
        json.dumps(SAMPLE | {"uptime": "6"}), json.dumps(SAMPLE | {"uptime": True}),
        json.dumps(SAMPLE | {"cpu_absolute": float("nan")}), json.dumps(SAMPLE | {"disk_bytes": 10**400}),
        json.dumps(SAMPLE | {"disk_bytes": 1 << 63}), json.dumps(SAMPLE).replace("3.5", "1e999"), "[" * 100_000,
    ],
)  # fmt: skip
def test_a_sample_without_numbers_is_none(text: str) -> None:
    assert sample_of(text) is None


def test_a_state_that_wings_does_not_have_is_none() -> None:
    told, state = sample_of(json.dumps(SAMPLE | {"state": "<script>"})) or ("", "")
    assert state is None
    assert json.loads(told)["state"] is None
