"""Locations: where nodes stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Unpack

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application.group import Group, body_of, known, the_same
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, included, list_query
from portal.pterodactyl.application.reading import read_location
from portal.pterodactyl.models import AppLocation, LocationBody, LocationChanges, Page
from portal.pterodactyl.paths import number, route


class LocationCalls(Group):
    """`/api/application/locations`; needs `locations` READ, WRITE to change them.

    All also raise KeyRefused and NotAllowed (the key lacks the permission).
    """

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppLocation]:
        """One page of locations by id. Filters match parts of `short`, `long`. Includes: `nodes`, `servers`.

        Raises KeyRefused, NotAllowed (the key lacks the permission), Refused (unknown filter).
        `GET /api/application/locations` (panel 1.11).
        """
        query = list_query("location", filters, include, page, per_page)
        return self._caller.read(_path(), query).page(read_location)

    def iterate(
        self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = (), per_page: int = PER_PAGE
    ) -> Iterator[AppLocation]:
        """All locations, `per_page` to a call; errors as for `list`, and BadAnswer for a list without end."""
        ask = lambda page: self.list(filters=filters, include=include, page=page, per_page=per_page)  # noqa: E731
        return every_item(_path(), ask)

    def view(self, location_id: int, include: Sequence[str] = ()) -> AppLocation:
        """One location; includes as for `list`. Raises NotFound, KeyRefused, NotAllowed.

        `GET /api/application/locations/{id}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(location_id)), included("location", include))
        found = read_location(reader)
        return the_same(found, found.id, location_id, reader)

    def create(self, *, short: str, long: str | None = None) -> AppLocation:
        """A new location. `short` is 1 to 60 characters that no other has, `long` up to 191 for people.

        Raises Invalid, OutcomeUnknown. `POST /api/application/locations` (panel 1.11).
        """
        return self._caller.change(_path(), read_location, asdict(LocationBody(short, long)), status=201)

    def replace(self, location_id: int, body: LocationBody) -> AppLocation:
        """Write all of a location; see `update_location` for less than all.

        Raises NotFound, Invalid, OutcomeUnknown. `PATCH /api/application/locations/{id}` (panel 1.11).
        """
        return self._caller.change(_path(number(location_id)), read_location, asdict(body), method="PATCH")

    def update_location(self, location_id: int, **changes: Unpack[LocationChanges]) -> AppLocation:
        """Read a location, put in what is given, and write it whole; what is not named stays.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace`.
        """
        known(changes, LocationBody)
        return self.replace(location_id, replace(body_of(self.view(location_id), LocationBody), **changes))

    def delete(self, location_id: int) -> None:
        """Delete a location. Raises NotFound, Refused (nodes stand there), OutcomeUnknown.

        `DELETE /api/application/locations/{id}` (panel 1.11).
        """
        self._caller.write(_path(number(location_id)), method="DELETE")


def _path(*segments: int) -> str:
    return route("application", "locations", *segments)
