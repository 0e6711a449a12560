"""Allocations of a server. Whatever is read or changed here is set right for the head of all pages at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portal import clock
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.network.models import Allocations
from portal.pterodactyl import ClientApi, errors
from portal.pterodactyl.models import Allocation
from portal.servers import addresses
from portal.servers.door import acting, looking
from portal.servers.facts import address_of
from portal.servers.reading import Opened, scope_of
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line

LONGEST_NOTE = 191
"""Letters that the panel keeps, although it takes 256: the others would be gone at the next look."""


def listed(viewer: Viewer, opened: Opened) -> Allocations:
    """All allocations, which the pages know from now on. Raises the library's errors."""
    read_at = clock.now()
    with looking(viewer) as api:
        found = api.network.list(opened.facts.identifier)
    scope = scope_of(viewer, credentials.for_account(viewer.account_id, viewer.panel_user_id))
    addresses.save_allocations(scope, opened.facts.uuid, found, read_at)
    return Allocations(found, opened.facts.allocations_limit)


def with_addresses(opened: Opened, found: Allocations) -> Opened:
    """A server with the allocations that were just read."""
    return replace(opened, facts=replace(opened.facts, allocations=found.all))


def create(viewer: Viewer, opened: Opened) -> Allocation:
    """One more allocation, which the panel chooses. Raises the library's errors; a limit is the panel's to hold."""
    with acting(viewer, "allocation.create", opened.facts.uuid) as api:
        return api.network.create(opened.facts.identifier)


class Changed(Unfit):
    """The note is another one by now: `now`."""

    def __init__(self, now: str) -> None:
        if now:
            text = _("Somebody has changed this note meanwhile. It says: “%(notes)s”. Save again to replace it.",
                     notes=one_line(now))  # fmt: skip
        else:
            text = _("Somebody has taken this note away meanwhile. Save again to write yours.")
        super().__init__(text, field="notes")
        self.now = now


def write_notes(viewer: Viewer, opened: Opened, allocation: int, notes: str, was: str | None = None) -> Allocation:
    """Write the note of an allocation; an empty one takes it away. Raises Unfit, the library's errors.

    `was` is the note that this person has seen: when it is another one by now, Changed, and nothing is written.
    """
    if len(notes) > LONGEST_NOTE:
        too_many = len(notes) - LONGEST_NOTE
        text = _("The panel keeps %(most)d characters of a note; this has %(number)d too many. Nothing was saved.",
                 most=LONGEST_NOTE, number=too_many)  # fmt: skip
        raise Unfit(text, field="notes")
    if was is not None and opened.rights.allow("allocation.read"):
        _still(viewer, opened, allocation, was, notes)
    with _one(viewer, opened, allocation, "allocation.notes") as api:
        return api.network.update_notes(opened.facts.identifier, allocation, notes=notes or None)


def make_primary(viewer: Viewer, opened: Opened, allocation: int) -> Allocation:
    """Make an allocation the one that players use, from the server's next start. Raises Unfit, the library's errors."""
    with _one(viewer, opened, allocation, "allocation.primary") as api:
        primary = api.network.make_primary(opened.facts.identifier, allocation)
    addresses.save_primary(opened.facts.uuid, primary, clock.now())
    return primary


def delete(viewer: Viewer, opened: Opened, allocation: int) -> None:
    """Take an allocation away from the server. Raises Unfit, the library's errors; the panel keeps the primary one."""
    with _one(viewer, opened, allocation, "allocation.delete") as api:
        api.network.delete(opened.facts.identifier, allocation)


def known(opened: Opened, allocation: int) -> Allocation | None:
    """An allocation as the pages know it; None when this person may not see it, or nobody has read it yet."""
    return next((one for one in opened.facts.allocations if one.id == allocation), None)


def _still(viewer: Viewer, opened: Opened, allocation: int, was: str, notes: str) -> None:
    """Whether a note is what somebody has seen, or what they want it to be; blanks do not count. Raises Changed."""
    with looking(viewer) as api:
        found = api.network.list(opened.facts.identifier)
    now = next(((one.notes or "") for one in found if one.id == allocation), was)
    if now.split() not in (was.split(), notes.split()):
        raise Changed(now)


@contextmanager
def _one(viewer: Viewer, opened: Opened, allocation: int, action: str) -> Iterator[ClientApi]:
    """A change of one allocation. One that is not there (any more) is no matter of the server: Unfit says so."""
    found = known(opened, allocation)
    try:
        with acting(viewer, action, opened.facts.uuid, address_of(found) if found else "") as api:
            yield api
    except errors.NotFound as error:
        raise Unfit(_("This server has no such allocation any more. Load the page again.")) from error
