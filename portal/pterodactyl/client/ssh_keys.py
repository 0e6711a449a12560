"""The account's public keys for SFTP."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group
from portal.pterodactyl.client.reading.account import read_ssh_key
from portal.pterodactyl.models import SshKey
from portal.pterodactyl.paths import route


class SshKeyCalls(Group):
    """`/api/client/account/ssh-keys`."""

    def list(self) -> tuple[SshKey, ...]:
        """All public keys of the account. Raises KeyRefused. `GET /api/client/account/ssh-keys` (panel 1.11)."""
        return self._caller.read(_path()).each(read_ssh_key)

    def create(self, *, name: str, public_key: str) -> SshKey:
        """Store a public key; the answer spells it differently. Raises Invalid (no key, DSA, short RSA, known already).

        `POST /api/client/account/ssh-keys` (panel 1.11).
        """
        return self._caller.change(_path(), read_ssh_key, {"name": name, "public_key": public_key})

    def remove(self, *, fingerprint: str) -> None:
        """Remove the public key of this fingerprint (`SshKey.fingerprint`); also succeeds when there is none.

        `POST /api/client/account/ssh-keys/remove` (panel 1.11).
        """
        self._caller.write(route("client", "account", "ssh-keys", "remove"), {"fingerprint": fingerprint})


def _path() -> str:
    return route("client", "account", "ssh-keys")
