"""Startup variables and commands."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import EggVariable, Startup, UpdatedVariable


def read_variable(item: Reader) -> EggVariable:
    """An `egg_variable`."""
    attributes = item.attributes("egg_variable")
    return EggVariable(
        name=attributes.field("name").text(),
        description=attributes.field("description").text(),
        env_variable=attributes.field("env_variable").text(),
        default_value=attributes.field("default_value").text(),
        server_value=attributes.field("server_value").text_or_none(),
        is_editable=attributes.field("is_editable").flag(),
        rules=attributes.field("rules").text(),
    )


def read_startup(answer: Reader) -> Startup:
    """The list of variables with the `meta` that only its own route adds."""
    meta = answer.field("meta")
    return Startup(
        variables=answer.each(read_variable),
        startup_command=meta.field("startup_command").text(),
        raw_startup_command=meta.field("raw_startup_command").text(),
        docker_images={label: image.text() for label, image in meta.field("docker_images").fields()},
    )


def read_updated_variable(answer: Reader) -> UpdatedVariable:
    """An `egg_variable` with the commands of its `meta`."""
    meta = answer.field("meta")
    return UpdatedVariable(
        variable=read_variable(answer),
        startup_command=meta.field("startup_command").text(),
        raw_startup_command=meta.field("raw_startup_command").text(),
    )
