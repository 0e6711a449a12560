"""The eggs that a fresh panel has, in the order of their ids: all of Minecraft, one for each of the other nests."""
from __future__ import annotations

from dataclasses import replace

from portal.demo.seed_data import EGGS, NEST_AUTHOR, EggSeed, VariableSeed

_PAPER = EGGS["Paper"]
_JARFILE = next(variable for variable in _PAPER.variables if variable.env_variable == "SERVER_JARFILE")
_JAVA = "java -Xms128M -XX:MaxRAMPercentage=95.0"


def _minecraft(name: str, description: str, *variables: VariableSeed, startup: str | None = None) -> EggSeed:
    return replace(_PAPER, name=name, description=description, author=NEST_AUTHOR, variables=variables,
                   startup=startup or f"{_JAVA} -jar {{{{SERVER_JARFILE}}}}")


STOCK: tuple[EggSeed, ...] = (
    replace(
        _minecraft(
            "Bungeecord", "A proxy that joins several Minecraft servers into one network.",
            VariableSeed("Bungeecord Version", "BUNGEE_VERSION", "latest", "required|alpha_num|between:1,6"),
            replace(_JARFILE, name="Bungeecord Jar File", default_value="bungeecord.jar")),
        done="Listening on ", stop="end",
        config_files={"config.yml": {"parser": "yaml", "find": {
            "listeners[0].query_port": "{{server.build.default.port}}",
            "listeners[0].host": "0.0.0.0:{{server.build.default.port}}",
            "servers.*.address": {r"regex:^(127\.0\.0\.1|localhost)(:\d{1,5})?$": "{{config.docker.interface}}$2"}}}}),
    replace(
        _minecraft(
            "Forge Minecraft", "Minecraft with the mods of Forge.", _JARFILE,
            VariableSeed("Minecraft Version", "MC_VERSION", "latest", "required|string|max:9"),
            VariableSeed("Build Type", "BUILD_TYPE", "recommended", "required|string|in:recommended,latest"),
            VariableSeed("Forge Version", "FORGE_VERSION", "", r"nullable|regex:/^[0-9\.\-]+$/"),
            startup=f"{_JAVA} -Dterminal.jline=false -Dterminal.ansi=true $( [[  ! -f unix_args.txt ]] && printf %s "
                    '"-jar {{SERVER_JARFILE}}" || printf %s "@unix_args.txt" )'),
        script_container="openjdk:8-jdk-slim", script_entry="bash"),
    replace(
        _minecraft(
            "Sponge (SpongeVanilla)", "Vanilla Minecraft with the plugins of Sponge.",
            VariableSeed("Sponge Version", "SPONGE_VERSION", "1.12.2-7.3.0",
                         r"required|regex:/^([a-zA-Z0-9.\-_]+)$/"),
            _JARFILE),
        docker_images={name: image for name, image in _PAPER.docker_images.items() if name != "Java 17"}),
    _minecraft(
        "Vanilla Minecraft", "Minecraft as its makers publish it.", _JARFILE,
        VariableSeed("Server Version", "VANILLA_VERSION", "latest", "required|string|between:3,15")),
    _PAPER,
    EggSeed(
        "Custom Source Engine Game", "Source Engine",
        "./srcds_run -game {{SRCDS_GAME}} -console -port {{SERVER_PORT}} +map {{SRCDS_MAP}} +ip 0.0.0.0",
        {"Source": "ghcr.io/pterodactyl/games:source"},
        (
            VariableSeed("Game ID", "SRCDS_APPID", "", "required|numeric|digits_between:1,6", user_editable=False),
            VariableSeed("Game Name", "SRCDS_GAME", "", "required|alpha_dash|between:1,100", user_editable=False),
            VariableSeed("Map", "SRCDS_MAP", "", "required|string|alpha_dash"),
        ),
        "Any game of that engine.", author=NEST_AUTHOR, done="gameserver Steam ID", stop="quit",
    ),
    EGGS["Teamspeak3 Server"],
    EGGS["Rust"],
)
