"""What kind a file is, by its first bytes, in the words that Wings' library finds for the kinds a game server has."""
from __future__ import annotations

import json

HEAD_BYTES = 3072
DIRECTORY = "inode/directory"
BINARY = "application/octet-stream"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/x-rar-compressed"),
    (257, b"ustar", "application/x-tar"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\xca\xfe\xba\xbe", "application/x-java-applet"),
)
_MARKUP = (
    (b"<!doctype html", "text/html"), (b"<html", "text/html"), (b"<head", "text/html"), (b"<body", "text/html"),
    (b"<?xml", "text/xml"), (b"<svg", "image/svg+xml"), (b"<?php", "text/x-php"),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_WITH_CHARSET = ("text/plain", "text/html", "text/xml")
_CONTROL = frozenset((*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)))


def kind_of(head: bytes) -> str:
    """From a file's first `HEAD_BYTES` bytes."""
    if head.startswith(b"PK\x03\x04"):
        return "application/jar" if b"META-INF/MANIFEST.MF" in head else "application/zip"
    for offset, magic, kind in _MAGIC:
        if head.startswith(magic, offset):
            return kind
    charset = next((name for bom, name in _BOMS if head.startswith(bom)), "")
    if not charset and not _CONTROL.isdisjoint(head):
        return BINARY
    kind = _text_kind(head)
    if kind not in _WITH_CHARSET or not head:
        return kind
    return f"{kind}; charset={charset or _charset(head)}"


def _text_kind(head: bytes) -> str:
    start = head.lstrip().lower()
    for opening, kind in _MARKUP:
        if start.startswith(opening):
            return kind
    if start.startswith(b"#!"):
        return _script_kind(start.partition(b"\n")[0])
    return "application/json" if _is_json(head) else "text/plain"


def _script_kind(first_line: bytes) -> str:
    for word, kind in ((b"python", "text/x-python"), (b"perl", "text/x-perl"), (b"lua", "text/x-lua"),
                       (b"php", "text/x-php"), (b"node", "application/javascript")):
        if word in first_line:
            return kind
    return "text/plain"


def _is_json(head: bytes) -> bool:
    """An object or a list; of a file longer than the head only the beginning is judged."""
    text = head.strip()
    if text[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(text)
    except ValueError as error:
        is_cut = len(head) >= HEAD_BYTES and isinstance(error, json.JSONDecodeError)
        return is_cut and getattr(error, "pos", 0) >= len(text) * 9 // 10
    return True


def _charset(head: bytes) -> str:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = len(head) == HEAD_BYTES and error.start >= HEAD_BYTES - 3
        return "utf-8" if is_cut else "iso-8859-1" if 0x80 not in head else "windows-1252"
    return "utf-8"
