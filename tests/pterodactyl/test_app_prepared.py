"""A server that could be made, with all that is not given taken from its egg."""

from __future__ import annotations

from typing import Any

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes
from tests.pterodactyl.app_rows import PREPARED, call
from tests.pterodactyl.fakes import World, error
from tests.pterodactyl.objects import listed
from tests.support.wsgi_adapter import WsgiAdapter

EGG = "GET /nests/{nest}/eggs/{egg}"


def world(egg: Any = None) -> World:
    return World(adapter=WsgiAdapter(Routes({} if egg is None else {EGG: (200, egg)})))


def prepared(answer: Any = None, **changed: Any) -> models.NewServer:
    new = call(world(answer).application, "servers.prepare", **changed)
    assert isinstance(new, models.NewServer)
    return new


def with_variables(**changed: Any) -> Any:
    variables = listed(made.variable(), made.variable("VERSION", "latest"), made.variable("TOKEN", ""))
    return made.related(made.egg(**changed), variables=variables)


def test_all_that_is_not_given_is_the_eggs() -> None:
    assert prepared(with_variables()) == models.NewServer(
        name="Lobby", user=7, egg=5, docker_image="img:21", startup="java -jar {{JAR}}",
        environment={"JAR": "server.jar", "VERSION": "latest", "TOKEN": ""}, limits=PREPARED["limits"],
        feature_limits=models.FeatureLimits(databases=0, allocations=0, backups=0),
        place=models.OnAllocations(42), external_id="order-12",
        description="", skip_scripts=False, start_on_completion=False,
    )  # fmt: skip


def test_all_that_is_given_is_kept() -> None:
    given = {
        "startup": "./run", "docker_image": "my/image:1", "description": "d", "skip_scripts": True,
        "start_on_completion": True, "feature_limits": models.FeatureLimits(databases=None, allocations=1, backups=2),
    }  # fmt: skip
    new = prepared(with_variables(), **given)
    assert {name: getattr(new, name) for name in given} == given


def test_some_variables_may_be_given() -> None:
    new = prepared(with_variables(), environment={"VERSION": "1.20"})
    assert new.environment == {"JAR": "server.jar", "VERSION": "1.20", "TOKEN": ""}


@pytest.mark.parametrize("given", [{"OTHER": "y"}, {"version": "x"}, {"VERSION": "1.20", "": "x"}])
@pytest.mark.parametrize("nest", [1, None])
def test_a_variable_that_the_egg_does_not_have_is_an_error(given: dict[str, str], nest: int | None) -> None:
    nests = made.paged(made.related(made.nest(), eggs=listed(with_variables())))
    app = Routes({EGG: (200, with_variables()), "GET /nests": (200, nests)})
    unknown = next(name for name in given if name != "VERSION")
    with pytest.raises(ValueError, match=f"no such variable: {unknown}$"):
        call(World(adapter=WsgiAdapter(app)).application, "servers.prepare", environment=given, nest=nest)


def test_its_error_tells_no_value() -> None:
    with pytest.raises(ValueError) as caught:
        prepared(with_variables(), environment={"OTHER": "hunter2", "MORE": "hunter2"})
    assert "MORE, OTHER" in repr(caught.value)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(
    ("images", "image"),
    [
        ({"Java 8": "a", "Java 21": "b", "Java 9": "c"}, "b"),
        ({"Java 21": "b", "Java 8": "a"}, "b"),
        ({"Only": "x"}, "x"),
        ({"node 18": "a", "node 18.2": "b"}, "b"),
        ({"²": "a", "³": "b"}, "b"),
        ({"": "x"}, "x"),
    ],
)
def test_of_several_images_it_is_the_one_with_the_highest_number(images: dict[str, str], image: str) -> None:
    assert prepared(with_variables(docker_images=images)).docker_image == image


@pytest.mark.parametrize(("wanted", "image"), [("Java 8", "img:8"), ("img:8", "img:8"), ("img:own", "img:own")])
def test_an_image_is_named_by_its_label_or_itself(wanted: str, image: str) -> None:
    assert prepared(with_variables(), docker_image=wanted).docker_image == image


@pytest.mark.parametrize("changed", [{"docker_images": []}, {"docker_images": {}}, {"startup": None}, {"startup": ""}])
def test_an_egg_without_image_or_command_needs_one_given(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give one"):
        prepared(with_variables(**changed))
    assert prepared(with_variables(**changed), docker_image="i", startup="s").docker_image == "i"


@pytest.mark.parametrize("answer", [made.egg(), made.related(made.egg(), variables=made.GONE)])
def test_an_egg_whose_variables_did_not_come_makes_no_empty_values(answer: Any) -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        prepared(answer)
    assert caught.value.path == "attributes.relationships.variables"
    assert caught.value.request == "GET /api/application/nests/1/eggs/5"


def test_an_egg_that_is_not_in_the_nest_is_not_found() -> None:
    app = Routes({EGG: error(404, "NotFoundHttpException")})
    with pytest.raises(errors.NotFound):
        call(World(adapter=WsgiAdapter(app)).application, "servers.prepare")


def test_what_is_prepared_can_be_made_as_it_is() -> None:
    app = Routes({EGG: (200, with_variables())})
    api = World(adapter=WsgiAdapter(app)).application
    api.servers.create(call(api, "servers.prepare"))
    assert app.sent[-1].body["allocation"] == {"default": 42, "additional": []}
    assert "deploy" not in app.sent[-1].body


def test_without_its_nest_an_egg_is_looked_for_in_all() -> None:
    nests = made.paged(made.related(made.nest(), eggs=listed(made.egg(id=4), with_variables())))
    there = World(adapter=WsgiAdapter(Routes({"GET /nests": (200, nests)})))
    assert call(there.application, "servers.prepare", nest=None) == prepared(with_variables())
    with pytest.raises(errors.NotFound):
        call(there.application, "servers.prepare", nest=None, egg=99)
    with pytest.raises(TypeError):
        call(there.application, "servers.prepare", image="i")


def test_its_nest_may_be_left_out() -> None:
    nests = made.paged(made.related(made.nest(), eggs=listed(with_variables())))
    app = Routes({"GET /nests": (200, nests)})
    arguments = {name: value for name, value in PREPARED.items() if name != "nest"}
    new = World(adapter=WsgiAdapter(app)).application.servers.prepare(**arguments)  # type: ignore[arg-type]
    assert new == prepared(with_variables())
    assert [one.path for one in app.sent] == ["/nests"]
