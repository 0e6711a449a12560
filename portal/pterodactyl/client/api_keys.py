"""The account's client keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.pterodactyl.client.group import Group, distinct
from portal.pterodactyl.client.reading.account import read_client_key, read_created_client_key
from portal.pterodactyl.models import ClientKey, CreatedClientKey
from portal.pterodactyl.paths import route


class ApiKeyCalls(Group):
    """`/api/client/account/api-keys`."""

    def list(self) -> tuple[ClientKey, ...]:
        """All client keys of the account, the one that asks among them. Raises KeyRefused.

        `GET /api/client/account/api-keys` (panel 1.11).
        """
        return self._caller.read(_path()).each(read_client_key)

    def find(self, identifier: str) -> ClientKey | None:
        """The client key of these first 16 characters, or None if the account has none such; errors as for `list`."""
        return next((key for key in self.list() if key.identifier == identifier), None)

    def create(self, *, description: str, allowed_ips: Sequence[str] | None = None) -> CreatedClientKey:
        """A new client key; its secret is in this answer and nowhere else.

        `allowed_ips` are up to 50 addresses or ranges; none: good from everywhere. Raises Refused (25 keys exist),
        Invalid (no description or more than 500 characters, a bad address), OutcomeUnknown (a key may exist that nobody
        can use). `POST /api/client/account/api-keys` (panel 1.11).
        """
        body: dict[str, Any] = {"description": description}
        if allowed_ips is not None:
            body["allowed_ips"] = distinct(allowed_ips)
        return self._caller.change(_path(), read_created_client_key, body)

    def delete(self, identifier: str) -> None:
        """Delete a client key by its first 16 characters; a key may delete itself. Raises NotFound.

        `DELETE /api/client/account/api-keys/{identifier}` (panel 1.11).
        """
        self._caller.write(route("client", "account", "api-keys", identifier), method="DELETE")


def _path() -> str:
    return route("client", "account", "api-keys")
