"""The page Network of a server."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal.network import models, service
from portal.network.forms import NotesForm
from portal.network.models import Allocations
from portal.pterodactyl.models import Allocation
from portal.servers.facts import address_of
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.fields import NoForm
from portal.web.i18n import _
from portal.web.section import section
from portal.web.text import one_line

bp = Blueprint("network", __name__)
CHANGED = "network-changed"


@bp.record_once
def _names(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters.update(allocation=address_of, numeric_allocation=models.numeric)


@bp.get("/servers/<server:identifier>/network")
@allowed("allocation.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The allocations; as a fragment what changes, and the address in the head of the page."""
    found = seen(server, lambda: service.listed(viewer(), server))
    if isinstance(found, Allocations):
        server = service.with_addresses(server, found)
    context: dict[str, Any] = {
        "server": server,
        "shown": found if isinstance(found, Allocations) else None,
        "trouble": found if isinstance(found, Trouble) else None,
    }
    whole = partial(server_page, viewer(), server)
    is_alone = htmx.wants_fragment()
    return section("network/_list.html", "network/page.html", context["trouble"], whole, is_alone=is_alone, **context)


@bp.get("/servers/<server:identifier>/network/new")
@allowed("allocation.create", live=True)
def new(server: Opened) -> ResponseReturnValue:
    """Whether one more allocation is wanted."""
    return asked(_adding(server, NoForm(formdata=None)))


@bp.post("/servers/<server:identifier>/network/new")
@allowed("allocation.create")
def create(server: Opened) -> ResponseReturnValue:
    """Add an allocation."""

    def do() -> Done:
        made = service.create(viewer(), server)
        return Done(_("%(address)s was created.", address=_named(made)), CHANGED)

    return act(_adding(server, NoForm()), do, event=CHANGED)


@bp.post("/servers/<server:identifier>/network/<number:allocation>/notes")
@allowed("allocation.update")
def write_notes(server: Opened, allocation: int) -> ResponseReturnValue:
    """Write the note of an allocation; the answer is its form again, so that what is typed beside it stays."""
    form = NotesForm()
    saved: list[Allocation] = []

    def do() -> Done:
        try:
            saved.append(service.write_notes(viewer(), server, allocation, str(form.notes.data), form.was.data))
        except service.Changed as error:
            form.was.data = error.now
            raise
        return Done(_("The note of %(address)s is saved.", address=_named(saved[0])))

    response = act(_noting(server, allocation, form), do)
    if not saved or not htmx.wants_fragment():
        return response
    context: dict[str, Any] = {"server": server, "number": allocation, "address": address_of(saved[0])}
    return htmx.fragment("network/_notes.html", notes=saved[0].notes or "", is_saved=True, **context)


@bp.get("/servers/<server:identifier>/network/<number:allocation>/primary")
@allowed("allocation.update", live=True)
def ask_primary(server: Opened, allocation: int) -> ResponseReturnValue:
    """Whether this shall be the allocation that players use."""
    return asked(_choosing(server, allocation, NoForm(formdata=None)))


@bp.post("/servers/<server:identifier>/network/<number:allocation>/primary")
@allowed("allocation.update")
def make_primary(server: Opened, allocation: int) -> ResponseReturnValue:
    """Make this the allocation that players use."""

    def do() -> Done:
        made = service.make_primary(viewer(), server, allocation)
        text = _("%(address)s is the primary allocation. The server uses it from its next start.",
                 address=_named(made))  # fmt: skip
        return Done(text, CHANGED)

    return act(_choosing(server, allocation, NoForm()), do, event=CHANGED)


@bp.get("/servers/<server:identifier>/network/<number:allocation>/delete")
@allowed("allocation.delete", live=True)
def ask_delete(server: Opened, allocation: int) -> ResponseReturnValue:
    """Whether an allocation shall be taken away."""
    return asked(_deleting(server, allocation, NoForm(formdata=None)))


@bp.post("/servers/<server:identifier>/network/<number:allocation>/delete")
@allowed("allocation.delete")
def delete(server: Opened, allocation: int) -> ResponseReturnValue:
    """Take an allocation away."""
    address = _address(server, allocation)

    def do() -> Done:
        service.delete(viewer(), server, allocation)
        return Done(_("%(address)s was deleted.", address=address), CHANGED)

    return act(_deleting(server, allocation, NoForm()), do, event=CHANGED)


def _adding(server: Opened, form: NoForm) -> Question:
    return Question("network/_new.html", _("Add an allocation"), _page(server), {"server": server}, form)


def _choosing(server: Opened, allocation: int, form: NoForm) -> Question:
    title = _("Make primary")
    return Question("network/_primary.html", title, _page(server), _about(server, allocation), form)


def _deleting(server: Opened, allocation: int, form: NoForm) -> Question:
    return Question("network/_delete.html", _("Delete allocation"), _page(server), _about(server, allocation), form)


def _noting(server: Opened, allocation: int, form: NotesForm) -> Question:
    return Question("network/_notes.html", _("Notes"), _page(server), _about(server, allocation), form)


def _about(server: Opened, allocation: int) -> dict[str, object]:
    return {"server": server, "number": allocation, "address": _address(server, allocation)}


def _address(server: Opened, allocation: int) -> str:
    """An allocation in words, also for somebody who may not see which it is."""
    found = service.known(server, allocation)
    return _named(found) if found else _("#%(number)d", number=allocation)


def _named(allocation: Allocation) -> str:
    return one_line(address_of(allocation))


def _page(server: Opened) -> str:
    return url_for(".page", identifier=server.facts.identifier)
