"""Whole files under a key, in chunks, so that a large one needs no memory.

Each chunk of 1 MiB is sealed with AES-256-GCM. Its nonce holds its number and whether it is the last one (the STREAM
construction), so a file that was cut, added to or whose chunks changed places does not open. The key is made by scrypt
from the setting `backup_key` and a salt of the file; a short check value tells a wrong key from a damaged file.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.store.files import BackupError

MAGIC = b"roost backup\x00\x01\r\n"
CHUNK = 1024 * 1024
TAG, SALT, PREFIX, CHECK = 16, 16, 7, 8
HEADER = len(MAGIC) + SALT + PREFIX + CHECK


def is_encrypted(path: Path) -> bool:
    """Whether a file begins as `encrypt` begins its files."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def encrypt(source: Path, target: Path, secret: str) -> None:
    """Write the sealed form of a file over `target`, and wait until it is on the disk."""
    salt, prefix = os.urandom(SALT), os.urandom(PREFIX)
    key, check = _keys(secret, salt)
    header = MAGIC + salt + prefix + check
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(header)
        number, chunk = 0, plain.read(CHUNK)
        while True:
            following = plain.read(CHUNK)
            nonce = _nonce(prefix, number, is_last=not following)
            sealed.write(AESGCM(key).encrypt(nonce, chunk, header))
            if not following:
                break
            number, chunk = number + 1, following
        sealed.flush()
        os.fsync(sealed.fileno())


def decrypt(source: Path, target: Path, secret: str) -> None:
    """Write the plain form of a file over `target`; what is there before the end means nothing.

    Raises BackupError for another key, and for a file that is not whole or not as it was written.
    """
    with source.open("rb") as sealed, target.open("wb") as plain:
        header = sealed.read(HEADER)
        if len(header) < HEADER:
            raise BackupError("The backup is cut: its end is missing.")
        salt, prefix = header[len(MAGIC) :][:SALT], header[len(MAGIC) + SALT :][:PREFIX]
        key, check = _keys(secret, salt)
        if check != header[-CHECK:]:
            raise BackupError("The backup was made with another backup_key than the one in the settings.")
        _open_chunks(sealed, plain, AESGCM(key), prefix, header)


def _open_chunks(sealed: BinaryIO, plain: BinaryIO, cipher: AESGCM, prefix: bytes, header: bytes) -> None:
    number, chunk = 0, sealed.read(CHUNK + TAG)
    while True:
        following = sealed.read(CHUNK + TAG)
        is_last = not following
        try:
            plain.write(cipher.decrypt(_nonce(prefix, number, is_last=is_last), chunk, header))
        except InvalidTag:
            if is_last and _opens(cipher, _nonce(prefix, number, is_last=False), chunk, header):
                raise BackupError("The backup is cut: its end is missing.") from None
            raise BackupError("The backup is damaged or cut: it is not as it was written.") from None
        if is_last:
            return
        number, chunk = number + 1, following


def _opens(cipher: AESGCM, nonce: bytes, chunk: bytes, header: bytes) -> bool:
    try:
        cipher.decrypt(nonce, chunk, header)
    except InvalidTag:
        return False
    return True


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _keys(secret: str, salt: bytes) -> tuple[bytes, bytes]:
    """The key itself, and the check value that is stored."""
    made = hashlib.scrypt(secret.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=64)
    return made[:32], hashlib.sha256(made[32:]).digest()[:CHECK]
