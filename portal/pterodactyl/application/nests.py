"""Nests and their eggs; the API only reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application.group import Group, the_same
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, included, list_query
from portal.pterodactyl.application.reading import read_egg, read_nest
from portal.pterodactyl.errors import NotAllowed
from portal.pterodactyl.models import AppEgg, AppNest, Page
from portal.pterodactyl.paths import number, route


class NestCalls(Group):
    """`/api/application/nests`; needs `nests` READ."""

    def list(self, *, include: Sequence[str] = (), page: int = 1, per_page: int = PER_PAGE) -> Page[AppNest]:
        """One page of nests, in no promised order. Includes: `eggs`, `servers`, `eggs.variables`.

        Raises KeyRefused, NotAllowed (the key lacks the permission). `GET /api/application/nests` (panel 1.11).
        """
        query = list_query("nest", NO_FILTERS, include, page, per_page, sort=False)
        return self._caller.read(_path(), query).page(read_nest)

    def iterate(self, *, include: Sequence[str] = (), per_page: int = PER_PAGE) -> Iterator[AppNest]:
        """All nests, `per_page` to a call; errors as for `list`, and BadAnswer for a list without end."""
        return every_item(_path(), lambda page: self.list(include=include, page=page, per_page=per_page))

    def view(self, nest_id: int, include: Sequence[str] = ()) -> AppNest:
        """One nest; includes as for `list`. Raises NotFound, KeyRefused, NotAllowed.

        `GET /api/application/nests/{id}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(nest_id)), included("nest", include))
        found = read_nest(reader)
        return the_same(found, found.id, nest_id, reader)


class EggCalls(Group):
    """`/api/application/nests/{nest}/eggs`; needs `eggs` READ."""

    def list(self, nest_id: int, *, include: Sequence[str] = ()) -> tuple[AppEgg, ...]:
        """All eggs of a nest, in no promised order. Includes: `variables`, `nest`, `servers`, `config`, `script`.

        Raises NotFound, KeyRefused, NotAllowed (the key lacks the permission).
        `GET /api/application/nests/{id}/eggs` (panel 1.11).
        """
        return self._caller.read(_path(number(nest_id), "eggs"), included("egg", include)).each(read_egg)

    def view(self, nest_id: int, egg_id: int, include: Sequence[str] = ()) -> AppEgg:
        """One egg; includes as for `list`. Raises NotFound (also if it is in another nest), KeyRefused, NotAllowed.

        `GET /api/application/nests/{id}/eggs/{egg}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(nest_id), "eggs", number(egg_id)), included("egg", include))
        found = read_egg(reader)
        return the_same(found, found.id, egg_id, reader)

    def find(self, egg_id: int) -> AppEgg | None:
        """An egg with its variables, when its nest is not known: looks through all nests (needs `nests` READ too).

        None if there is no such egg. Raises KeyRefused, NotAllowed. `GET /api/application/nests` (panel 1.11).
        """
        number(egg_id)
        for nest in NestCalls(self._caller).iterate(include=("eggs.variables",)):
            if nest.eggs is None:
                raise NotAllowed("this key may not read eggs", request=f"GET {_path()}")
            if found := next((egg for egg in nest.eggs if egg.id == egg_id), None):
                return found
        return None


def _path(*segments: str | int) -> str:
    return route("application", "nests", *segments)
