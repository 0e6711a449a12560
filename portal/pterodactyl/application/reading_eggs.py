"""From the application API's answers to dataclasses: nests, eggs and their variables.

Shapes: `app/Transformers/Api/Application` (panel 1.11). How a server is read comes from `reading`, which reads these as
parts of a server.
"""

from __future__ import annotations

from collections.abc import Callable

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import (
    AppEgg,
    AppEggVariable,
    AppNest,
    AppServer,
    EggConfig,
    EggScript,
    ServerVariable,
)

ReadServer = Callable[[Reader], AppServer]


def read_nest(item: Reader, read_server: ReadServer) -> AppNest:
    """A `nest`."""
    attributes = item.attributes("nest")
    eggs, servers = attributes.included("eggs"), attributes.included("servers")
    return AppNest(
        id=attributes.field("id").integer(),
        uuid=attributes.field("uuid").text(),
        author=attributes.field("author").text(),
        name=attributes.field("name").text(),
        description=attributes.field("description").text_or_none(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        eggs=eggs.each(lambda one: read_egg(one, read_server)) if eggs else None,
        servers=servers.each(read_server) if servers else None,
    )


def read_egg(item: Reader, read_server: ReadServer) -> AppEgg:
    """An `egg`."""
    attributes = item.attributes("egg")
    variables, servers = attributes.included("variables"), attributes.included("servers")
    nest = attributes.included("nest")
    config, script = attributes.included("config"), attributes.included("script")
    return AppEgg(
        id=attributes.field("id").integer(),
        uuid=attributes.field("uuid").text(),
        name=attributes.field("name").text(),
        nest=attributes.field("nest").integer(),
        author=attributes.field("author").text(),
        description=attributes.field("description").text_or_none(),
        docker_image=attributes.field("docker_image").text(),
        docker_images={label: image.text() for label, image in attributes.field("docker_images").fields()},
        config=_read_config(attributes.field("config")),
        startup=attributes.field("startup").text_or_none(),
        script=_read_script(attributes.field("script")),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        variables=variables.each(read_egg_variable) if variables else None,
        servers=servers.each(read_server) if servers else None,
        included_nest=read_nest(nest, read_server) if nest else None,
        included_config=_read_config(config.attributes(""), inherited=True) if config else None,
        included_script=_read_script(script.attributes(""), inherited=True) if script else None,
    )


def _read_config(config: Reader, *, inherited: bool = False) -> EggConfig:
    startup, logs = config.field("startup"), config.field("logs")
    return EggConfig(
        files=config.field("files").php_mapping(),
        startup=None if startup.value is None else startup.php_mapping(),
        stop=config.field("stop").text_or_none(),
        logs={} if logs.value is None else logs.php_mapping(),
        file_denylist=() if inherited else config.field("file_denylist").words_or_none(),
        extends=None if inherited else config.field("extends").integer_or_none(),
    )


def _read_script(script: Reader, *, inherited: bool = False) -> EggScript:
    return EggScript(
        privileged=script.field("privileged").flag(),
        install=script.field("install").text_or_none(),
        entry=script.field("entry").text(),
        container=script.field("container").text(),
        extends=None if inherited else script.field("extends").integer_or_none(),
    )


def read_egg_variable(item: Reader) -> AppEggVariable:
    """An `egg_variable`."""
    return _read_variable(item.attributes("egg_variable"))


def read_server_variable(item: Reader) -> ServerVariable:
    """A `server_variable`: the egg's, and what the server has for it."""
    attributes = item.attributes("server_variable")
    return ServerVariable(_read_variable(attributes), attributes.field("server_value").text_or_none())


def _read_variable(attributes: Reader) -> AppEggVariable:
    return AppEggVariable(
        id=attributes.field("id").integer(),
        egg_id=attributes.field("egg_id").integer(),
        name=attributes.field("name").text(),
        description=attributes.field("description").text(),
        env_variable=attributes.field("env_variable").text(),
        default_value=attributes.field("default_value").text(),
        user_viewable=attributes.field("user_viewable").flag(),
        user_editable=attributes.field("user_editable").flag(),
        rules=attributes.field("rules").text(),
    )
