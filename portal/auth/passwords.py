"""Passwords: argon2id, checked in the same time whether or not there is an account."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.web.text import has_surrogates

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST = 10
LONGEST = 200


def hashed(password: str) -> str:
    """The text to store for a password."""
    return hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one. Without a stored one the answer is no, after the same work."""
    if len(password) > LONGEST or has_surrogates(password):
        return False
    if stored is None:
        hasher.hash(password)
        return False
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a stored text was made with weaker figures than today's."""
    return hasher.check_needs_rehash(stored)
