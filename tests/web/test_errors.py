"""What a person sees when something is refused or goes wrong."""

from __future__ import annotations

import logging
import re

import pytest
from flask import abort

from portal.pterodactyl import errors
from portal.web.access import Forbidden
from tests.conftest import World

SUPPORT = "https://example.com/support"
HTMX = {"HX-Request": "true"}
RAISED: list[tuple[Exception, int, str]] = [
    (errors.OutcomeUnknown(errors.PanelUnreachable("x")), 503, "Whether it was done"),
    (errors.SourceBroken("x"), 400, "was cut off"),
    (errors.PanelUnreachable("x", fault="maintenance"), 503, "working on the panel"),
    (errors.PanelUnreachable("x"), 503, "cannot be reached"),
    (errors.NodeUnreachable("x"), 503, "does not answer"),
    (errors.NodeRefused("The disk is full."), 409, "refused"),
    (errors.NodeNotTold("x"), 503, "It was saved"),
    (errors.ServerOffline("x"), 409, "not running"),
    (errors.Refused("A limit was reached."), 409, "A limit was reached."),
    (errors.KeyRefused("x"), 503, "set up again"),
    (errors.NotAllowed("x"), 403, "permission"),
    (errors.NotFound("x"), 404, "no such server"),
    (errors.ServerStateConflict("This server is currently suspended."), 409, "Your host has suspended this server."),
    (errors.ServerStateConflict("What no release says yet."), 409, "What no release says yet."),
    (errors.Busy("x", retry_after_s=17.2), 429, "17 s"),
    (errors.BadAnswer("x"), 503, "does not understand"),
    (Forbidden("control.start"), 403, "control.start"),
    (errors.Invalid("x", errors=(errors.FieldError("command", "max", "That is too long."),)), 422, "That is too long."),
    (RuntimeError("secret detail"), 500, "our side"),
    (RecursionError(), 500, "our side"),
]


def raised(world: World, error: Exception, headers: dict[str, str] | None = None):
    """The answer of a page that raises an error."""

    def broken(*_args: object, **_kwargs: object) -> None:
        raise error

    world.app.view_functions["auth.login"] = broken
    return world.browser("owner").get("/login", headers=headers)


@pytest.fixture
def portal(make_world) -> World:
    return make_world("own")


def test_every_error_of_the_library_is_covered_here() -> None:
    def family(kind: type) -> set[type]:
        return {kind}.union(*(family(one) for one in kind.__subclasses__()))

    tested = {type(error) for error, _, _ in RAISED}
    abstract = {errors.PanelError}
    assert {one for one in family(errors.PanelError) if one.__module__ == errors.__name__} - abstract <= tested


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_each_error_has_its_status_and_sentence(headers: dict[str, str], portal: World) -> None:
    for error, status, words in RAISED:
        answer = raised(portal, error, headers)
        assert answer.status_code == status, error
        assert words in answer.text, error
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_each_error_carries_support_and_a_reference_that_is_in_the_log(
    headers: dict[str, str], portal: World, caplog: pytest.LogCaptureFixture
) -> None:
    formatter = logging.getLogger("roost").handlers[0].formatter
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    keeper = Keeper()
    logging.getLogger("roost").addHandler(keeper)
    try:
        for error, _, _ in RAISED:
            lines.clear()
            answer = raised(portal, error, headers)
            reference = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)[1]
            assert SUPPORT in answer.text
            assert any(f"[{reference}]" in line for line in lines), error
    finally:
        logging.getLogger("roost").removeHandler(keeper)


def test_an_error_for_htmx_is_a_notice_and_leaves_the_page_alone(portal: World) -> None:
    answer = raised(portal, RuntimeError(), HTMX)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#notices", "innerHTML")
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_busy_says_when_to_come_back(portal: World) -> None:
    assert raised(portal, errors.Busy("x", retry_after_s=17.2)).headers["Retry-After"] == "17"
    assert raised(portal, errors.Busy("x", retry_after_s=0.1)).headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 406, 408, 409, 411, 413, 414, 415, 418, 422, 429, 431, 500, 501, 503]
)
def test_any_status_gets_a_page_of_ours(status: int, portal: World) -> None:
    def broken() -> None:
        abort(status)

    portal.app.view_functions["auth.login"] = broken
    answer = portal.browser().get("/login")
    assert answer.status_code == status
    assert SUPPORT in answer.text
    assert "<title>" in answer.text


def test_a_wrong_method_says_which_ones_there_are(portal: World) -> None:
    assert "POST" in portal.browser().get("/logout").headers["Allow"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202ereversed", "a" * 10_000, "\x00\x07"])
def test_what_the_panel_says_is_shown_as_text(text: str, portal: World) -> None:
    page = raised(portal, errors.Refused(text)).text
    assert "<script>alert" not in page


def test_a_page_that_breaks_while_the_layout_breaks_too_is_still_a_page(portal: World) -> None:
    """The error page asks nobody anything it cannot do without."""

    def broken() -> None:
        raise RuntimeError

    browser = portal.browser("owner")
    portal.app.view_functions["auth.login"] = broken
    portal.app.login_manager.user_loader(lambda _token: broken())
    answer = browser.get("/login")
    assert answer.status_code == 500
    assert SUPPORT in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
