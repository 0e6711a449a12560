"""The servers of the lively world as data; `lively.py` makes rows of them."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from portal.demo.permissions import PERMISSIONS
from portal.demo.world import FeatureLimits, Limits

State = Literal["running", "starting", "offline"]


@dataclass(frozen=True)
class ServerSeed:
    """`memory`, `disk` in MiB and `cpu` in percent as limits; `load` and `filled` are the share used of them.

    `extra_ports` are further allocations; `up_hours` is how long it has run.
    """

    name: str
    egg: str
    port: int
    state: State = "running"
    node: str = "fra-1"
    description: str = ""
    memory: int = 4096
    disk: int = 20480
    cpu: int = 200
    swap: int = 0
    load: float = 0.2
    filled: float = 0.3
    extra_ports: tuple[int, ...] = ()
    ip_alias: str | None = None
    features: tuple[int | None, int | None, int] = (2, 2, 3)
    up_hours: float = 20.0
    panel: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        return Limits(memory=self.memory, swap=self.swap, disk=self.disk, cpu=self.cpu)

    @property
    def feature_limits(self) -> FeatureLimits:
        return FeatureLimits(*self.features)


_HOSTILE_NAME = "<script>alert('name')</script> \u202eeman desrever \U0001f409"
_HOSTILE_TEXT = "\"><img src=x onerror=alert(1)> {{7*7}} '; DROP TABLE servers; -- \u200f\U0001f4a5"
_LONG_NAME = ("The Extraordinarily Long-Winded Official Community Survival Server of the Northern Lowlands Builders "
              "Guild, Season Seventeen: Return of the Creepers, With Mods")
_S = ServerSeed

# What keeps a server from its next start, in the words by which a client knows what would help.
_NEEDS_NEWER_JAVA = {
    "complaint": "java.lang.UnsupportedClassVersionError: cpw/mods/bootstraplauncher/BootstrapLauncher has been "
                 "compiled by a more recent version of the Java Runtime (class file version 61.0), this version "
                 "of the Java Runtime only recognizes class file versions up to 52.0",
    "cured_by": ("image", r"java_(17|21)$"),
}
_NEEDS_STEAM_TOKEN = {
    "complaint": "Could not establish connection to Steam servers.  (GSL Token expired)",
    "cured_by": ("STEAM_ACC", r"^[0-9A-Za-z]{32}$"),
}
_NO_THREADS = ("java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource "
               "limits reached")

OWNER_SERVERS: tuple[ServerSeed, ...] = (
    _S("Survival SMP", "Paper", 25565, description="Vanilla-like survival, resets every spring", memory=8192, cpu=400,
       load=0.34, extra_ports=(8123, 19132), ip_alias="play.example.com", features=(3, 4, 5), up_hours=163),
    _S("Creative Plots", "Paper", 25566, description="One plot each, no griefing", load=0.1, up_hours=70,
       panel={"files": {"/eula.txt": b"eula=false\n"}}),
    _S("Skyblock", "Paper", 25567, memory=6144, load=0.45, filled=0.62, up_hours=12),
    _S("Lobby", "Paper", 25568, memory=1024, cpu=100, disk=2048, load=0.05, features=(0, 0, 1)),
    _S("Proxy", "Velocity", 25570, description="Everything comes in here", memory=512, cpu=50, disk=1024, load=0.08,
       ip_alias="mc.example.com", features=(0, 1, 1), up_hours=700),
    _S("All the Mods 9", "Forge Minecraft", 25571, memory=12288, cpu=600, disk=40960, load=0.55, filled=0.7,
       up_hours=33),
    _S("Pixelmon", "Forge Minecraft", 25572, memory=8192, load=0.28, up_hours=5),
    _S("Create: Above and Beyond", "Forge Minecraft", 25573, "offline", memory=8192, filled=0.44,
       panel={"image": "ghcr.io/pterodactyl/yolks:java_8"}, profile=_NEEDS_NEWER_JAVA),
    _S("Bedrock Friends", "Paper", 19133, memory=2048, load=0.12, extra_ports=(19134,)),
    _S("Hardcore Week 42", "Paper", 25574, "offline", description="Starts on Friday at eight", filled=0.02),
    _S("Viking Fjord", "Valheim", 2456, memory=6144, load=0.3, extra_ports=(2457, 2458), up_hours=48),
    _S("Valheim Test", "Valheim", 2466, "offline", memory=4096, extra_ports=(2467, 2468)),
    _S("Rust Weekly", "Rust", 28015, description="2x, wiped every Thursday", memory=16384, cpu=800, disk=61440,
       load=0.6, filled=0.55, extra_ports=(28016, 28017), up_hours=90),
    _S("Rust Build Server", "Rust", 28025, memory=8192, cpu=0, load=0.2, extra_ports=(28026,),
       profile={"complaint": "Error! App '258550' state is 0x202 after update job."}),
    _S("Dust2 24/7", "Counter-Strike 2", 27015, memory=2048, load=0.25, disk=51200, filled=0.72, extra_ports=(27020,),
       profile=_NEEDS_STEAM_TOKEN),
    _S("CS2 Scrims", "Counter-Strike 2", 27016, memory=2048, load=0.4, disk=51200, filled=0.7, up_hours=2,
       node="fra-2"),
    _S("Retakes", "Counter-Strike 2", 27017, "offline", memory=2048, disk=51200, filled=0.69),
    _S("Terraria Journey", "Terraria", 7777, memory=1024, cpu=100, disk=2048, load=0.1, filled=0.08, up_hours=9),
    _S("Terraria Master Mode", "Terraria", 7778, memory=1024, cpu=100, disk=2048, load=0.15, node="nyc-1"),
    _S("The Factory", "Factorio", 34197, description="Megabase, 3k SPM", memory=4096, load=0.5, disk=0, up_hours=400),
    _S("Factorio Space Age", "Factorio", 34198, memory=0, cpu=0, disk=0, load=0.3, features=(None, None, 0)),
    _S("TeamSpeak", "Teamspeak3 Server", 9987, memory=256, cpu=25, disk=512, load=0.03, filled=0.2,
       extra_ports=(10011, 30033), ip_alias="ts.example.com", features=(0, 3, 2), up_hours=2100),
    _S("Nearly Full", "Paper", 25580, description="Look at the disk", memory=2048, disk=4096, load=0.75, filled=0.97),
    _S("Crashy", "Forge Minecraft", 25581, "offline", description="Too many mods",
       profile={"crash_after_seconds": 3.0, "complaint": _NO_THREADS}),
    _S("Stubborn", "Paper", 25582, description="Never stops by itself",
       profile={"stop_seconds": float("inf")}, up_hours=3),
    _S("Slow Starter", "Forge Minecraft", 25583, "starting", description="Never quite gets there", memory=12288,
       profile={"start_seconds": float("inf")}),
    _S("New Adventure", "Paper", 25584, "offline", description="Ordered a minute ago", filled=0,
       panel={"status": "installing"}),
    _S("Broken Pack", "Forge Minecraft", 25585, "offline", filled=0, panel={"status": "install_failed"}),
    _S("Half Reinstalled", "Paper", 25586, "offline", panel={"status": "reinstall_failed"}),
    _S("Unpaid", "Rust", 28035, "offline", description="The invoice is open", panel={"status": "suspended"}),
    _S("Yesterday's World", "Paper", 25587, "offline", panel={"status": "restoring_backup"}),
    _S("On the Move", "Valheim", 2476, "offline", panel={"is_transferring": True}),
    _S(_LONG_NAME, "Paper", 25588, memory=3072, cpu=0, swap=-1, extra_ports=(25589,)),
    _S(_HOSTILE_NAME, "Terraria", 7779, description=_HOSTILE_TEXT, memory=1024, disk=2048),
)

SOLO_SERVERS: tuple[ServerSeed, ...] = (
    _S("Solo Survival", "Paper", 25590, description="Just me", memory=2048, load=0.18, features=(1, 1, 2), up_hours=30),
)
OTHER_SERVERS: tuple[ServerSeed, ...] = (
    _S("Harbour Town", "Paper", 25591, memory=4096, load=0.22, up_hours=55),
    _S("Night Shift", "Valheim", 2486, "offline", extra_ports=(2487, 2488)),
)

_ALL_BUT_USERS = [f"{group}.{key}" for group, about in PERMISSIONS.items() if group != "user" for key in about["keys"]]

# What the subuser may do on which of the owner's servers.
SHARES: dict[str, list[str]] = {
    "Survival SMP": ["websocket.connect"],
    "Hardcore Week 42": ["websocket.connect", "control.console", "control.start"],
    "Viking Fjord": _ALL_BUT_USERS,
    "The Factory": ["file.read", "activity.read", "websocket.connect"],
}
