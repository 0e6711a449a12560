"""The panel as one object: where the rest of the portal begins."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.application import ApplicationApi
from portal.pterodactyl.calls import Purpose
from portal.pterodactyl.client import ClientApi
from portal.pterodactyl.keys import ApiKey
from portal.pterodactyl.transport import Transport


class Panel:
    """One Pterodactyl panel, reached through one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def base_url(self) -> str:
        """The panel's address, without a slash at its end."""
        return self._transport.base_url

    def client(
        self, key: ApiKey, who: str | None = None, purpose: Purpose = "page", deadline_s: float | None = None
    ) -> ClientApi:
        """The client API with a customer's key or the service key; `who` names the customer it acts for.

        `deadline_s` takes the place of the deadlines of its calls (streams have their own).
        """
        return ClientApi(Caller(self._transport, key, who, purpose, deadline_s))

    def application(
        self, key: ApiKey, who: str | None = None, purpose: Purpose = "sync", deadline_s: float | None = None
    ) -> ApplicationApi:
        """The application API with the portal's own key; `who` is the person who waits for it, if anybody does.

        `deadline_s` as for `client`.
        """
        return ApplicationApi(Caller(self._transport, key, who, purpose, deadline_s))
