"""The table of errors, row by row: what the panel says, and the one exception it means."""

from __future__ import annotations

from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut
from requests.exceptions import ConnectTimeout, ReadTimeout, SSLError
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from portal.pterodactyl import errors
from tests.pterodactyl.fakes import Failing, World, error

HOST = "An error occurred on the remote host: "
SILENT = "Could not establish a connection to the machine running this server. Please try again."
BROKE = "There was an error while communicating with the machine running this server. (code: 500) (request_id: a)"
NODE = "DaemonConnectionException"
HTML = (("Content-Type", "text/html; charset=UTF-8"),)

ROWS: list[tuple[str, Any, type[errors.PanelError]]] = [
    ("node refused 403", error(403, NODE, HOST + "You may not.. (request id: 1-2)"), errors.NodeRefused),
    ("node refused 404", error(404, NODE, HOST + "No such server. (request id: 1)"), errors.NodeRefused),
    ("node refused 429", error(429, NODE, HOST + "Slow down. (request id: 1)"), errors.NodeRefused),
    ("node silent", error(504, NODE, SILENT), errors.NodeUnreachable),
    ("node broke", error(500, NODE, BROKE), errors.NodeUnreachable),
    ("node's answer broke", error(502, NODE, BROKE), errors.NodeUnreachable),
    (
        "offline",
        error(502, "HttpException", "Server must be online in order to send commands."),
        errors.ServerOffline,
    ),
    ("limit", error(400, "DisplayException", "limit has been reached."), errors.Refused),
    ("locked", error(400, "BackupLockedException", "locked"), errors.Refused),
    (
        "node not told",
        error(400, "ConfigurationNotPersistedException", "The daemon configuration <strong>has been updated</strong>"),
        errors.NodeNotTold,
    ),
    ("no node fits", error(400, "NoViableNodeException", "No nodes satisfying"), errors.Refused),
    ("nodes stand there", error(400, "HasActiveNodesException", "Cannot delete a location"), errors.Refused),
    ("a server has it", error(400, "ServerUsingAllocationException", "A server is"), errors.Refused),
    ("unknown filter", error(400, "InvalidFilterQuery", "Requested filter(s)"), errors.Refused),
    ("lost race", error(500, "DataValidationException", "The data provided"), errors.PanelUnreachable),
    ("broken json sent", error(400, "BadRequestHttpException", "malformed: Syntax error"), errors.Refused),
    ("too large", error(413, "PostTooLargeException", ""), errors.Refused),
    ("too large for the web server", (413, b"<html>413 Request Entity Too Large</html>", HTML), errors.Refused),
    ("too large for somebody", (413, b"", ()), errors.Refused),
    ("too long an address", (414, b"<html>414 Request-URI Too Large</html>", HTML), errors.Refused),
    ("500", error(500, "TypeError", "An unexpected error"), errors.PanelUnreachable),
    ("500 of the database", error(500, "QueryException", "An unexpected error"), errors.PanelUnreachable),
    ("502 of somebody else", error(502, "HttpException", "Something else"), errors.PanelUnreachable),
    ("html 502", (502, b"<html>Bad Gateway</html>", HTML), errors.PanelUnreachable),
    ("html 404", (404, b"<!DOCTYPE html>", HTML), errors.PanelUnreachable),
    ("html 200", (200, b"<!DOCTYPE html>", HTML), errors.PanelUnreachable),
    ("html that calls itself json", (200, b"\n <html>"), errors.PanelUnreachable),
    ("maintenance", error(503, "HttpException", "Service Unavailable"), errors.PanelUnreachable),
    ("no key", error(401, "AuthenticationException", "Unauthenticated."), errors.KeyRefused),
    ("two factor", error(400, "TwoFactorAuthRequiredException", "Two-factor"), errors.KeyRefused),
    (
        "no permission",
        error(403, "AccessDeniedHttpException", "This action is unauthorized."),
        errors.NotAllowed,
    ),
    (
        "no socket",
        error(403, "HttpForbiddenException", "You do not have permission to ..."),
        errors.NotAllowed,
    ),
    ("not found", error(404, "NotFoundHttpException", "could not be found"), errors.NotFound),
    ("row gone", error(404, "RecordNotFoundException", ""), errors.NotFound),
    ("state", error(409, "ServerStateConflictException", "suspended"), errors.ServerStateConflict),
    ("transfer", error(409, "ConflictHttpException", "transferred"), errors.ServerStateConflict),
    ("invalid", error(422, "ValidationException", "x", source_field="signal", rule="in"), errors.Invalid),
    ("422 without field", error(422, "ValidationException", "x"), errors.Refused),
    ("429", error(429, "ThrottleRequestsException", "Too Many Attempts."), errors.Busy),
    ("429 of the backups", error(429, "TooManyRequestsHttpException", "Only 2 backups"), errors.Busy),
    ("429 of a web server", (429, b"<html>", HTML), errors.Busy),
    ("redirect", (302, b"", (("Location", "http://elsewhere.test/"),)), errors.BadAnswer),
    ("wrong method", error(405, "MethodNotAllowedHttpException", "not supported"), errors.BadAnswer),
    ("csrf", error(419, "HttpException", "CSRF token mismatch."), errors.BadAnswer),
    ("404 in another form", (404, {"message": "nope"}), errors.BadAnswer),
    ("401 in another form", (401, {"errors": []}), errors.BadAnswer),
    ("errors of another form", (403, {"errors": ["x"]}), errors.BadAnswer),
    ("half json", (200, b'{"object": "user", "attri'), errors.BadAnswer),
    ("json of another type", (200, b"{}", (("Content-Type", "text/plain"),)), errors.BadAnswer),
]


