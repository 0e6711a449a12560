"""Accounts and their keys."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class User:
    id: int
    uuid: str
    username: str
    email: str
    first_name: str
    last_name: str
    created_at: float
    updated_at: float
    password: str = ""
    language: str = "en"
    root_admin: bool = False
    use_totp: bool = False
    totp_secret: str | None = None
    recovery_tokens: list[str] = field(default_factory=list)
    external_id: str | None = None


@dataclass(eq=False)
class ApiKey:
    """A client key (`ptlc_`) or, with `grants` (resource -> READ | WRITE), an application key (`ptla_`)."""

    identifier: str
    secret: str
    user: User
    description: str
    created_at: float
    allowed_ips: list[str] = field(default_factory=list)
    grants: dict[str, int] | None = None
    last_used_at: float | None = None
    expires_at: float | None = None

    @property
    def is_application_key(self) -> bool:
        return self.grants is not None

    @property
    def plain_text(self) -> str:
        return self.identifier + self.secret


@dataclass(eq=False)
class SshKey:
    """A public key of an account; `fingerprint` is the base64 SHA-256 without padding, `public_key` PKCS#8 PEM."""

    id: int
    user: User
    name: str
    fingerprint: str
    public_key: str
    created_at: float
