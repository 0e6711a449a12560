"""The account behind a client key."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.client.reading import read_account, read_activity
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Account, ActivityEntry, Page
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

    def activity(self, *, page: int = 1, per_page: int = 25) -> Page[ActivityEntry]:
        """One page of what happened to the account itself, newest first, at most 100 entries; kept for 90 days.

        Only entries whose subject is the account: logins, keys, refused addresses, being made a subuser; not what it
        did to servers. `ip` is the address that the panel saw. Raises KeyRefused.
        `GET /api/client/account/activity` (panel 1.11).
        """
        query: dict[str, str | int] = {"page": page, "per_page": per_page, "sort": "-timestamp"}
        return self._caller.read(route("client", "account", "activity"), query).page(read_activity)

    def allowed_addresses(self, identifier: str) -> tuple[str, ...] | None:
        """From which addresses and ranges one of the account's client keys may be used; none: from everywhere.

        `identifier` is the key's first 16 characters; None when the account has no such key. Raises KeyRefused.
        `GET /api/client/account/api-keys` (panel 1.11).
        """
        keys = self._caller.read(route("client", "account", "api-keys")).each(_allowed)
        return next((allowed for name, allowed in keys if name == identifier), None)


def _allowed(item: Reader) -> tuple[str, tuple[str, ...]]:
    attributes = item.attributes("api_key")
    return attributes.field("identifier").text(), attributes.field("allowed_ips").words_or_none()
