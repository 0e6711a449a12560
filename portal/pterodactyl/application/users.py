"""Panel accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from portal.pterodactyl.api import Caller, every_item, joined
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, list_query
from portal.pterodactyl.application.reading import read_user
from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import AppUser, Page
from portal.pterodactyl.paths import route


class AppUserCalls:
    """`/api/application/users`; needs `users` READ, and `servers` READ for the include."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppUser]:
        """One page of accounts by id. Filters match parts of `email`, `uuid`, `username`, `external_id`.

        A filter for one address also finds longer ones: compare afterwards. Include: `servers`.
        Raises KeyRefused, NotAllowed (the key lacks the permission), Refused (unknown filter).
        `GET /api/application/users` (panel 1.11).
        """
        query = list_query(filters, include, page, per_page)
        return self._caller.read(route("application", "users"), query).page(read_user)

    def iterate(self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = ()) -> Iterator[AppUser]:
        """All accounts, 100 to a call; errors as for `list`, and BadAnswer for a list without end."""
        return every_item(
            route("application", "users"),
            lambda number: self.list(filters=filters, include=include, page=number),
        )

    def view(self, user_id: int, include: Sequence[str] = ()) -> AppUser:
        """One account. Include: `servers` (all of them, not paged).

        Raises NotFound, KeyRefused, NotAllowed. `GET /api/application/users/{id}` (panel 1.11).
        """
        reader = self._caller.read(route("application", "users", user_id), joined(include))
        user = read_user(reader)
        if user.id != user_id:
            raise BadAnswer("another account than asked for", path="attributes.id", request=reader.request)
        return user
