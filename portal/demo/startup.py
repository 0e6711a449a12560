"""The startup command as shown to somebody (`StartupCommandService`)."""
from __future__ import annotations

from portal.demo.world import Egg, EggVariable, Server, World


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


def row_of_value(world: World, server: Server, egg: Egg, variable: EggVariable) -> int | None:
    """Rows of values are numbered server by server, in the order of the egg's variables; None: there is none yet."""
    if variable.env_variable not in server.values_for(egg):
        return None
    earlier = sum(len(other.egg.variables) for other in world.servers if other.id < server.id)
    return earlier + egg.variables.index(variable) + 1
