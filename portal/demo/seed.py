"""Values that look random and are the same for the same seed."""
from __future__ import annotations

import hashlib
import random
import string
import threading
import uuid
from collections.abc import Sequence
from typing import TypeVar

ALPHANUMERIC = string.ascii_letters + string.digits

T = TypeVar("T")


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


class Chance:
    """What the panel and its nodes make up while they run: the same calls after the same seed give the same values."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(f"chance/{seed}")  # noqa: S311 - a stand-in has nothing to protect
        self._lock = threading.Lock()

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        with self._lock:
            return "".join(self._random.choices(alphabet, k=length))

    def uuid(self) -> str:
        with self._lock:
            return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))

    def choice(self, values: Sequence[T]) -> T:
        with self._lock:
            return self._random.choice(values)

    def between(self, low: float, high: float) -> float:
        with self._lock:
            return self._random.uniform(low, high)
