"""Keys at rest: AES-256-GCM under the master key, bound to the account that they belong to."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """The stored bytes do not open with this master key for this account."""


def seal(master: bytes, account_id: int, secret: str) -> bytes:
    """Nonce and ciphertext of a key."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, secret.encode(), _owner(account_id))


def unseal(master: bytes, account_id: int, sealed: bytes) -> str:
    """The key again. Raises Unreadable for another master key, another account or changed bytes."""
    try:
        return AESGCM(master).decrypt(sealed[:NONCE], sealed[NONCE:], _owner(account_id)).decode()
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable from wrong


def _owner(account_id: int) -> bytes:
    return f"client key of account {account_id}".encode()
