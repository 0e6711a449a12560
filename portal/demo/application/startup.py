"""`/servers/{server}/startup`: command, image, egg and the values of its variables (`StartupModificationService`)."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import item_response
from portal.demo.collation import same_number
from portal.demo.columns import whole_number
from portal.demo.context import Context
from portal.demo.errors import crashed
from portal.demo.people import refused_by_model
from portal.demo.routing import Route
from portal.demo.startup import row_of_value
from portal.demo.validation import Custom, exists, validate
from portal.demo.world import Egg, EggVariable, World

IMAGE = ["required", "string", "max:191", r"regex:/^[\w\.\/\-:@ ]*$/"]
_ENVIRONMENT = "environment"


def egg_rules(context: Context) -> list[str | Custom]:
    """Nothing says that it must be a number, so the database compares what was sent with its numbers."""
    def is_known(value: Any) -> bool:
        return all(_find(context.world, one) is not None for one in php.items(value))

    return ["required", exists(is_known)]


def find_egg(context: Context, value: Any) -> Egg:
    """The egg of a value that passed; a list finds several, and those have no nest."""
    if isinstance(value, (list, dict)):
        raise crashed("Exception")
    egg = _find(context.world, value)
    assert egg is not None
    return egg


def _find(world: World, value: Any) -> Egg | None:
    if isinstance(value, (list, dict)):
        return None
    return next((egg for egg in world.eggs if same_number(egg.id, php.to_string(value))), None)


def values_of(egg: Egg, asked: Any, environment: Any) -> list[tuple[EggVariable, Any]]:
    """All variables of the egg with what was sent for them, null where nothing was (`VariableValidatorService`).

    Hidden and read-only ones as well; what the egg does not know is left out.  `asked` is how the egg was named.
    """
    if isinstance(asked, str) and not php.is_numeric(asked):
        raise crashed("ErrorException")
    sent = environment if isinstance(environment, dict) else {}
    values = [(variable, sent.get(variable.env_variable)) for variable in egg.variables]
    names = {f"{_ENVIRONMENT}.{variable.env_variable}": f"{variable.name} variable" for variable in egg.variables}
    validate({_ENVIRONMENT: {variable.env_variable: value for variable, value in values}},
             {f"{_ENVIRONMENT}.{variable.env_variable}": variable.rules for variable in egg.variables}, names)
    return values


def change_startup(context: Context) -> Response:
    """An environment that is not empty writes every variable of the egg; the node is not told."""
    values, server = context.request.input, context.server
    validate(values, {
        "startup": "required|string",
        "environment": "present|array",
        "egg": egg_rules(context),
        "image": IMAGE,
        "skip_scripts": "present|boolean",
    })
    asked = values["egg"]
    if values["environment"]:
        _write_values(context, find_egg(context, asked), asked)
    details = {"startup": values["startup"], "skip_scripts": php.as_boolean(values["skip_scripts"]),
               "image": values["image"]}
    is_named = not isinstance(asked, (bool, list, dict)) and php.to_string(asked).isdecimal()
    egg = find_egg(context, asked) if is_named and server.egg.id != whole_number(asked) else server.egg
    if egg is not server.egg or any(getattr(server, column) != value for column, value in details.items()):
        server.updated_at = context.now
    for column, value in details.items():
        setattr(server, column, value)
    server.change_egg(egg)
    return item_response(context, "server", server)


def _write_values(context: Context, egg: Egg, asked: Any) -> None:
    """All or nothing; unlike when a server is made, the model refuses what is no text."""
    server = context.server
    values = values_of(egg, asked, context.request.input[_ENVIRONMENT])
    for variable, value in values:
        if not isinstance(value, str | None):
            raise refused_by_model("ServerVariable", row_of_value(context.world, server, egg, variable),
                                   {"variable_value": ["The variable value must be a string."]})
    server.values_for(egg).update({variable.env_variable: value or "" for variable, value in values})


ROUTES = (Route("PATCH", "/api/application/servers/{server}/startup", change_startup, requires="servers.write"),)
