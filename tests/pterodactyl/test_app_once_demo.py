"""Servers made once, against the demo panel: while it still waits for a node, and with ids that only look alike."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.exceptions import ReadTimeout

from portal.demo import Demo, ManualClock, build, finding
from portal.demo.application import servers as demo_servers
from portal.demo.link import Fault
from portal.pterodactyl import ApiKey, ApplicationApi, errors, models
from portal.pterodactyl.panel import Panel
from portal.pterodactyl.transport import Transport
from tests.demo.worlds import FIXTURE
from tests.pterodactyl.fakes import BASE
from tests.support.wsgi_adapter import WsgiAdapter

WORLD: dict[str, Any] = copy.deepcopy(FIXTURE)
WORLD["panel"]["rate_limit"] = {"client_per_minute": 0, "application_per_minute": 0}
PATIENCE_S = 60
LETTERS = str.maketrans("öäü", "oau")


class Held(ManualClock):
    """A clock on which whoever sleeps is held until the test lets go: the panel that waits for a silent node."""

    def __init__(self) -> None:
        super().__init__()
        self.holds = False
        self.asleep, self.let_go = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        if self.holds:
            self.asleep.set()
            assert self.let_go.wait(PATIENCE_S)
        super().sleep(seconds)


class Impatient(WsgiAdapter):
    """An adapter that waits for no POST whose panel has begun to wait for a node; the panel goes on behind it."""

    def __init__(self, demo: Demo, clock: Held) -> None:
        super().__init__(demo.wsgi)
        self.clock = clock
        self.behind: list[Future[Response]] = []
        self.pool = ThreadPoolExecutor(1)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if request.method != "POST" or not self.clock.holds:
            return super().send(request, *args, **kwargs)
        self.behind.append(self.pool.submit(super().send, request))
        assert self.clock.asleep.wait(PATIENCE_S)
        raise ReadTimeout("no answer yet")


class Waiting:
    """A panel whose node never answers, and a library that is less patient than the panel."""

    def __init__(self) -> None:
        self.clock = Held()
        self.demo = build(fixture=WORLD, clock=self.clock)
        self.adapter = Impatient(self.demo, self.clock)
        self.transport = Transport(BASE, adapter=self.adapter, sleep=lambda _: None)
        self.api = Panel(self.transport).application(ApiKey(self.demo.keys["all"]))

    def begin(self) -> None:
        """From now on no node answers."""
        self.demo.link.fault_everywhere = Fault.NEVER_ANSWERS
        self.clock.holds = True

    def end(self) -> list[int]:
        """The panel gives the node up; the statuses of the answers that nobody was there to hear."""
        self.clock.holds = False
        self.clock.let_go.set()
        return [one.result(PATIENCE_S).status_code for one in self.adapter.behind]

    def close(self) -> None:
        self.end()
        self.adapter.pool.shutdown()
        self.transport.close()


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    one = Waiting()
    yield one
    one.close()


@pytest.fixture
def api(waiting: Waiting) -> ApplicationApi:
    """The same panel, whose nodes all answer."""
    return waiting.api


def prepared(api: ApplicationApi, external_id: str = "order-1001", **changed: Any) -> models.NewServer:
    egg = next(one for nest in api.nests.iterate() for one in api.eggs.list(nest.id))
    person = api.users.find_by_email("kim@example.org")
    assert person is not None
    return api.servers.prepare(
        name="made", user=person.id, egg=egg.id, place=models.Deploy(), external_id=external_id,
        limits=models.Limits(memory_mib=256, disk_mib=512), **changed,
    )  # fmt: skip


# A panel that still waits


def test_what_the_panel_may_take_back_is_no_success(waiting: Waiting) -> None:
    """It has stored the server, and answers who looks with `installing`; the node stays silent, and it deletes it."""
    new = prepared(waiting.api)
    waiting.begin()
    done = waiting.api.servers.create_once(new)
    assert done.server is not None
    assert (done.server.external_id, done.server.status, done.is_new) == ("order-1001", "installing", None)
    assert isinstance(done.error, errors.OutcomeUnknown)
    assert waiting.end() == [504]
    with pytest.raises(errors.NotFound):
        waiting.api.servers.view_external("order-1001")
    with pytest.raises(errors.NotFound):
        waiting.api.servers.view(done.server.internal_id)


def test_in_a_location_it_is_none_either(waiting: Waiting) -> None:
    new = prepared(waiting.api)
    place = next(iter(waiting.api.locations.iterate()))
    waiting.begin()
    (done,) = waiting.api.servers.create_in_locations(new, {place.id: "order-a"})
    assert done.server is not None
    assert (done.location, done.is_new) == (place.id, None)
    assert isinstance(done.error, errors.OutcomeUnknown)
    assert waiting.end() == [504]
    assert "order-a" not in {one.external_id for one in waiting.api.servers.iterate()}


def test_asked_again_after_that_it_is_made(waiting: Waiting) -> None:
    new = prepared(waiting.api)
    waiting.begin()
    assert waiting.api.servers.create_once(new).error is not None
    waiting.end()
    waiting.demo.link.fault_everywhere = None
    again = waiting.api.servers.create_once(new)
    assert (again.is_new, again.error) == (True, None)


# Ids that look alike


@pytest.fixture
def collated(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], bool]:
    """The demo compares as utf8mb4_unicode_ci does, which knows no dots above a letter either."""

    def same(one: str, other: str) -> bool:
        return one.rstrip(" ").casefold().translate(LETTERS) == other.rstrip(" ").casefold().translate(LETTERS)

    monkeypatch.setattr(finding, "same_text", same)
    monkeypatch.setattr(demo_servers, "same_text", same)
    return same


@pytest.mark.usefixtures("collated")
@pytest.mark.parametrize(("there", "asked"), [("örder-7", "order-7"), ("Order-9", "order-9"), ("a", "A"), ("ö", "Ö")])
def test_another_spelling_is_another_server(api: ApplicationApi, there: str, asked: str) -> None:
    """The panel calls the id taken, and shows the other server for it; that one is nobody's answer."""
    first = api.servers.create_once(prepared(api, there))
    assert first.server is not None
    count = api.servers.list().total
    with pytest.raises(errors.Invalid) as caught:
        api.servers.create_once(prepared(api, asked))
    assert [(one.source_field, one.rule) for one in caught.value.errors] == [("external_id", "unique")]
    with pytest.raises(errors.NotFound):
        api.servers.view_external(asked)
    assert api.servers.view_external(there).internal_id == first.server.internal_id
    assert api.servers.list().total == count


