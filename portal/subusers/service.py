"""Subusers of a server: who they are, giving access, changing and taking it away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from portal.audit import service as audit
from portal.auth import mails
from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.pterodactyl.client.subusers import ALWAYS_GIVEN
from portal.pterodactyl.models import Subuser
from portal.servers.door import acting, looking
from portal.servers.reading import Opened
from portal.store import write
from portal.subusers import invitations, people, rules
from portal.subusers.invitations import Invitation
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line

State = Literal["waiting", "in", "outside"]
"""waiting: invited and not signed in since. in: signed in since. outside: added on the panel, not through Roost."""
_BESIDE_EMAIL = ("UserIsServerOwnerException", "ServerSubuserExistsException")


class Gone(Unfit):
    """Somebody has no access to the server any more."""


class Changed(Unfit):
    """Somebody else changed a subuser since the form was made; `now` is what they hold."""

    def __init__(self, sentence: str, now: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.now = now


@dataclass(frozen=True)
class Person:
    """A subuser as a viewer may know them. Of somebody who waits only the address is told, so that nothing says
    whether it was known: `username` is empty and `has_two_factor` None."""

    uuid: str
    email: str
    username: str
    has_two_factor: bool | None
    permissions: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One line of the list; `groups` is in how many groups the permissions are."""

    person: Person
    state: State
    is_viewer: bool
    groups: int
    invitation: Invitation | None


@dataclass(frozen=True)
class Saved:
    """What a change did: permissions that came, went, and that the panel did not keep although they were sent.

    `person` is who holds what they hold now.
    """

    person: Person
    given: tuple[str, ...]
    taken: tuple[str, ...]
    dropped: tuple[str, ...]


def listed(viewer: Viewer, opened: Opened) -> tuple[Entry, ...]:
    """Everybody with access but the owner, by address. One panel call; raises the library's errors."""
    with looking(viewer) as api:
        found = api.subusers.list(opened.facts.uuid)
    invited = invitations.of_server(opened.facts.uuid)
    entries = [_entry(viewer, one, invited.get(one.uuid)) for one in found]
    return tuple(sorted(entries, key=lambda one: one.person.email.casefold()))


def view(viewer: Viewer, opened: Opened, uuid: str) -> Person:
    """One subuser, to change them. Raises Forbidden, Gone, Oneself, and the library's errors."""
    rules.needs_reading(opened)
    known = people.known(uuid)
    if known is not None and known.id == viewer.panel_user_id:
        raise people.oneself()
    found = _read(viewer, opened, uuid)
    if people.is_viewer(viewer, found) and people.another(viewer, uuid) is None:  # the name alone is not sure
        raise people.oneself()
    return _entry(viewer, found, invitations.one(opened.facts.uuid, uuid)).person


def invite(viewer: Viewer, opened: Opened, email: str, permissions: Sequence[str]) -> None:
    """Give somebody access by their address, and let them be told. Nothing of it says whether they were known here.

    Raises Unfit for more than the viewer holds (without a panel call) and for what the panel refuses about the address.
    """
    wanted = rules.grantable(viewer, opened, permissions)
    rules.not_too_many(viewer)
    with _refusals(), acting(viewer, "subuser.create", opened.facts.uuid, email) as api:
        made = api.subusers.create(opened.facts.uuid, email=email, permissions=wanted)
    invitations.made(viewer, opened, made.uuid, made.permissions)


def update(viewer: Viewer, opened: Opened, uuid: str, permissions: Sequence[str], shown: Sequence[str]) -> Saved:
    """Let a subuser hold these permissions and no others. `shown` is what the form said that they hold.

    Raises Changed when they hold something else by now, Unfit for more than the viewer holds (without a panel call),
    Forbidden, Oneself, Gone, and the library's errors.
    """
    rules.needs_reading(opened)
    wanted = rules.grantable(viewer, opened, permissions, theirs=shown)
    person = people.another(viewer, uuid)
    before = _read(viewer, opened, uuid)
    held = {*before.permissions, ALWAYS_GIVEN}
    if held != {*shown, ALWAYS_GIVEN}:
        raise Changed(_changed(held, {*shown, ALWAYS_GIVEN}), before.permissions)
    entry = _entry(viewer, before, invitations.one(opened.facts.uuid, uuid)).person
    if held == {*wanted, ALWAYS_GIVEN}:
        return Saved(entry, (), (), ())
    try:
        with _refusals(), acting(viewer, "subuser.update", opened.facts.uuid, before.email) as api:
            after = api.subusers.replace_permissions(opened.facts.uuid, uuid, permissions=wanted)
    except errors.NotFound:
        raise _gone() from None
    invitations.changed(opened.facts.uuid, uuid, person.id if person else None, after.permissions)
    kept = set(after.permissions)
    return Saved(
        replace(entry, permissions=after.permissions),
        given=tuple(one for one in after.permissions if one not in held),
        taken=tuple(one for one in before.permissions if one not in kept and one not in wanted),
        dropped=tuple(one for one in wanted if one not in kept),
    )


