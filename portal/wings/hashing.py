"""The short name of a console line, by which a browser and this process agree on what the browser has."""

from __future__ import annotations

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF


def line_hash(text: str) -> int:
    """32-bit FNV-1a over the code points of a line as it was sent to the browser, its colours included."""
    value = _OFFSET
    for char in text:
        value = ((value ^ ord(char)) * _PRIME) & _MASK
    return value