@pytest.mark.usefixtures("collated")
def test_another_spelling_in_another_location_is_told_there(api: ApplicationApi) -> None:
    place = next(iter(api.locations.iterate())).id
    assert api.servers.create_once(prepared(api, "örder-7")).is_new
    (done,) = api.servers.create_in_locations(prepared(api), {place: "order-7"})
    assert done.server is None
    assert isinstance(done.error, errors.Invalid)


@pytest.mark.usefixtures("collated")
def test_another_spelling_is_another_account(api: ApplicationApi) -> None:
    names = {"username": "annie", "first_name": "A", "last_name": "B"}
    made = api.users.create(email="a@example.org", external_id="Jörg", **names)
    assert api.users.view_external("Jörg").id == made.id
    for similar in ("jörg", "Jorg", "JÖRG"):
        with pytest.raises(errors.NotFound):
            api.users.view_external(similar)


# Variables without a row


def test_a_change_of_the_image_alone_gives_no_variable_a_row(waiting: Waiting) -> None:
    """Who stores the default of today keeps the server from following the egg."""
    row, api = waiting.demo.world.servers[0], waiting.api
    row.server_values.pop("MODE", None)
    kept = dict(row.server_values)
    for changes in ({"image": "example.org/image:2"}, {"startup": "./other"}, {"environment": {"NONE": "x"}}):
        api.servers.update_startup(row.id, skip_scripts=False, **changes)  # type: ignore[arg-type]
        assert row.server_values == kept
    assert (row.image, row.startup) == ("example.org/image:2", "./other")
    api.servers.update_startup(row.id, skip_scripts=False, environment={"SECRET": "x"})
    assert row.server_values == {"MODE": "easy", "SECRET": "x"}
