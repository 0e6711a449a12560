"""The account's second factor."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group
from portal.pterodactyl.client.reading.account import read_recovery_tokens, read_two_factor_setup
from portal.pterodactyl.models import RecoveryTokens, TwoFactorSetup
from portal.pterodactyl.paths import route


class TwoFactorCalls(Group):
    """`/api/client/account/two-factor`; answers also where the panel demands two factors."""

    def setup(self) -> TwoFactorSetup:
        """A new secret, which replaces the one before it: a write, though a GET, so it is never repeated.

        Raises Refused (the second factor is on already), OutcomeUnknown (the secret of before may be gone).
        `GET /api/client/account/two-factor` (panel 1.11).
        """
        return self._caller.change(_path(), read_two_factor_setup, method="GET")

    def enable(self, *, code: str, password: str) -> RecoveryTokens:
        """Switch it on with a code of the new secret (six digits) and the account's password.

        Where it is on already, the recovery tokens are replaced. Raises Refused (wrong password, then wrong code),
        Invalid, OutcomeUnknown (also if `setup` was never called: the panel breaks over that).
        `POST /api/client/account/two-factor` (panel 1.11).
        """
        return self._caller.change(_path(), read_recovery_tokens, {"code": code, "password": password})

    def disable(self, *, password: str) -> None:
        """Switch it off; also works where it is off. Raises Refused (wrong password).

        `POST /api/client/account/two-factor/disable` (panel 1.11).
        """
        self._caller.write(route("client", "account", "two-factor", "disable"), {"password": password})


def _path() -> str:
    return route("client", "account", "two-factor")
