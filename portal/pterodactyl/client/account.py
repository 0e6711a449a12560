"""The account behind a client key."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.client.reading import read_account
from portal.pterodactyl.models import Account
from portal.pterodactyl.paths import route


class AccountCalls:
    """`/api/client/account`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def view(self) -> Account:
        """Who owns the key; also the cheapest way to learn whether the key works.

        Answers even where the panel demands two factors of an account that has none.
        Raises KeyRefused (unknown key, wrong kind of key, or not from this address).
        `GET /api/client/account` (panel 1.11).
        """
        return read_account(self._caller.read(route("client", "account")).attributes("user"))
