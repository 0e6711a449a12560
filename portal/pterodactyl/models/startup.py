"""How a server is started: its variables, its command, its images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EggVariable:
    """A startup variable; `server_value` None: nothing stored, `default_value` applies."""

    name: str
    description: str
    env_variable: str
    default_value: str
    server_value: str | None = field(repr=False)
    is_editable: bool
    rules: str


@dataclass(frozen=True, slots=True)
class Startup:
    """The variables that a client may see, the command with and without their values, and the images to choose from.

    `startup_command` is filled in, hidden values are `[hidden]`; `raw_startup_command` has `{{NAMES}}`.
    `docker_images` leads from the label to the image.
    """

    variables: tuple[EggVariable, ...]
    startup_command: str = field(repr=False)
    raw_startup_command: str
    docker_images: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UpdatedVariable:
    """A variable as it is after a change, and the command that it makes.

    `server_value` repeats what was sent: None where "" is stored now.
    """

    variable: EggVariable
    startup_command: str = field(repr=False)
    raw_startup_command: str
