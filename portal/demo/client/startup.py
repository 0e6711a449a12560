"""`/servers/{server}/startup`: the variables of the startup command."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.envelopes import JSON, listing
from portal.demo.errors import bad_request, crashed
from portal.demo.http import json_response
from portal.demo.people import refused_by_model
from portal.demo.routing import Route
from portal.demo.startup import row_of_value, startup_command
from portal.demo.transformers.client import variable_object
from portal.demo.validation import validate
from portal.demo.world import EggVariable, Server


def view_startup(context: Context) -> Response:
    server = context.server
    shown = [variable_object(variable, server) for variable in server.egg.variables if variable.user_viewable]
    return json_response({**listing(shown), "meta": {
        "startup_command": startup_command(server, hides_all_values=False),
        "docker_images": dict(server.egg.docker_images) or [],
        "raw_startup_command": server.startup,
    }})


def set_variable(context: Context) -> Response:
    """The answer has the value as it was sent, null too; what is stored then is an empty text."""
    values, server = context.request.input, context.server
    validate(values, {"key": "required|string", "value": "present"})
    variable = _editable_variable(server, values["key"])
    validate(values, {"value": variable.rules})
    value = values["value"]
    if not isinstance(value, str | None):
        raise refused_by_model("ServerVariable", row_of_value(context.world, server, server.egg, variable),
                               {"variable_value": ["The variable value must be a string."]})
    before = server.server_values.get(variable.env_variable)
    server.server_values[variable.env_variable] = value or ""
    shown: JSON = variable_object(variable, server)
    shown["attributes"]["server_value"] = value
    if value != variable.env_variable:  # the panel compares with the name, not with the value before
        context.log("server:startup.edit", server, variable, variable=variable.env_variable, old=before, new=value)
    return json_response({**shown, "meta": {
        "startup_command": startup_command(server, hides_all_values=False),
        "raw_startup_command": server.startup,
    }})


def _editable_variable(server: Server, key: str) -> EggVariable:
    """A key that no variable has breaks the panel; only a hidden one does not exist in its words."""
    variable = next((variable for variable in server.egg.variables if same_text(variable.env_variable, key)), None)
    if variable is None:
        raise crashed("ErrorException")
    if not variable.user_viewable:
        raise bad_request("The environment variable you are trying to edit does not exist.")
    if not variable.user_editable:
        raise bad_request("The environment variable you are trying to edit is read-only.")
    return variable


ROUTES = (
    Route("GET", "/api/client/servers/{server}/startup", view_startup, requires="startup.read"),
    Route("PUT", "/api/client/servers/{server}/startup/variable", set_variable, requires="startup.update"),
)
