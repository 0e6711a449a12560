"""What lies in some servers of the lively world: a game that has been played, mods by the hundred, names that are odd.

All of it follows from this text alone, so the same seed gives the same bytes. It costs nothing before somebody looks.
"""
from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from functools import cache

from portal.demo import lively_texts as texts
from portal.demo.wings.filesystem import First, Firsts

DAY_S = 86_400.0
MIB = 1024 * 1024
MODS = 300
BIG_LOG_BYTES = 5 * MIB
_PLAYERS = ("Ada", "Björn", "Chidi", "Dana", "Emre", "Freya", "Gül", "Hiro")


def of(server: str, usual: Firsts) -> Firsts:
    """All files that a server has at first; `usual` are those of its egg."""
    made = {"Survival SMP": minecraft, "All the Mods 9": mods, "The Factory": factory, "Lobby": odd_names}.get(server)
    return {**usual, **made()} if made else usual


@cache
def minecraft() -> Firsts:
    """A Paper server in its second year."""
    found: Firsts = {
        "/server.properties": First(texts.SERVER_PROPERTIES.encode(), 40 * DAY_S),
        "/bukkit.yml": First(texts.BUKKIT.encode(), 300 * DAY_S),
        "/spigot.yml": First(texts.SPIGOT.encode(), 300 * DAY_S),
        "/config/paper-global.yml": First(texts.PAPER.encode(), 121 * DAY_S),
        "/config/paper-world-defaults.yml": First(texts.PAPER_WORLD.encode(), 121 * DAY_S),
        "/ops.json": First(_people("level", 4, 1), 200 * DAY_S),
        "/whitelist.json": First(_people("", 0, len(_PLAYERS)), 12 * DAY_S),
        "/banned-players.json": First(b"[]", 410 * DAY_S),
        "/usercache.json": First(_people("expiresOn", "2030-01-01 00:00:00 +0000", len(_PLAYERS)), DAY_S / 24),
        "/start.sh": First(b"#!/bin/sh\nexec java -Xmx6G -jar server.jar nogui\n", 300 * DAY_S, mode=0o755),
        "/server.jar": First(_noise("server.jar", 180_000, b"PK\x03\x04"), 121 * DAY_S),
        "/server-icon.png": First(_picture(), 410 * DAY_S),
        "/motd.txt": First(b"Welcome!\r\nBe nice to each other.\r\n", 90 * DAY_S),
        "/logs/latest.log": First(_log(400), 60.0),
        "/plugins/EssentialsX-2.20.1.jar": First(_noise("essentials", 90_000, b"PK\x03\x04"), 121 * DAY_S),
        "/plugins/Essentials/config.yml": First(texts.ESSENTIALS.encode(), 60 * DAY_S),
        "/plugins/Essentials/messages_de.properties": First(texts.GERMAN.encode("latin-1"), 60 * DAY_S),
        "/plugins/Essentials/motd.txt": First(b"\xef\xbb\xbf" + "Grüß dich, {PLAYER}!\n".encode(), 60 * DAY_S),
        "/plugins/LuckPerms/config.yml": First(texts.LUCKPERMS.encode(), 150 * DAY_S),
        "/plugins/LuckPerms/yaml-storage/users": None,
        "/plugins/spark/tmp": None,
        "/world/level.dat": First(_gzipped(_noise("level", 2_000, b"\x0a\x00\x00")), 300.0),
        "/world/session.lock": First("\N{SNOWMAN}".encode(), 300.0),
        "/world_nether/DIM-1/region/r.0.0.mca": First(_noise("nether", 12_288), DAY_S),
        "/world_the_end/DIM1/region/r.0.0.mca": First(_noise("end", 8_192), 33 * DAY_S),
        "/backups/world-before-1.21.zip": First(_zipped(), 121 * DAY_S),
        "/latest.log": First(link="logs/latest.log"),
        "/world/datapacks/shared": First(link="../../config"),
    }
    for number in range(1, 15):
        name = f"/logs/{2026 - number // 10}-{number % 12 + 1:02}-{number * 2:02}-1.log.gz"
        found[name] = First(_gzipped(_log(60 + number)), number * DAY_S)
    for x in range(-2, 2):
        for z in range(-2, 2):
            found[f"/world/region/r.{x}.{z}.mca"] = First(_noise(f"{x}.{z}", 8_192), abs(x * z) * DAY_S + 300)
    for number, player in enumerate(_PLAYERS):
        found[f"/world/playerdata/{_uuid(player)}.dat"] = First(_gzipped(_noise(player, 900)), number * DAY_S)
    return found


