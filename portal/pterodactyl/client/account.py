"""The account behind a client key."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group
from portal.pterodactyl.client.reading.account import read_account
from portal.pterodactyl.models import Account
from portal.pterodactyl.paths import route


class AccountCalls(Group):
    """`/api/client/account`."""

    def view(self) -> Account:
        """Who owns the key; also the cheapest way to learn whether the key works.

        Answers even where the panel demands two factors of an account that has none.
        Raises KeyRefused (unknown key, wrong kind of key, or not from this address).
        `GET /api/client/account` (panel 1.11).
        """
        return read_account(self._caller.read(route("client", "account")))

    def update_email(self, *, email: str, password: str) -> None:
        """Give the account another address, of at most 191 characters; `password` is the present one.

        Raises Refused (wrong password, looked at before anything else), Invalid (no address, or somebody's).
        `PUT /api/client/account/email` (panel 1.11).
        """
        body = {"email": email, "password": password}
        self._caller.write(route("client", "account", "email"), body, method="PUT")

    def update_password(
        self, *, current_password: str, password: str, password_confirmation: str | None = None
    ) -> None:
        """Give the account another password, of 8 characters at least; client keys stay good.

        `password_confirmation` is what was typed a second time, None where nobody typed it twice. Raises Refused (wrong
        `current_password`, looked at before anything else), Invalid. `PUT /api/client/account/password` (panel 1.11).
        """
        body = {
            "current_password": current_password,
            "password": password,
            "password_confirmation": password if password_confirmation is None else password_confirmation,
        }
        self._caller.write(route("client", "account", "password"), body, method="PUT")
