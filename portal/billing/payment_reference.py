"""What a customer writes into a bank transfer so that it finds its account: `R12-62`.

The number of the account and two check digits: with one digit wrong, or two of them the wrong way round, it is nobody's
rather than somebody else's.
"""

from __future__ import annotations

import re

_FOUND = re.compile(r"(?<![A-Za-z0-9])R[ -]?([0-9]{1,9})[ -]?([0-9]{2})(?![A-Za-z0-9])", re.IGNORECASE)
_MODULUS = 97


def reference_of(account_id: int) -> str:
    """What the transfers of an account should name."""
    return f"R{account_id}-{_check(account_id):02}"


def accounts_named(text: str) -> set[int]:
    """The numbers of all accounts that a text names with the right check digits."""
    found = ((int(one[1]), int(one[2])) for one in _FOUND.finditer(text))
    return {number for number, check in found if number and check == _check(number)}


def account_of(text: str) -> int | None:
    """The number of the account whose reference a text is, and nothing else; None for any other text."""
    one = _FOUND.fullmatch(text.strip())
    number, check = (int(one[1]), int(one[2])) if one else (0, 0)
    return number if number and check == _check(number) else None


def _check(number: int) -> int:
    """ISO 7064's MOD 97-10: it notices every single wrong digit and every swap of two neighbours."""
    return (_MODULUS + 1) - number * 100 % _MODULUS