@cache
def mods() -> Firsts:
    """Hundreds of mods with a file of settings each, and a log that no editor opens."""
    found: Firsts = {
        "/server.properties": First(texts.SERVER_PROPERTIES.encode(), 20 * DAY_S),
        "/user_jvm_args.txt": First(b"-Xms4G\n-Xmx10G\n", 20 * DAY_S),
        "/logs/debug.log": First((texts.DEBUG_LINE * (BIG_LOG_BYTES // len(texts.DEBUG_LINE) + 1)).encode(), 600.0),
        "/mods": None,
    }
    for number in range(1, MODS + 1):
        name = texts.MOD_NAMES[number % len(texts.MOD_NAMES)]
        found[f"/config/{name}-{number}.toml"] = First(texts.MOD.format(name=name, number=number).encode(),
                                                       (number * 37 % 300) * DAY_S)
    return found


@cache
def factory() -> Firsts:
    """A Factorio server."""
    return {
        "/config/config.ini": First(texts.FACTORIO_INI.encode(), 200 * DAY_S),
        "/data/server-settings.json": First(texts.FACTORIO_SETTINGS.encode(), 100 * DAY_S),
        "/mods/mod-list.json": First(b'{"mods": [{"name": "base", "enabled": true}]}\n', 100 * DAY_S),
        "/saves/gamesave.zip": First(_zipped(), 600.0),
        "/saves/_autosave1.zip": First(_zipped(), 1_200.0),
    }


@cache
def odd_names() -> Firsts:
    """A folder with names that a system allows and few people expect."""
    names = (
        "with blanks.txt", " leading and trailing ", "50 % off #1.txt", "%2e%2e%2fnot-a-way-out.txt", "back\\slash.txt",
        "it's \"quoted\".txt", "two\nlines.txt", "\N{DRAGON FACE} dragon.txt", "\u05e9\u05dc\u05d5\u05dd.txt",
        "\u202egnp.exe", "file2.txt", "file10.txt", ".hidden", "ä" * 125 + ".long", "<b>bold</b>.txt")
    return {f"/odd names/{name}": First(b"Just a name.\n", number * DAY_S) for number, name in enumerate(names)}


def _noise(name: str, size: int, head: bytes = b"") -> bytes:
    """Bytes that are no text, the same for a name."""
    words = bytearray(head)
    value = zlib.crc32(name.encode())
    while len(words) < size:
        value = zlib.crc32(struct.pack("<I", value))
        words += struct.pack("<I", value) * 16
    return bytes(words[:size])


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _zipped() -> bytes:
    """An archive with a folder in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("level.dat", "region/r.0.0.mca", "region/r.0.-1.mca"):
            archive.writestr(zipfile.ZipInfo(f"world-before/{name}"), _noise(name, 20_000))
    return target.getvalue()


def _picture() -> bytes:
    """64 by 64 pixels of one colour, as PNG."""
    rows = zlib.compress((b"\x00" + b"\x2f\x6f\x4f" * 64) * 64)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)


def _log(lines: int) -> bytes:
    found = []
    for number in range(lines):
        said = texts.LOG[number % len(texts.LOG)].format(player=_PLAYERS[number % len(_PLAYERS)])
        found.append(f"[{8 + number // 60:02}:{number % 60:02}:17 INFO]: {said}\n")
    return "".join(found).encode()


def _people(more: str, value: object, count: int) -> bytes:
    rows = [{"uuid": _uuid(name), "name": name} | ({more: value} if more else {}) for name in _PLAYERS[:count]]
    return (json.dumps(rows, indent=2, ensure_ascii=False) + "\n").encode()


def _uuid(name: str) -> str:
    text = _noise(name, 16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{zlib.crc32(name.encode()):012x}"
