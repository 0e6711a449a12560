"""`/servers/{server}/settings`: name, image, and installing it again."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.context import Context
from portal.demo.errors import bad_request
from portal.demo.http import json_response, no_content
from portal.demo.orders import reinstall
from portal.demo.routing import Route
from portal.demo.validation import Custom, validate

_IMAGE = r"regex:/^[\w#\.\/\- ]*\|*[\w\.\/\-:@ ]*$/"


def rename_server(context: Context) -> Response:
    """A description that is absent stays, null clears it."""
    values, server = context.request.input, context.server
    validate(values, {"name": "required|string|min:1|max:191", "description": "string|nullable"})
    name = values["name"]
    description = php.to_string(values["description"]) if "description" in values else server.description
    old_name, old_description = server.name, server.description
    server.name, server.description = name, description
    if (old_name, old_description) != (name, description):
        server.updated_at = context.now
    if old_name != name:
        context.log("server:settings.rename", server, old=old_name, new=name)
    if old_description != description:
        context.log("server:settings.description", server, old=old_description, new=description)
    return no_content()


def reinstall_server(context: Context) -> Response:
    reinstall(context, context.server)
    context.log("server:reinstall", context.server)
    return json_response([], 202)


def set_docker_image(context: Context) -> Response:
    """One of the egg's images, unless an administrator has chosen another."""
    values, server = context.request.input, context.server
    images = list(server.egg.docker_images.values())
    validate(values, {"docker_image": [
        "required", "string", "max:191", _IMAGE,
        Custom("in", lambda image: not isinstance(image, (list, dict)) and php.to_string(image) in images,
               "The selected :attribute is invalid."),
    ]})
    if server.image not in images:
        raise bad_request("This server's Docker image has been manually set by an administrator and cannot be updated.")
    before, server.image = server.image, values["docker_image"]
    if before != server.image:
        server.updated_at = context.now
        context.log("server:startup.image", server, old=before, new=server.image)
    return no_content()


_SETTINGS = "/api/client/servers/{server}/settings"
ROUTES = (
    Route("POST", f"{_SETTINGS}/rename", rename_server, requires="settings.rename"),
    Route("POST", f"{_SETTINGS}/reinstall", reinstall_server, requires="settings.reinstall"),
    Route("PUT", f"{_SETTINGS}/docker-image", set_docker_image, requires="startup.docker-image"),
)
