"""Panel accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Unpack

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application.group import Group, body_of, exactly, known, the_same
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, included, list_query
from portal.pterodactyl.application.reading import read_user
from portal.pterodactyl.models import AppUser, Page, UserBody, UserChanges
from portal.pterodactyl.paths import number, route


class AppUserCalls(Group):
    """`/api/application/users`; needs `users` READ, WRITE to change them, and `servers` READ for the include.

    `users` WRITE is as good as the whole panel: it makes administrators and sets passwords. All also raise KeyRefused
    and NotAllowed (the key lacks the permission).
    """

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppUser]:
        """One page of accounts by id. Filters match parts of `email`, `uuid`, `username`, `external_id`.

        A filter for one address also finds longer ones: see `find_by_email`. Include: `servers`.
        Raises KeyRefused, NotAllowed (the key lacks the permission), Refused (unknown filter).
        `GET /api/application/users` (panel 1.11).
        """
        query = list_query("user", filters, include, page, per_page)
        return self._caller.read(_path(), query).page(read_user)

    def iterate(
        self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = (), per_page: int = PER_PAGE
    ) -> Iterator[AppUser]:
        """All accounts, `per_page` to a call; errors as for `list`, and BadAnswer for a list without end."""
        ask = lambda page: self.list(filters=filters, include=include, page=page, per_page=per_page)  # noqa: E731
        return every_item(_path(), ask)

    def find_by_email(self, email: str, include: Sequence[str] = ()) -> AppUser | None:
        """The account of exactly this address, whatever the case of its letters; None if there is none.

        Errors as for `iterate`, and ValueError for an empty address.
        """
        found = self.iterate(filters={"email": email}, include=include)
        return next((one for one in found if one.email.casefold() == email.casefold()), None)

    def view(self, user_id: int, include: Sequence[str] = ()) -> AppUser:
        """One account. Include: `servers` (all of them, not paged).

        Raises NotFound, KeyRefused, NotAllowed. `GET /api/application/users/{id}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(user_id)), included("user", include))
        found = read_user(reader)
        return the_same(found, found.id, user_id, reader)

    def view_external(self, external_id: str, include: Sequence[str] = ()) -> AppUser:
        """The account that another system knows under exactly this id. Include and errors as for `view`.

        `GET /api/application/users/external/{external_id}` (panel 1.11).
        """
        reader = self._caller.read(_path("external", external_id), included("user", include))
        return exactly(read_user(reader), external_id, reader)

    def create(
        self,
        *,
        email: str,
        username: str,
        first_name: str,
        last_name: str,
        external_id: str | None = None,
        language: str = "en",
        root_admin: bool = False,
        password: str | None = None,
    ) -> AppUser:
        """A new account. Without `password` the panel makes one up and mails a link to set it.

        `username` is at least 3 characters, kept in lower case. Raises Invalid (also for an address, a name or an
        external id that is taken), OutcomeUnknown. `POST /api/application/users` (panel 1.11).
        """
        body = UserBody(email, username, first_name, last_name, external_id, language, root_admin)
        return self._caller.change(_path(), read_user, _json(body, password), status=201)

    def replace(self, user_id: int, body: UserBody, *, password: str | None = None) -> AppUser:
        """Write all of an account; see `update_user` for less than all. Without `password` it keeps its own.

        Raises NotFound, Invalid, OutcomeUnknown. `PATCH /api/application/users/{id}` (panel 1.11).
        """
        return self._caller.change(_path(number(user_id)), read_user, _json(body, password), method="PATCH")

    def update_user(self, user_id: int, *, password: str | None = None, **changes: Unpack[UserChanges]) -> AppUser:
        """Read an account, put in what is given, and write it whole; what is not named stays.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace`.
        """
        known(changes, UserBody)
        _some(password)
        return self.replace(user_id, replace(body_of(self.view(user_id), UserBody), **changes), password=password)

    def delete(self, user_id: int) -> None:
        """Delete an account, with its keys and its access to servers of others. Nobody asks whether it is your own.

        Raises NotFound, Refused (it owns servers), OutcomeUnknown. `DELETE /api/application/users/{id}` (panel 1.11).
        """
        self._caller.write(_path(number(user_id)), method="DELETE")


def _path(*segments: str | int) -> str:
    return route("application", "users", *segments)


def _json(body: UserBody, password: str | None) -> dict[str, Any]:
    _some(password)
    return asdict(body) | ({} if password is None else {"password": password})


def _some(password: str | None) -> None:
    if password == "":
        raise ValueError("an empty password would be passed over")
