"""Nests and eggs that the worlds are made of; Paper is the panel's own, the others are cut to what shows."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VariableSeed:
    name: str
    env_variable: str
    default_value: str
    rules: str
    description: str = ""
    user_viewable: bool = True
    user_editable: bool = True


@dataclass(frozen=True)
class EggSeed:
    name: str
    nest: str
    startup: str
    docker_images: dict[str, str]
    variables: tuple[VariableSeed, ...]
    description: str = ""
    author: str = "parker@pterodactyl.io"
    features: tuple[str, ...] | None = None
    done: str = ""
    stop: str = "stop"
    config_files: dict[str, object] | None = None
    script_container: str = "ghcr.io/pterodactyl/installers:alpine"
    script_entry: str = "ash"


NEST_AUTHOR = "support@pterodactyl.io"
NESTS = {
    "Minecraft": "Minecraft - the classic game from Mojang. With support for Vanilla MC, Spigot, and many others!",
    "Source Engine": "Includes support for most Source Dedicated Server games.",
    "Voice Servers": "Voice servers such as Mumble and Teamspeak 3.",
    "Rust": "Rust - A game where you must fight to survive.",
    "Survival": "Games that are played for months by the same few people.",
}

_YOLKS = "ghcr.io/pterodactyl/yolks"
_JAVA = {f"Java {version}": f"{_YOLKS}:java_{version}" for version in (21, 17, 16, 11, 8)}
_LATEST = "Leave at latest to always get the latest version. Invalid versions will default to latest."
_JARFILE = VariableSeed("Server Jar File", "SERVER_JARFILE", "server.jar", r"required|regex:/^([\w\d._-]+)(\.jar)$/",
                        "The name of the server jarfile to run the server with.")
_STEAM = {"Default": "ghcr.io/pterodactyl/games:source"}

EGGS = {egg.name: egg for egg in (
    EggSeed(
        "Paper", "Minecraft",
        "java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar {{SERVER_JARFILE}}",
        _JAVA,
        (
            VariableSeed("Minecraft Version", "MINECRAFT_VERSION", "latest", "nullable|string|max:20",
                         f"The version of minecraft to download. \r\n\r\n{_LATEST}"),
            _JARFILE,
            VariableSeed("Download Path", "DL_PATH", "", "nullable|string",
                         "A URL to use to download a server.jar rather than the ones in the install script. This is "
                         "not user viewable.", user_viewable=False, user_editable=False),
            VariableSeed("Build Number", "BUILD_NUMBER", "latest", "required|string|max:20",
                         f"The build number for the paper release.\r\n\r\n{_LATEST}"),
        ),
        "High performance Spigot fork that aims to fix gameplay and mechanics inconsistencies.",
        features=("eula", "java_version", "pid_limit"),
        done=")! For help, type ",
        config_files={"server.properties": {"parser": "properties", "find": {
            "server-ip": "0.0.0.0",  # noqa: S104 - a setting of the game, nothing listens here
            "server-port": "{{server.build.default.port}}",
            "query.port": "{{server.build.default.port}}"}}},
    ),
    EggSeed(
        "Forge Minecraft", "Minecraft", "java -Xms128M -XX:MaxRAMPercentage=95.0 @unix_args.txt", _JAVA,
        (
            VariableSeed("Minecraft Version", "MC_VERSION", "latest", "required|string|max:9"),
            VariableSeed("Forge Version", "FORGE_VERSION", "", "nullable|regex:/^[0-9\\.\\-]+$/"),
        ),
        "Minecraft Forge Server.", features=("eula", "java_version", "pid_limit"), done=")! For help, type ",
    ),
    EggSeed(
        "Velocity", "Minecraft", "java -Xms128M -XX:MaxRAMPercentage=95.0 -jar {{SERVER_JARFILE}}", _JAVA,
        (
            VariableSeed("Version", "VELOCITY_VERSION", "latest", "required|string|between:3,14"),
            VariableSeed("Server Jar File", "SERVER_JARFILE", "velocity.jar", _JARFILE.rules, _JARFILE.description),
        ),
        "Velocity is a Minecraft server proxy with unparalleled server support.", done="Done (", stop="end",
    ),
    EggSeed(
        "Valheim", "Survival",
        './valheim_server.x86_64 -name "{{SERVER_NAME}}" -port {{SERVER_PORT}} -world "{{WORLD}}" '
        '-password "{{PASSWORD}}"',
        {"Debian": f"{_YOLKS}:debian"},
        (
            VariableSeed("Server Name", "SERVER_NAME", "My Server", "required|string|min:1|max:60"),
            VariableSeed("World Name", "WORLD", "Dedicated", "required|string|alpha_dash|between:1,20"),
            VariableSeed("Server Password", "PASSWORD", "secret", "required|string|min:5|max:20",
                         user_viewable=False, user_editable=False),
        ),
        "Explore and survive in a purgatory inspired by viking culture.", done="Game server connected", stop="^C",
    ),
    EggSeed(
        "Rust", "Rust",
        './RustDedicated -batchmode +server.port {{SERVER_PORT}} +server.hostname "{{HOSTNAME}}" '
        "+rcon.port {{RCON_PORT}} +server.maxplayers {{MAX_PLAYERS}}",
        {"Rust": "ghcr.io/pterodactyl/games:rust"},
        (
            VariableSeed("Server Name", "HOSTNAME", "A Rust Server", "required|string|max:60"),
            VariableSeed("Max Players", "MAX_PLAYERS", "40", "required|integer"),
            VariableSeed("RCON Port", "RCON_PORT", "28016", "required|integer", user_editable=False),
        ),
        "The only aim in Rust is to survive.", features=("steam_disk_space",), done="Server startup complete",
        stop="quit",
    ),
    EggSeed(
        "Counter-Strike 2", "Source Engine",
        "./game/cs2.sh -dedicated +ip {{SERVER_IP}} -port {{SERVER_PORT}} +map {{SRCDS_MAP}} -maxplayers "
        "{{SRCDS_MAXPLAYERS}}",
        _STEAM,
        (
            VariableSeed("Map", "SRCDS_MAP", "de_dust2", "required|string|alpha_dash"),
            VariableSeed("Max Players", "SRCDS_MAXPLAYERS", "12", "required|integer|between:1,64"),
            VariableSeed("Steam Account Token", "STEAM_ACC", "", "nullable|string|alpha_num|size:32",
                         "The token of a game server account, without which Steam does not list the server."),
        ),
        "Counter-Strike 2 dedicated server.", features=("gsl_token", "steam_disk_space"), done="Connection to Steam",
        stop="quit",
    ),
    EggSeed(
        "Terraria", "Survival", "./TerrariaServer.bin.x86_64 -port {{SERVER_PORT}} -maxplayers {{MAX_PLAYERS}}",
        {"Mono": f"{_YOLKS}:mono_latest"},
        (VariableSeed("Max Players", "MAX_PLAYERS", "8", "required|integer|between:1,255"),),
        "A land of adventure.", done="Type 'help' for a list of commands", stop="exit",
    ),
    EggSeed(
        "Factorio", "Survival", "./bin/x64/factorio --port {{SERVER_PORT}} --start-server saves/{{SAVE_NAME}}.zip",
        {"Debian": f"{_YOLKS}:debian"},
        (VariableSeed("Save Name", "SAVE_NAME", "gamesave", "required|string|between:1,20"),),
        "The factory must grow.", done="Hosting game at", stop="^C",
    ),
    EggSeed(
        "Teamspeak3 Server", "Voice Servers", "./ts3server default_voice_port={{SERVER_PORT}} license_accepted=1",
        {"Debian": f"{_YOLKS}:debian"},
        (VariableSeed("Server Version", "TS_VERSION", "latest", "required|string|max:6"),),
        "VoIP software designed with security in mind.", done="listening on", stop="^C",
    ),
)}
