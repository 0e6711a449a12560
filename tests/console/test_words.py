"""What is said when a console ends or is not there: short enough for a close frame, and nothing of nodes in it."""

from __future__ import annotations

from typing import get_args

import pytest
from flask import Flask

from portal.console import closing, link_words
from portal.console.closing import Goodbye, reason
from portal.console.tickets import no_ticket
from portal.pterodactyl import errors
from portal.servers.state import BLOCKED
from portal.wings import Cause, Link, Phase
from tests.conftest import World

ORIGIN = "https://panel.example.com"
CODES = (1011, 1012, 1013, 4400, 4401, 4403, 4404, 4409, 4410, 4429)
WORDS = ("process", "person", "panel", "key", "store", "binary", "hello", *sorted(state.value for state in BLOCKED))


@pytest.fixture
def app(own_world: World) -> Flask:
    return own_world.app


def test_every_reason_fits_into_a_close_frame(app: Flask) -> None:
    with app.test_request_context():
        said = [reason(code, word) for code in CODES for word in ("", "nothing known", *WORDS)]
    assert all(0 < len(one.encode()) <= 120 for one in said)
    assert all(one.endswith(".") for one in said), "none of them was cut"


def test_every_state_without_a_console_has_its_own_words(app: Flask) -> None:
    with app.test_request_context():
        said = [reason(closing.STATE, state.value) for state in BLOCKED]
    assert len(set(said)) == len(BLOCKED)
    with app.test_request_context():
        assert reason(closing.STATE, "") not in said


def test_a_long_translation_is_cut_between_letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "_of_word", lambda _: "a" + "é" * 100)
    with app.test_request_context():
        assert reason(4401, "") == "a" + "é" * 59


def test_every_cause_has_its_own_sentence_that_names_the_leg(app: Flask) -> None:
    with app.test_request_context():
        said = {cause: link_words.said(Link("lost", cause), is_admin=False, origin=ORIGIN) for cause in get_args(Cause)}
    assert len(set(said.values())) == len(said)
    panel = ("panel", "maintenance", "busy", "key", "refused", "state", "gone")
    for cause, text in said.items():
        assert text.endswith(".")
        assert ("panel" in text.lower()) == (cause in panel), cause
        assert ("node" in text.lower()) == (cause not in (*panel, "tired")), cause


def test_every_phase_is_a_sentence(app: Flask) -> None:
    with app.test_request_context():
        said = {link_words.said(Link(phase), is_admin=False, origin=ORIGIN) for phase in get_args(Phase)}
    assert len(said) == len(get_args(Phase))


def test_only_administrators_are_told_what_to_set(app: Flask) -> None:
    with app.test_request_context():
        for cause in get_args(Cause):
            plain, more = (
                link_words.said(Link("lost", cause), is_admin=is_admin, origin=ORIGIN) for is_admin in (False, True)
            )
            assert more.startswith(plain)
            assert ORIGIN not in plain
            assert "://" not in plain
        more = link_words.said(Link("lost", "origin"), is_admin=True, origin=ORIGIN)
    assert ORIGIN in more
    assert "console_origin" in more


@pytest.mark.parametrize(
    ("error", "cause", "is_final"),
    [(errors.PanelUnreachable(fault="connect"), "panel", False),
     (errors.PanelUnreachable(fault="maintenance"), "maintenance", False),
     (errors.Busy(retry_after_s=7.0), "busy", False), (errors.KeyRefused(), "key", False),
     (errors.NotAllowed(), "refused", True), (errors.NotFound(), "gone", True),
     (errors.ServerStateConflict(), "state", True), (errors.BadAnswer(), "panel", False),
     (errors.NodeUnreachable(), "panel", False)],
)  # fmt: skip
def test_why_the_panel_gave_no_ticket(error: errors.PanelError, cause: str, is_final: bool) -> None:
    found = no_ticket(error)
    assert (found.cause, found.is_final) == (cause, is_final)
    assert found.retry_after_s == (7.0 if cause == "busy" else None)


def test_a_goodbye_keeps_its_code_and_word() -> None:
    assert (Goodbye(4400, "shape").code, Goodbye(4400, "shape").word) == (4400, "shape")
