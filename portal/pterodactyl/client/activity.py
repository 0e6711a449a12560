"""The activity log, of a server and of the account."""

from __future__ import annotations

from portal.pterodactyl.api import joined
from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.activity import read_activity
from portal.pterodactyl.models import ActivityEntry, ActivitySort, Page
from portal.pterodactyl.paths import route


class ActivityCalls(Group):
    """`/api/client/servers/{server}/activity` and `/api/client/account/activity`; kept for 90 days.

    `event` is a part of the event's name (`server:power`). Entries of the same second keep the order in which they
    happened, whatever `sort`; None leaves the order to the panel, which is oldest first. At most 100 to a page.
    """

    def of_server(
        self,
        server: str,
        *,
        event: str | None = None,
        sort: ActivitySort | None = "-timestamp",
        include_actor: bool = False,
        page: int = 1,
        per_page: int = 25,
    ) -> Page[ActivityEntry]:
        """One page of what happened to a server.

        Raises NotAllowed (no `activity.read`), ServerStateConflict, NotFound.
        `GET /api/client/servers/{server}/activity` (panel 1.11).
        """
        query = _query(event, sort, include_actor, page, per_page)
        return self._caller.read(server_route(server, "activity"), query).page(read_activity)

    def of_account(
        self,
        *,
        event: str | None = None,
        sort: ActivitySort | None = "-timestamp",
        include_actor: bool = False,
        page: int = 1,
        per_page: int = 25,
    ) -> Page[ActivityEntry]:
        """One page of what happened to the account itself.

        Only entries whose subject is the account: logins, keys, refused addresses, being made a subuser; not what it
        did to servers. `ip` is the address that the panel saw. Raises KeyRefused.
        `GET /api/client/account/activity` (panel 1.11).
        """
        query = _query(event, sort, include_actor, page, per_page)
        return self._caller.read(route("client", "account", "activity"), query).page(read_activity)


def _query(
    event: str | None, sort: ActivitySort | None, include_actor: bool, page: int, per_page: int
) -> dict[str, str | int]:
    query: dict[str, str | int] = {"page": page, "per_page": per_page}
    if sort is not None:
        query["sort"] = sort
    if include_actor:
        query |= joined(("actor",))
    if event is not None:
        query["filter[event]"] = event
    return query
