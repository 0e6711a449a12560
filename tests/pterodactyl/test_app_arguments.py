"""Arguments of the application API that would mean something else, and what holds for all of its lists and bodies."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes, methods
from tests.pterodactyl.app_rows import ROWS, USER_BODY, call
from tests.pterodactyl.fakes import MAINTENANCE, World
from tests.support.wsgi_adapter import WsgiAdapter

METHODS = methods(World(MAINTENANCE).application)
TAKING = {
    name: [method for method, found in METHODS.items() if name in inspect.signature(found).parameters]
    for name in ("filters", "page", "per_page")
}
FILTERED = {"users": "email", "nodes": "name", "allocations": "ip", "locations": "short", "servers": "external_id"}
SECRET = "hunter2"


def refused(name: str, /, **changed: Any) -> ValueError:
    """The ValueError of a call that asks nothing."""
    world = World((200, {}))
    with pytest.raises(ValueError) as caught:
        call(world.application, name, **changed)
    assert world.calls == 0
    assert not isinstance(caught.value, UnicodeError)
    return caught.value


# Lists


def test_the_lists_are_what_we_think() -> None:
    assert {name.split(".")[0] for name in TAKING["filters"]} == set(FILTERED)
    assert set(TAKING["per_page"]) == {name for name in METHODS if name.endswith((".list", ".iterate"))} - {
        "eggs.list", "databases.list",
    }  # fmt: skip
    assert set(TAKING["page"]) == {name for name in TAKING["per_page"] if name.endswith(".list")}


@pytest.mark.parametrize("empty", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", TAKING["filters"])
def test_an_empty_filter_does_not_find_everything(name: str, empty: str) -> None:
    """The panel would pass it over."""
    filtered = FILTERED[name.split(".")[0]]
    assert filtered in str(refused(name, filters={filtered: empty}))


def test_an_empty_address_is_nobodys() -> None:
    refused("users.find_by_email", email="")
    refused("users.find_by_email", email=" ")


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize(("name", "argument"), [(name, one) for one in ("page", "per_page") for name in TAKING[one]])
def test_pages_and_their_sizes_begin_with_one(name: str, argument: str, number: int) -> None:
    """The panel would answer a page of 15 for a size of 0, and the first for page 0."""
    refused(name, **{argument: number})


@pytest.mark.parametrize("name", [name for name in TAKING["per_page"] if name.endswith(".iterate")])
def test_how_many_to_a_call_can_be_said(name: str) -> None:
    app = Routes()
    call(World(adapter=WsgiAdapter(app)).application, name, per_page=7)
    assert [one.query for one in app.sent] == [ROWS[name].requests[0].query | {"per_page": "7"}]


# Addresses


@pytest.mark.parametrize(
    ("given", "kept"),
    [("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"), ("192.0.2.1", "192.0.2.1")],
)
def test_an_address_is_looked_for_as_the_panel_keeps_it(given: str, kept: str) -> None:
    app = Routes({"GET /nodes/{node}/allocations": (200, made.paged(made.allocation(ip=kept)))})
    found = call(World(adapter=WsgiAdapter(app)).application, "allocations.find", ip=given)
    assert found.id == 42
    assert app.sent[0].query["filter[ip]"] == kept


@pytest.mark.parametrize(
    "odd", ["play.example.org", "localhost", "192.0.2.0/27", "", " 192.0.2.1", "192.0.2", "01.2.3.4"]
)
def test_what_is_no_address_cannot_be_found(odd: str) -> None:
    refused("allocations.find", ip=odd)


# External ids


@pytest.mark.parametrize("similar", ["Order-12", "örder-12", "order-12 ", "order12", None])
@pytest.mark.parametrize(
    ("name", "route", "make"),
    [("servers.view_external", "GET /servers/external/{external_id}", made.app_server),
     ("users.view_external", "GET /users/external/{external_id}", made.user)],
)  # fmt: skip
def test_one_with_a_similar_external_id_is_not_found(name: str, route: str, make: Any, similar: str | None) -> None:
    app = Routes({route: (200, make(external_id=similar))})
    with pytest.raises(errors.NotFound) as caught:
        call(World(adapter=WsgiAdapter(app)).application, name, external_id="order-12")
    assert caught.value.request == f"GET /api/application/{name.split('.')[0]}/external/order-12"


# Bodies


@pytest.mark.parametrize("name", ["users.create", "users.replace", "users.update_user"])
def test_an_empty_password_is_refused_before_any_call(name: str) -> None:
    """The panel would pass it over, and keep the old one or mail a link."""
    assert "password" in str(refused(name, password=""))


@pytest.mark.parametrize("password", [f"{SECRET}\ud800", f"\udfff{SECRET}"])
@pytest.mark.parametrize("name", ["users.create", "users.replace"])
def test_a_body_that_is_no_unicode_is_refused_without_showing_it(name: str, password: str) -> None:
    error = refused(name, password=password)
    assert type(error) is ValueError
    assert (error.__cause__, error.__context__) == (None, None)
    assert SECRET not in repr(error) + str(error) + repr(vars(error)) + repr(error.args)


def test_nor_is_a_value_of_a_variable_shown() -> None:
    body = dataclasses.replace(ROWS["servers.replace_startup"].arguments["body"], environment={"A": f"{SECRET}\ud800"})
    error = refused("servers.replace_startup", body=body)
    assert SECRET not in repr(error) + repr(error.__context__)


def test_a_name_that_is_no_unicode_is_refused_too() -> None:
    refused("users.replace", body=dataclasses.replace(USER_BODY, first_name="\ud800"))


# Words


@pytest.mark.parametrize("kind", [models.Limits, models.FeatureLimits])
def test_limits_are_said_by_name(kind: Any) -> None:
    """Three numbers in a row are soon swapped."""
    with pytest.raises(TypeError):
        kind(1, 2, 3)
    assert all(one.kw_only for one in dataclasses.fields(kind))


def test_limits_have_the_defaults_of_the_panels_form_and_feature_limits_have_none() -> None:
    assert models.Limits(memory_mib=1024, disk_mib=5120) == models.Limits(
        memory_mib=1024, swap_mib=0, disk_mib=5120, io=500, cpu_percent=0, threads=None, oom_disabled=True
    )
    for missing in ({"memory_mib": 1}, {"disk_mib": 1}):
        with pytest.raises(TypeError):
            models.Limits(**missing)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        models.FeatureLimits(databases=1, allocations=1)  # type: ignore[call-arg]


def test_a_server_has_no_bare_id() -> None:
    names = [one.name for one in dataclasses.fields(models.AppServer)]
    assert "id" not in names
    assert {"internal_id", "external_id", "identifier", "uuid"} < set(names)