@pytest.mark.parametrize(("answer", "kind"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_answer_means_one_exception(answer: Any, kind: type[errors.PanelError]) -> None:
    world = World(answer)
    with pytest.raises(errors.PanelError) as caught:
        world.get()
    assert type(caught.value) is kind
    assert caught.value.status == answer[0]
    assert caught.value.request == "GET /api/client/account"


def test_every_error_that_an_answer_can_mean_is_in_the_table() -> None:
    def family(kind: type) -> set[type]:
        return {kind}.union(*(family(one) for one in kind.__subclasses__()))

    no_answer = {errors.PanelError, errors.OutcomeUnknown, errors.SourceBroken}
    ours = {kind for kind in family(errors.PanelError) if kind.__module__ == errors.__name__}
    assert {row[2] for row in ROWS} == ours - no_answer


def test_a_node_that_was_not_told_is_a_known_outcome() -> None:
    with pytest.raises(errors.NodeNotTold) as caught:
        World(error(400, "ConfigurationNotPersistedException", "has been updated")).post()
    assert not errors.fate_is_unknown(caught.value)


def _raised(answer: Any) -> Any:
    with pytest.raises(errors.PanelError) as caught:
        World(answer).get()
    return caught.value


def test_node_refused_keeps_only_the_nodes_sentence() -> None:
    refused = _raised(error(403, NODE, HOST + "You are not authorized to access this endpoint.. (request id: a0-1)"))
    assert refused.sentence == "You are not authorized to access this endpoint."


def test_maintenance_is_known_and_has_not_happened() -> None:
    gone = _raised(error(503, "HttpException", "Service Unavailable"))
    assert gone.maintenance
    assert not gone.happened


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (error(401, "AuthenticationException", "Unauthenticated."), "unauthenticated"),
        (error(400, "TwoFactorAuthRequiredException", "Two-factor"), "two_factor"),
        (
            error(
                403,
                "AccessDeniedHttpException",
                "This IP address (192.0.2.1) does not have permission to access the API using these credentials.",
            ),
            "address",
        ),
        (
            error(
                403,
                "AccessDeniedHttpException",
                "You are attempting to use an application API key on an endpoint that requires a client API key.",
            ),
            "wrong_kind",
        ),
        (
            error(403, "AccessDeniedHttpException", "This account does not have permission to access the API."),
            "not_admin",
        ),
    ],
)
def test_key_refused_says_why(answer: Any, cause: str) -> None:
    refused = _raised(answer)
    assert isinstance(refused, errors.KeyRefused)
    assert refused.cause == cause


def test_invalid_lists_every_failed_rule() -> None:
    entries = [
        {
            "code": "ValidationException",
            "status": "422",
            "detail": "A.",
            "meta": {"source_field": "a.0", "rule": "in"},
        },
        {"code": "ValidationException", "status": "422", "detail": "B\n   b.", "meta": {"source_field": "b"}},
    ]
    invalid = _raised((422, {"errors": entries}))
    assert invalid.errors == (errors.FieldError("a.0", "in", "A."), errors.FieldError("b", "", "B b."))


def test_detail_is_one_safe_line() -> None:
    refused = _raised(error(400, "DisplayException", "a\x00b\u202ec\r\n  d" + "x" * 2000))
    assert refused.detail.startswith("abc d")
    assert len(refused.detail) <= 500


def test_extra_keys_of_debug_mode_are_ignored() -> None:
    status, body = error(404, "NotFoundHttpException", "gone", trace=["x"], previous=[])
    body["errors"][0]["source"] = {"line": 1, "file": "x.php"}
    assert isinstance(_raised((status, body)), errors.NotFound)


REFUSED = Cut(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]
NAMELESS = Cut(MaxRetryError(None, "/", NameResolutionError("h", None, OSError("?"))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "fault", "happened"),
    [
        (REFUSED, "connect", False),
        (NAMELESS, "name", False),
        (ConnectTimeout("x"), "connect", False),
        (SSLError("x"), "tls", False),
        (ReadTimeout("x"), "timeout", True),
        (Cut("x"), "cut", True),
        (ConnectionResetError("x"), "cut", True),
    ],
)
def test_no_answer_is_panel_unreachable(failure: Exception, fault: str, happened: bool) -> None:
    with pytest.raises(errors.PanelUnreachable) as caught:
        World(adapter=Failing(failure)).get()
    assert (caught.value.fault, caught.value.happened, caught.value.status) == (fault, happened, None)
    assert caught.value.__context__ is None, "the library's exception, which holds the request, must not hang on"
