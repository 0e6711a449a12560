"""py-dactyl makes its calls against the demo panel as it did against a real one: 94 of its 101 methods work there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from pydactyl.exceptions import PterodactylApiError

from tests.pydactyl import theirs
from tests.pydactyl.application_calls import EVERY
from tests.pydactyl.asking import Asking
from tests.pydactyl.calls import Given, given
from tests.pydactyl.stand import Stand
from tests.support.replay import needs_recordings

FAILING: dict[str, tuple[Callable[[Stand], Given], type[Exception], tuple[str, ...], int]] = {
    "client.account.enable_2fa": (lambda _: given("123456"), PterodactylApiError, ("password",), 422),
    "client.account.disable_2fa": (lambda s: given(s.owner_password), requests.HTTPError, (), 405),
    "locations.create_location": (lambda _: given("us.nyc", "New York"), PterodactylApiError, ("short",), 422),
    "locations.edit_location": (lambda s: given(s.location, "home2", "text"), PterodactylApiError, ("short",), 422),
    "servers.rebuild_server": (lambda s: given(s.server_id), requests.HTTPError, (), 405),
    "servers.list_server_databases": (lambda s: given(s.server_id), KeyError, ("meta",), 200),
    "servers.create_server_database": (
        lambda s: given(s.server_id), PterodactylApiError, ("database", "remote", "host"), 422),
}  # fmt: skip
"""What never works, whatever the arguments: how it fails, the fields that are told, and the panel's status."""


@needs_recordings
def test_ninety_four_methods_work_in_the_order_of_the_list(
    asking: Asking, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = []
    for number, call in enumerate(EVERY, 1):
        try:
            told = asking.fault(call)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        if told:
            faults.append(f"{number}. {call.name}: {told}")
    assert not faults, "\n".join(faults)
    assert capsys.readouterr().out.startswith("DEPRECATED")  # get_node_info writes to the standard output


@needs_recordings
@pytest.mark.parametrize("name", FAILING)
def test_seven_fail_as_they_do_on_a_real_panel(asking: Asking, name: str) -> None:
    arguments, kind, fields, status = FAILING[name]
    with pytest.raises(kind) as caught:
        asking.theirs(name, arguments(asking.stand))
    assert asking.stand.log[-1][2] == status
    assert all(repr(field) in str(caught.value) for field in fields)
    if isinstance(caught.value, requests.HTTPError):
        assert caught.value.response.status_code == status


def test_with_the_seven_these_are_all_methods_that_there_are() -> None:
    """A release of py-dactyl that adds a method fails here until it has its call."""
    working = {call.name for call in EVERY}
    assert len(working) == 94
    assert len(FAILING) == 7
    assert not working & set(FAILING)
    there = theirs.methods()
    assert len(there) == len(set(there)) == 101
    assert set(there) == working | set(FAILING)
    assert len(theirs.socket_methods()) == 10