def remove(viewer: Viewer, opened: Opened, uuid: str) -> str:
    """Take somebody's access away, here too and at once; returns their address, "" for who may not read it.

    Raises Oneself, Gone, and the library's errors.
    """
    person = people.another(viewer, uuid)
    detail = person.email if person else uuid
    try:
        with acting(viewer, "subuser.delete", opened.facts.uuid, detail) as api:
            api.subusers.delete(opened.facts.uuid, uuid)
    except errors.NotFound:
        raise _gone() from None
    invitations.changed(opened.facts.uuid, uuid, person.id if person else None, None)
    return one_line(person.email, 191) if person and opened.rights.allow("user.read") else ""


def resend(viewer: Viewer, opened: Opened, uuid: str) -> str:
    """Write to a subuser (again) who has not signed in since they were invited; returns their address.

    Raises Unfit when that was just done, when they signed in, or nothing can be sent; Forbidden, Oneself, Gone, and the
    library's errors.
    """
    rules.needs_reading(opened)
    if not mails.can_mail():
        raise Unfit(_("This portal sends no mail. Your host can give them a link."))
    before = invitations.one(opened.facts.uuid, uuid)
    if before is not None and before.has_signed_in:
        raise Unfit(_("They have signed in since: there is nothing to send."))
    if before is not None:
        rules.not_too_soon(before.mailed_at)
    rules.not_too_many(viewer)
    people.another(viewer, uuid)
    found = _read(viewer, opened, uuid)
    if before is None:
        invitations.made(viewer, opened, uuid, found.permissions)
    with write() as session:
        invitations.again_in(session, viewer, opened, uuid, found.permissions)
        audit.record_in(session, viewer, "subuser.resend", opened.facts.uuid, detail=one_line(found.email, 191))
    return found.email


def _read(viewer: Viewer, opened: Opened, uuid: str) -> Subuser:
    try:
        with looking(viewer) as api:
            return api.subusers.view(opened.facts.uuid, uuid)
    except errors.NotFound:
        raise _gone() from None


def _entry(viewer: Viewer, found: Subuser, invitation: Invitation | None) -> Entry:
    state: State = "outside" if invitation is None else "in" if invitation.has_signed_in else "waiting"
    is_told = state != "waiting"
    person = Person(
        found.uuid,
        one_line(found.email, 191),
        one_line(found.username, 191) if is_told else "",
        found.two_factor_enabled if is_told else None,
        found.permissions,
    )
    groups = len({one.partition(".")[0] for one in found.permissions})
    return Entry(person, state, people.is_viewer(viewer, found), groups, invitation)


def _gone() -> Gone:
    return Gone(_("They have no access to this server any more: somebody has taken it away."))


def _changed(held: set[str], shown: set[str]) -> str:
    parts = [_("Somebody changed this access while you looked at it, so nothing was saved.")]
    if came := sorted(held - shown):
        parts.append(_("Given meanwhile: %(names)s.", names=one_line(", ".join(came), 300)))
    if went := sorted(shown - held):
        parts.append(_("Taken away meanwhile: %(names)s.", names=one_line(", ".join(went), 300)))
    return " ".join([*parts, _("What you ticked is still here: look through it, and save again.")])


@contextmanager
def _refusals() -> Iterator[None]:
    """Put what the panel refuses beside the field that it is about."""
    try:
        yield
    except errors.Refused as error:
        if error.code in _BESIDE_EMAIL:
            raise Unfit(error.detail, field="email") from error
        raise
    except errors.NotAllowed as error:
        if error.code == "HttpForbiddenException":
            raise Unfit(error.detail, field="permissions") from error
        raise
