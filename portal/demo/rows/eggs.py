"""Nests, eggs and their variables."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Nest:
    id: int
    uuid: str
    name: str
    author: str
    description: str | None
    created_at: float
    updated_at: float


@dataclass(eq=False)
class EggVariable:
    id: int
    name: str
    description: str
    env_variable: str
    default_value: str
    rules: str
    user_viewable: bool
    user_editable: bool


@dataclass(eq=False)
class Egg:
    """`config_from` and `copy_script_from` are eggs that what is missing here comes from."""

    id: int
    uuid: str
    nest: Nest
    name: str
    author: str
    description: str | None
    startup: str
    docker_images: dict[str, str]
    created_at: float
    updated_at: float
    features: list[str] | None = None
    file_denylist: list[str] = field(default_factory=list)
    config_files: dict[str, Any] | None = field(default_factory=dict)
    config_startup: dict[str, Any] = field(default_factory=dict)
    config_stop: str = "stop"
    script_install: str = "#!/bin/ash\n# (left out)\n"
    script_container: str = "ghcr.io/pterodactyl/installers:alpine"
    script_entry: str = "ash"
    config_logs: dict[str, Any] = field(default_factory=dict)
    variables: list[EggVariable] = field(default_factory=list)
    config_from: Egg | None = None
    copy_script_from: Egg | None = None
