"""Writes: known refusals are told as such, everything else is unknown, and nothing is sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut
from requests.exceptions import ReadTimeout

from portal.pterodactyl import errors
from tests.pterodactyl.fakes import MAINTENANCE, NODE_SILENT, Failing, World, error

UNKNOWN = [
    NODE_SILENT,
    error(500, "DaemonConnectionException", "There was an error while communicating"),
    error(500, "QueryException", "An unexpected error"),
    (502, b"<html>Bad Gateway</html>"),
    (200, b"<html>"),
    (200, b'{"half": '),
    (200, {"object": "something"}),
    (404, {"message": "not in the panel's form"}),
]
WRITES = {
    "power": lambda world: world.client.servers.send_power("abcd1234", "kill"),
    "command": lambda world: world.client.servers.send_command("abcd1234", "say hi"),
    "suspend": lambda world: world.application.servers.suspend(1),
    "unsuspend": lambda world: world.application.servers.unsuspend(1),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_write_without_a_clear_answer_is_unknown_and_not_repeated(write: Any, answer: Any) -> None:
    world = World(answer)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(world)
    assert isinstance(caught.value.cause, errors.PanelError)
    assert caught.value.status == answer[0]
    assert world.calls == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("failure", [Cut("reset"), ReadTimeout("slow"), ConnectionResetError()])
def test_a_write_that_was_cut_off_is_unknown(write: Any, failure: Exception) -> None:
    world = World(adapter=Failing(failure))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(world)
    assert isinstance(caught.value.cause, errors.PanelUnreachable)
    assert world.calls == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_refused_by_maintenance_did_not_happen(write: Any) -> None:
    with pytest.raises(errors.PanelUnreachable) as caught:
        write(World(MAINTENANCE))
    assert caught.value.maintenance


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            error(403, "DaemonConnectionException", "An error occurred on the remote host: no."),
            errors.NodeRefused,
        ),
        (error(409, "ServerStateConflictException"), errors.ServerStateConflict),
        (
            error(502, "HttpException", "Server must be online in order to send commands."),
            errors.ServerOffline,
        ),
        (error(429, "ThrottleRequestsException"), errors.Busy),
    ],
)
def test_a_refused_write_is_known(write: Any, answer: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        write(World(answer))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_works_answers_nothing(write: Any) -> None:
    assert write(World((204, b"", ()))) is None
