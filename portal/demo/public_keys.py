"""Public keys as the panel's library reads and writes them: any usual form in, PKCS#8 PEM and a fingerprint out."""
from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
    load_ssh_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

_LINE = 64
_PEM_HEAD = "-----BEGIN "
_DSA_HEAD = b"\0\0\0\7ssh-dss"
_RFC4716_HEAD = "---- BEGIN SSH2 PUBLIC KEY ----"

_Loaded = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | dsa.DSAPublicKey


class NoKeyError(ValueError):
    """The text is no public key."""


@dataclass(frozen=True)
class PublicKey:
    """`bits` is the length of an RSA key, 0 for others; `fingerprint` the base64 SHA-256 without padding."""

    kind: Literal["rsa", "dsa", "other"]
    bits: int
    fingerprint: str
    pem: str


def read_public_key(text: str) -> PublicKey:
    """Raises NoKeyError."""
    if _is_ssh_dsa(text):
        return PublicKey("dsa", 0, "", "")
    try:
        key = _load(text.strip())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NoKeyError(text) from error
    if isinstance(key, dsa.DSAPublicKey):
        return PublicKey("dsa", 0, "", "")
    wire = base64.b64decode(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])
    fingerprint = base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")
    body = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    lines = [body[start:start + _LINE] for start in range(0, len(body), _LINE)]
    pem = "\r\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----"])
    if isinstance(key, rsa.RSAPublicKey):
        return PublicKey("rsa", key.key_size, fingerprint, pem)
    return PublicKey("other", 0, fingerprint, pem)


def _load(text: str) -> _Loaded:
    data = text.encode()
    if text.startswith(f"{_PEM_HEAD}CERTIFICATE"):
        key: object = load_pem_x509_certificate(data).public_key()
    elif text.startswith(_PEM_HEAD):
        key = load_pem_public_key(data)
    elif text.startswith(_RFC4716_HEAD):
        key = load_ssh_public_key(_one_line(text))
    elif " " in text:
        key = load_ssh_public_key(data)
    else:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | dsa.DSAPublicKey):
        raise NoKeyError("a key for something else")
    return key


def _one_line(text: str) -> bytes:
    """The form with headers (RFC 4716) as a line of `authorized_keys`."""
    body = "".join(line for line in text.splitlines() if line and ":" not in line and not line.startswith("----"))
    data = base64.b64decode(body, validate=True)
    return data[4:4 + int.from_bytes(data[:4], "big")] + b" " + body.encode()


def _is_ssh_dsa(text: str) -> bool:
    """Nothing reads these any more, and the panel has an answer of its own for them."""
    kind, _, rest = text.strip().partition(" ")
    try:
        data = base64.b64decode(rest.split(" ")[0], validate=True)
    except ValueError:
        return False
    return kind == "ssh-dss" and data.startswith(_DSA_HEAD)
