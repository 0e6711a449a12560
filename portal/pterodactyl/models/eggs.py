"""Nests, eggs and their variables as the host sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.pterodactyl.models.application import AppServer


@dataclass(frozen=True, slots=True)
class AppNest:
    """A group of eggs; `author` is an address."""

    id: int
    uuid: str
    author: str
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime
    eggs: tuple[AppEgg, ...] | None = None
    servers: tuple[AppServer, ...] | None = None


@dataclass(frozen=True, slots=True)
class AppEggVariable:
    """A variable of an egg. `rules` are the panel's, parted by `|`."""

    id: int
    egg_id: int
    name: str
    description: str
    env_variable: str
    default_value: str
    user_viewable: bool
    user_editable: bool
    rules: str


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A variable with what one server has for it; `server_value` None: nothing stored, the default applies."""

    variable: AppEggVariable
    server_value: str | None = field(repr=False)

    @property
    def value(self) -> str:
        """What the server runs with."""
        return self.variable.default_value if self.server_value is None else self.server_value


@dataclass(frozen=True, slots=True)
class EggConfig:
    """What Wings is told of an egg's servers. `files` are rules for the game's own files; `extends` is an egg."""

    files: Mapping[str, Any]
    startup: Mapping[str, Any] | None
    stop: str | None
    logs: Mapping[str, Any]
    file_denylist: tuple[str, ...]
    extends: int | None


@dataclass(frozen=True, slots=True)
class EggScript:
    """How a server is installed: `install` runs by `entry` in an image `container`."""

    privileged: bool
    install: str | None = field(repr=False)
    entry: str
    container: str
    extends: int | None


@dataclass(frozen=True, slots=True)
class AppEgg:
    """A kind of server. `docker_images` leads from the label to the image.

    `included_config` and `included_script` are what it has with all that it takes from another egg (without `extends`
    and deny list), None for one that takes nothing.

    `docker_image` is the first of them in an order that depends on the panel's database: do not build on it.
    """

    id: int
    uuid: str
    name: str
    nest: int
    author: str
    description: str | None
    docker_image: str
    docker_images: Mapping[str, str]
    config: EggConfig
    startup: str | None
    script: EggScript
    created_at: datetime
    updated_at: datetime
    variables: tuple[AppEggVariable, ...] | None = None
    servers: tuple[AppServer, ...] | None = None
    included_nest: AppNest | None = None
    included_config: EggConfig | None = None
    included_script: EggScript | None = None
