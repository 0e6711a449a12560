"""The page Settings of a server."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.panel import settings
from portal.server_settings import service
from portal.server_settings.forms import ReinstallForm, RenameForm
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.state import standing
from portal.servers.words import words
from portal.web import htmx, resume
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.i18n import _
from portal.web.text import one_line

bp = Blueprint("server_settings", __name__)
CHANGED = "settings-changed"


@bp.get("/servers/<server:identifier>/settings")
@allowed(None)
def page(server: Opened) -> ResponseReturnValue:
    """The page, or its section alone; the one panel call is that for the server."""
    template = "server_settings/_section.html" if htmx.wants_fragment() else "server_settings/page.html"
    return render_template(template, **_context(server))


@bp.get("/servers/<server:identifier>/settings/live")
@allowed(None, live=True, poll=True)
def live(server: Opened) -> ResponseReturnValue:
    """The section, once the server is no longer in the state that forbids everything; no panel call."""
    context = _context(server)  # says too that somebody looks, so that the end is noticed
    if request.args.get("seen") == standing(server.facts):
        return htmx.unchanged()
    return htmx.fragment("server_settings/_section.html", **context)


@bp.post("/servers/<server:identifier>/settings/rename")
@allowed("settings.rename", keeps=("name", "description"))
def rename(server: Opened) -> ResponseReturnValue:
    """Change name and description. The page is loaded anew: its head and title have the name too."""
    form = RenameForm()
    title, context = _("Name and description"), {"server": server}
    question = Question("server_settings/_rename.html", title, _page(server), context, form)

    def do() -> Done:
        name, description = form.was_name.data, form.was_description.data
        was = None if name is None or description is None else service.Seen(name, description)
        try:
            service.rename(viewer(), server, str(form.name.data or ""), str(form.description.data or ""), was)
        except service.Changed as error:
            form[f"was_{error.field}"].data = error.now
            raise
        return Done(_("Saved."), to=_page(server))

    return act(question, do)


@bp.get("/servers/<server:identifier>/settings/reinstall")
@allowed("settings.reinstall", live=True)
def ask_reinstall(server: Opened) -> ResponseReturnValue:
    """Ask before the server is installed again; says too when its state forbids that now."""
    state = standing(server.facts)
    question = _reinstalling(server, ReinstallForm(formdata=None))
    return asked(question, message=words(state).advice if state else "")


@bp.post("/servers/<server:identifier>/settings/reinstall")
@allowed("settings.reinstall")
def reinstall(server: Opened) -> ResponseReturnValue:
    """Install it again; then the page shows that it is being installed."""
    form = ReinstallForm()

    def do() -> Done:
        service.reinstall(viewer(), server, str(form.name.data or ""))
        told = _("The reinstall of %(name)s has started.", name=one_line(server.facts.name))
        return Done(told, to=_page(server))

    return act(_reinstalling(server, form), do, event=CHANGED)


def _context(server: Opened) -> dict[str, Any]:
    facts = server.facts
    shown = {"was_name": facts.name, "was_description": facts.description}
    values = {"name": facts.name, "description": facts.description} | shown | resume.typed(request.path)
    page = server_page(viewer(), server)
    return {
        "page": page,
        "server": server,
        "sftp": service.sftp(viewer(), server),
        "standing": standing(facts),
        "panel_url": settings().panel_url,
        "form": RenameForm(formdata=None, data=values),
    }


def _reinstalling(server: Opened, form: ReinstallForm) -> Question:
    asks_for = service.asked_name(server.facts)
    has_backups = server.rights.allow("backup.create") and server.facts.backups != 0
    context = {"server": server, "asks_for": asks_for, "has_backups": has_backups}
    return Question("server_settings/_reinstall.html", _("Reinstall"), _page(server), context, form)


def _page(server: Opened) -> str:
    return url_for(".page", identifier=server.facts.identifier)
