"""Our library does all that py-dactyl's methods do, by the same routes; and what its surface never has."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.pterodactyl import models
from tests.pydactyl import surface, theirs, worlds
from tests.pydactyl.application_calls import EVERY
from tests.pydactyl.asking import Asking, asked_for
from tests.pydactyl.our_calls import every
from tests.support.replay import needs_recordings

NO_ROUTE = "servers.rebuild_server"
"""The panel has had nothing of this kind since 1.0."""
BROKEN = {
    "client.account.enable_2fa": "POST /api/client/account/two-factor",
    "client.account.disable_2fa": "POST /api/client/account/two-factor/disable",
    "locations.create_location": "POST /api/application/locations",
    "locations.edit_location": "PATCH /api/application/locations/*",
    "servers.list_server_databases": "GET /api/application/servers/*/databases",
    "servers.create_server_database": "POST /api/application/servers/*/databases",
}
"""Where the methods that never work should go."""
ACCOUNT, SERVER = "/api/client/account", "/api/client/servers/*"
MISSING = {
    f"POST {ACCOUNT}/two-factor/disable", f"GET {ACCOUNT}/activity", f"GET {ACCOUNT}/ssh-keys",
    f"POST {ACCOUNT}/ssh-keys", f"POST {ACCOUNT}/ssh-keys/remove", f"GET {SERVER}/activity",
    f"POST {SERVER}/files/chmod", f"POST {SERVER}/files/pull", f"POST {SERVER}/backups/*/lock",
    f"PUT {SERVER}/settings/docker-image", "GET /api/application/nodes/deployable",
}  # fmt: skip
"""The routes of the panel that no method of theirs asks."""


@needs_recordings
def test_ours_does_the_same(new_asking: Callable[[], Asking]) -> None:
    """Also what six of theirs that fail would do, and all by the routes that theirs take."""
    they, we = new_asking(), new_asking()
    for call in EVERY:
        they.fault(call)
    faults = []
    for mine in every():
        try:
            answer = we.ours(mine)
        except Exception as error:
            faults.append(f"{mine.theirs}: {mine.ours}: {type(error).__name__}: {error}")
        else:
            if isinstance(answer, requests.Response | dict | list):
                faults.append(f"{mine.ours}: answers with a {type(answer).__name__}")
    assert not faults, "\n".join(faults)
    assert we.routes == they.routes | {name: {route} for name, route in BROKEN.items()}
    assert set(we.routes) | {NO_ROUTE} == set(theirs.methods())
    assert not MISSING & {route for routes in they.routes.values() for route in routes}


def test_what_they_have_no_method_for(own: Asking) -> None:
    """Ten routes of the client API, one of the application API."""
    server = own.stand.server
    public_key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    own.client.files.write(server, "/x", b"x")
    backup = own.client.backups.create(server)
    own.stand.work()
    asked = len(own.stand.log)
    assert own.client.activity.of_account().items == ()
    laptop = own.client.ssh_keys.create(name="laptop", public_key=public_key.decode())
    assert own.client.ssh_keys.list() == (laptop,)
    own.client.ssh_keys.remove(fingerprint=laptop.fingerprint)
    assert own.client.activity.of_server(server, event="server:backup.start").total == 1
    own.client.files.chmod(server, [models.FileMode("x", "600")])
    own.client.files.pull(server, "https://example.com/y")
    assert own.client.backups.toggle_lock(server, backup.uuid).is_locked
    own.client.settings.update_docker_image(server, docker_image=own.stand.docker_image)
    own.client.two_factor.disable(password=worlds.PASSWORD)
    assert own.api.nodes.deployable(memory_mib=64, disk_mib=64)
    reached = {asked_for(method, path) for method, path, status in own.stand.log[asked:] if status < 300}
    assert reached == MISSING


@pytest.mark.parametrize("name", surface.methods())
def test_an_answer_is_always_of_the_kind_that_the_method_says(name: str) -> None:
    """Never a bare dict, list or response, and never one thing now and another then."""
    hints = typing.get_type_hints(surface.resolve(name))
    assert "return" in hints
    assert not _parts(hints["return"]) & {Any, dict, list, object, requests.Response}


@pytest.mark.parametrize("name", surface.methods())
def test_no_default_can_be_changed(name: str) -> None:
    for parameter in inspect.signature(surface.resolve(name)).parameters.values():
        assert not isinstance(parameter.default, MutableMapping | MutableSequence | MutableSet)
        if isinstance(parameter.default, Mapping):
            with pytest.raises(TypeError):
                parameter.default["x"] = "y"  # type: ignore[index]


@pytest.mark.parametrize("name", [name for name in surface.methods() if name.endswith(".iterate")])
def test_what_can_be_walked_through_can_be_paged_and_asked_for_with_the_same_filters(name: str) -> None:
    walked = set(inspect.signature(surface.resolve(name)).parameters)
    paged = set(inspect.signature(surface.resolve(name.replace(".iterate", ".list"))).parameters)
    assert paged == walked | {"page", "per_page"}
    assert "per_page" in walked or name.startswith("client.")


def _parts(hint: Any) -> set[Any]:
    return {hint} | {part for one in typing.get_args(hint) for part in _parts(one)}
