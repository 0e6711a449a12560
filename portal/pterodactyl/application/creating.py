"""Making servers, once and not twice: the panel's own call, defaults from the egg, and several places at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from portal.pterodactyl.application import server_bodies as bodies
from portal.pterodactyl.application.group import Group, exactly
from portal.pterodactyl.application.listing import included
from portal.pterodactyl.application.nests import EggCalls
from portal.pterodactyl.application.reading import read_app_server
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S
from portal.pterodactyl.errors import Invalid, NodeUnreachable, NotFound, OutcomeUnknown, PanelError
from portal.pterodactyl.models import (
    AppEgg,
    AppServer,
    Creation,
    Deploy,
    FeatureLimits,
    Limits,
    NewServer,
    OnAllocations,
)
from portal.pterodactyl.paths import number, route, segment

NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
NO_FEATURES: Final = FeatureLimits(databases=0, allocations=0, backups=0)


class Creating(Group):
    """The part of `/api/application/servers` that makes servers."""

    def view_external(self, external_id: str, include: Sequence[str] = ()) -> AppServer:
        """The server that another system knows under exactly this id; includes as for `list`.

        Raises NotFound, KeyRefused, NotAllowed. `GET /api/application/servers/external/{external_id}` (panel 1.11).
        """
        path = route("application", "servers", "external", external_id)
        reader = self._caller.read(path, included("server", include))
        return exactly(read_app_server(reader), external_id, reader)

    def create(self, new: NewServer) -> AppServer:
        """Make one server; its state is `installing` at first, and nobody is told when that ends: look again.

        Give it an external id: with it `create_once` finds out what became of a call that was not answered. Raises
        Invalid (also for an external id that is taken), Refused (no node or no address is free), NodeRefused (the panel
        has taken it back), OutcomeUnknown. `POST /api/application/servers` (panel 1.11).
        """
        path = route("application", "servers")
        return self._caller.change(path, read_app_server, bodies.new_json(new), BACKGROUND_WRITE_S, status=201)

    def create_once(self, new: NewServer) -> Creation:
        """Make a server, or find the one that has its external id already.

        A call whose outcome is unknown is looked up before anything is said. A server that is there but installs still
        comes with OutcomeUnknown beside it: the panel may be about to take it back, so look again a minute later. If
        there is none, it was the node that did not answer (NodeUnreachable: the panel has taken it back), or the panel
        (OutcomeUnknown). Raises ValueError for an external id that cannot be looked up (none, blanks around it,
        slashes), else as `create` and `view_external`.
        """
        external_id = _sought(new.external_id)
        place = new.place.locations[0] if isinstance(new.place, Deploy) and len(new.place.locations) == 1 else None
        try:
            return Creation(external_id, place, self.create(new), is_new=True, error=None)
        except OutcomeUnknown as unknown:
            try:
                found = self._known(external_id)
            except PanelError:
                raise unknown from None
            if found is not None:
                # While the panel still waits for the node, the server is there, and may be taken back yet.
                is_certain = found.status != "installing"
                return Creation(external_id, place, found, is_new=None, error=None if is_certain else unknown)
            if isinstance(unknown.cause, NodeUnreachable):  # the panel itself says so, and has taken it back
                raise unknown.cause from None
            raise
        except Invalid as invalid:
            if ("external_id", "unique") not in [(one.source_field, one.rule) for one in invalid.errors]:
                raise
            found = self._known(external_id)  # beside it may stand that the allocation is taken: by that very server
            if found is None:
                raise
            return Creation(external_id, place, found, is_new=False, error=None)

    def prepare(
        self,
        *,
        name: str,
        user: int,
        egg: int,
        limits: Limits,
        place: OnAllocations | Deploy,
        nest: int | None = None,
        external_id: str | None = None,
        feature_limits: FeatureLimits = NO_FEATURES,
        environment: Mapping[str, str] = NO_VALUES,
        docker_image: str | None = None,
        startup: str | None = None,
        description: str = "",
        skip_scripts: bool = False,
        start_on_completion: bool = False,
    ) -> NewServer:
        """A server that could be made, with all that is not given taken from its egg (needs `eggs` READ).

        Variables have their defaults; blanks around a value are lost at the panel. `docker_image` is one of the egg's
        labels, or an image; None is the egg's only one, or of several the one whose label has the highest number ("Java
        21" before "Java 8"). Without `nest` it is looked for as by `eggs.find` (`GET
        /api/application/nests`). Raises NotFound, KeyRefused, NotAllowed, and
        ValueError for an egg without images or command where none is given, or without a variable that is given. `GET
        /api/application/nests/{id}/eggs/{egg}` (panel 1.11).
        """
        bodies.texts(environment)
        if nest is None:
            kind = self._egg_with_variables(egg)
        else:
            kind = EggCalls(self._caller).view(nest, egg, ("variables",))
        command = kind.startup if startup is None else startup
        if not command:
            raise ValueError("the egg has no startup command: give one")
        defaults = bodies.defaults_of(kind)
        if unknown := environment.keys() - defaults:
            raise ValueError(f"the egg has no such variable: {', '.join(sorted(unknown))}")
        return NewServer(
            name=name, user=user, egg=egg, docker_image=_image(kind, docker_image), startup=command,
            environment=defaults | dict(environment), limits=limits, feature_limits=feature_limits,
            place=place, external_id=external_id, description=description, skip_scripts=skip_scripts,
            start_on_completion=start_on_completion,
        )  # fmt: skip

    def create_in_locations(self, new: NewServer, external_ids: Mapping[int, str]) -> tuple[Creation, ...]:
        """One server in each of these locations, under an external id of its own: location id -> external id.

        The panel makes a single server for a list of locations. Ports and dedicated address are as in `new.place`, if
        it is a `Deploy`. Each ends by itself: what went wrong stands in its result, and the others are made all the
        same. Asked again with the same ids, it makes only what is missing. Raises ValueError, before any call, for an
        external id given twice (the panel does not look at upper case) or one that `create_once` would not take.
        """
        place = new.place
        if not isinstance(place, Deploy):
            raise ValueError("in a location the panel chooses the allocation: give a Deploy")
        if len({_sought(one).casefold() for one in external_ids.values()}) != len(external_ids):
            raise ValueError("each server needs an external id of its own")
        for location in external_ids:
            number(location)
        return tuple(
            self._attempt(replace(new, place=replace(place, locations=(location,)), external_id=external_id), location)
            for location, external_id in external_ids.items()
        )

    def _egg_with_variables(self, egg_id: int) -> AppEgg:
        """An egg whose nest is not known. Raises NotFound."""
        found = EggCalls(self._caller).find(egg_id)
        if found is None:
            raise NotFound("there is no such egg")
        return found

    def _attempt(self, new: NewServer, location: int) -> Creation:
        try:
            return self.create_once(new)
        except PanelError as error:
            return Creation(new.external_id or "", location, None, is_new=None, error=error)

    def _known(self, external_id: str) -> AppServer | None:
        """The server of this external id, or None. Raises what keeps the panel from saying."""
        try:
            return self.view_external(external_id)
        except NotFound:
            return None


def _sought(external_id: str | None) -> str:
    """An external id by which a server can be found again, just as the panel keeps it."""
    if not isinstance(external_id, str) or external_id != external_id.strip():
        raise ValueError("a server that is to be made once needs an external id, without blanks around it")
    segment(external_id)
    return external_id


def _image(egg: AppEgg, wanted: str | None) -> str:
    if wanted is not None:
        return egg.docker_images.get(wanted, wanted)
    if not egg.docker_images:
        raise ValueError("the egg has no images: give one")
    return egg.docker_images[max(egg.docker_images, key=_in_numbers)]


def _in_numbers(label: str) -> tuple[tuple[int, str], ...]:
    """A label so that "Java 9" stands before "Java 21"."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", label))
