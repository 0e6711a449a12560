"""What a node reads from the panel about a server before each start (`GET /api/remote/servers/{uuid}`)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.demo.startup import startup_command
from portal.demo.world import Server


@dataclass(frozen=True)
class Configuration:
    """`done` is the text that shows a start is over; `stop` a command, or `^C` for a signal; sizes in MiB, `host_mib`
    all the memory that the node has.

    `is_suspended` None: no panel was asked.
    """

    uuid: str = ""
    app_name: str = "Pterodactyl"
    image: str = "example.org/image"
    startup: str = "./start"
    done: str = ""
    stop: str = "stop"
    address: str = "127.0.0.1:25565"
    memory_mib: int = 0
    host_mib: int = 0
    disk_mib: int = 0
    is_suspended: bool | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def stop_command(self) -> str | None:
        """None where a signal ends the game."""
        return None if not self.stop or self.stop.startswith("^") else self.stop


def configuration_of(server: Server, app_name: str) -> Configuration:
    return Configuration(
        uuid=server.uuid, app_name=app_name, image=server.image,
        startup=startup_command(server, hides_all_values=False), done=_done(server.egg.config_startup),
        stop=server.egg.config_stop,
        address=f"{server.allocation.ip}:{server.allocation.port}", memory_mib=server.limits.memory,
        host_mib=server.node.memory,
        disk_mib=server.limits.disk, is_suspended=server.is_suspended,
        environment={variable.env_variable: server.value_of(variable) for variable in server.egg.variables})


def _done(startup: dict[str, Any]) -> str:
    done = startup.get("done") or ""
    return str(done[0] if isinstance(done, list) else done)
