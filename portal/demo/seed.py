"""Values that look random and are the same for the same seed."""
from __future__ import annotations

import hashlib
import secrets
import string
import uuid

ALPHANUMERIC = string.ascii_letters + string.digits


class Seed:
    """Derives every value from the seed and a label, so that adding one value never changes another."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def _bytes(self, label: str, count: int) -> bytes:
        return hashlib.shake_128(f"{self.seed}/{label}".encode()).digest(count)

    def uuid(self, label: str) -> str:
        return str(uuid.UUID(bytes=self._bytes(f"uuid/{label}", 16), version=4))

    def text(self, label: str, length: int) -> str:
        return "".join(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in self._bytes(f"text/{label}", length))

    def fraction(self, label: str) -> float:
        """A number from 0 up to 1."""
        return int.from_bytes(self._bytes(f"fraction/{label}", 6), "big") / 2**48


def random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))
