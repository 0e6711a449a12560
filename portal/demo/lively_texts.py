"""The texts in the files of the lively world."""
from __future__ import annotations

SERVER_PROPERTIES = """\
#Minecraft server properties
#Sat Aug 02 18:23:11 UTC 2025
allow-flight=false
allow-nether=true
difficulty=normal
enable-command-block=false
enforce-secure-profile=true
enforce-whitelist=false
gamemode=survival
generate-structures=true
hardcore=false
level-name=world
level-seed=8675309
max-players=20
max-world-size=29999984
motd=\\u00a7aSurvival SMP\\u00a7r - since 2024
network-compression-threshold=256
online-mode=true
op-permission-level=4
player-idle-timeout=0
pvp=true
query.port=25565
rate-limit=0
server-ip=
server-port=25565
simulation-distance=8
spawn-protection=16
view-distance=10
white-list=true
"""

BUKKIT = """\
# This is the main configuration file for Bukkit.
settings:
  allow-end: true
  warn-on-overload: true
  connection-throttle: 4000
  shutdown-message: Server closed
spawn-limits:
  monsters: 70
  animals: 10
  water-animals: 5
  ambient: 15
chunk-gc:
  period-in-ticks: 600
ticks-per:
  animal-spawns: 400
  monster-spawns: 1
  autosave: 6000
aliases: now-in-commands.yml
"""

SPIGOT = """\
settings:
  bungeecord: false
  save-user-cache-on-stop-only: false
  timeout-time: 60
  restart-on-crash: true
  restart-script: ./start.sh
messages:
  whitelist: You are not whitelisted on this server!
  unknown-command: Unknown command. Type "/help" for help.
  server-full: The server is full!
world-settings:
  default:
    view-distance: default
    mob-spawn-range: 8
    entity-activation-range:
      animals: 32
      monsters: 32
      misc: 16
"""

PAPER = """\
# This is the global configuration file for Paper.
_version: 29
block-updates:
  disable-noteblock-updates: false
chunk-loading-basic:
  player-max-chunk-generate-rate: -1.0
proxies:
  velocity:
    enabled: false
    online-mode: true
    secret: ''
timings:
  enabled: false
watchdog:
  early-warning-delay: 10000
"""

PAPER_WORLD = """\
_version: 31
anticheat:
  anti-xray:
    enabled: true
    engine-mode: 2
    max-block-height: 64
chunks:
  auto-save-interval: default
  max-auto-save-chunks-per-tick: 24
entities:
  spawning:
    despawn-ranges:
      monster:
        hard: 128
        soft: 32
"""

ESSENTIALS = """\
# How far somebody may be from home.
ops-name-color: '4'
nickname-prefix: '~'
teleport-cooldown: 0
teleport-delay: 3
sethome-multiple:
  default: 3
  vip: 5
kits:
  tools:
    delay: 10
    items:
      - 272 1
      - 273 1
"""

GERMAN = """\
# Deutsche Texte (ISO-8859-1)
playerJoined=\xa76{0} ist jetzt da, sch\xf6n!
playerLeft=\xa76{0} ist gegangen. Tsch\xfc\xdf!
homeSet=\xa76Dein Zuhause ist gesetzt.
noPermission=\xa7cDas d\xfcrfen nur Gro\xdfe.
"""

LUCKPERMS = """\
server: survival
use-server-uuid-cache: false
storage-method: yaml
data:
  address: localhost
  database: minecraft
  username: root
sync-minutes: -1
watch-files: true
"""

FACTORIO_INI = """\
; version=12
[path]
read-data=__PATH__executable__/../../data
write-data=__PATH__executable__/../..

[general]
locale=en

[other]
; autosave-interval=5
autosave-slots=3
"""

FACTORIO_SETTINGS = """\
{
  "name": "The Factory",
  "description": "Megabase, 3k SPM",
  "tags": ["megabase"],
  "max_players": 20,
  "visibility": {"public": false, "lan": false},
  "autosave_interval": 10,
  "afk_autokick_interval": 0,
  "auto_pause": true
}
"""

MOD = """\
# Settings of {name}
[general]
    # Range: 1 ~ 64
    maxStackSize = {number}
    enabled = true

[client]
    showTooltips = true
"""
MOD_NAMES = ("ae2", "botania", "create", "farmersdelight", "immersiveengineering", "jei", "mekanism", "quark",
             "refinedstorage", "sophisticatedbackpacks", "thermal", "twilightforest", "waystones")

LOG = (
    "{player} joined the game",
    "<{player}> is anybody at the village?",
    "{player} issued server command: /home",
    "{player} has made the advancement [Acquire Hardware]",
    "Saving the game (this may take a moment!)",
    "Saved the game",
    "{player} was slain by Zombie",
    "{player} left the game",
)
DEBUG_LINE = "[21Aug2026 18:04:11.120] [Server thread/DEBUG] [mekanism/Mekanism]: Ticked 4096 transmitters in 0.8 ms\n"
