"""The account behind a client key: itself, its second factor, its keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of a client key."""

    id: int
    admin: bool
    username: str
    email: str
    first_name: str
    last_name: str
    language: str


@dataclass(frozen=True, slots=True)
class TwoFactorSetup:
    """A new secret for codes of six digits, as 32 characters and as the address that a QR code holds."""

    secret: str = field(repr=False)
    image_url_data: str = field(repr=False)  # otpauth://totp/...


@dataclass(frozen=True, slots=True)
class RecoveryTokens:
    """Ten words of ten characters, each good for one login without a code; the panel never shows them again."""

    tokens: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A client key as the panel lists it: by its first 16 characters, without its secret.

    `allowed_ips` empty: good from everywhere. `last_used_at` None: never used.
    """

    identifier: str
    description: str
    allowed_ips: tuple[str, ...]
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CreatedClientKey:
    """A new client key and its second part, which the panel shows this once."""

    key: ClientKey
    secret_token: str = field(repr=False)

    @property
    def secret(self) -> str:
        """The whole key of 48 characters, as `keys.ApiKey` and the `Authorization` header want it."""
        return self.key.identifier + self.secret_token


@dataclass(frozen=True, slots=True)
class SshKey:
    """A public key for SFTP. `fingerprint` is SHA-256 in base64, without the `SHA256:` in front.

    `public_key` is the panel's own spelling (PEM, lines end in CRLF), not the text that was sent.
    """

    name: str
    fingerprint: str
    public_key: str
    created_at: datetime
