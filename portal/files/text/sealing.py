"""Earlier versions at rest: packed, then AES-256-GCM under the master key, bound to server and sum."""

from __future__ import annotations

import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """The stored bytes do not open with this master key for this version."""


def seal(master: bytes, server_uuid: str, sha256: str, raw: bytes) -> bytes:
    """Nonce and ciphertext of a version's bytes."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, zlib.compress(raw), _version(server_uuid, sha256))


def unseal(master: bytes, server_uuid: str, sha256: str, sealed: bytes) -> bytes:
    """The bytes again. Raises Unreadable for another master key, another version or changed bytes."""
    try:
        return zlib.decompress(AESGCM(master).decrypt(sealed[:NONCE], sealed[NONCE:], _version(server_uuid, sha256)))
    except (InvalidTag, ValueError, zlib.error) as wrong:
        raise Unreadable from wrong


def _version(server_uuid: str, sha256: str) -> bytes:
    return f"version {sha256} of a file of server {server_uuid}".encode()
