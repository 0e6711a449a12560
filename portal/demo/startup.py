"""The startup command as shown to somebody (`StartupCommandService`)."""
from __future__ import annotations

from portal.demo.world import Server


def startup_command(server: Server, *, hides_all_values: bool) -> str:
    """Values of variables that are not viewable, or all of them, are replaced by `[hidden]`."""
    values = {
        "SERVER_MEMORY": str(server.limits.memory),
        "SERVER_IP": server.allocation.ip,
        "SERVER_PORT": str(server.allocation.port),
    }
    for variable in server.egg.variables:
        is_shown = variable.user_viewable and not hides_all_values
        values[variable.env_variable] = server.value_of(variable) if is_shown else "[hidden]"
    command = server.startup
    for name, value in values.items():
        command = command.replace(f"{{{{{name}}}}}", value)
    return command
