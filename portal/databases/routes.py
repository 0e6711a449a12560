"""The page Databases of a server."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.databases import service
from portal.databases.connecting import Access, access_of
from portal.databases.forms import CreateForm, DeleteForm, RotateForm
from portal.databases.models import Databases, Named
from portal.pterodactyl.models import Database
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked, told
from portal.web.errors import answer
from portal.web.i18n import _
from portal.web.section import section
from portal.web.text import one_line

bp = Blueprint("databases", __name__)
CHANGED = "databases-changed"


@bp.get("/servers/<server:identifier>/databases")
@allowed("database.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The databases; as a fragment what changes."""
    shown = seen(server, lambda: service.listed(viewer(), server))
    context: dict[str, Any] = {
        "server": server,
        "shown": shown if isinstance(shown, Databases) else None,
        "trouble": shown if isinstance(shown, Trouble) else None,
    }
    whole = partial(server_page, viewer(), server)
    return section("databases/_list.html", "databases/page.html", context["trouble"], whole, **context)


@bp.get("/servers/<server:identifier>/databases/new")
@allowed("database.create", live=True)
def new(server: Opened) -> ResponseReturnValue:
    """The form of a new database."""
    return asked(_creating(server, CreateForm(formdata=None, data={"remote": "%"})))


@bp.post("/servers/<server:identifier>/databases/new")
@allowed("database.create")
def create(server: Opened) -> ResponseReturnValue:
    """Make a database, and show how to connect to it to who may see that."""
    form = CreateForm()
    made: list[Database] = []

    def do() -> Done:
        name = str(form.database.data)
        made.append(service.create(viewer(), server, name=name, remote=str(form.remote.data)))
        text = _("The database %(name)s was created.", name=one_line(made[0].name))
        if service.naming(server).cuts(name):
            text += " " + _("The panel has cut its name.")
        return Done(text, CHANGED, to=_way_to_access(server, made[0]))

    response = act(_creating(server, form), do, event=CHANGED)
    return _with_access(server, made, _("The database was created.")) or response


@bp.get("/servers/<server:identifier>/databases/<hashid:database>/password")
@allowed("database.view_password", live=True, fresh=True)
def password(server: Opened, database: str) -> ResponseReturnValue:
    """How to connect to a database: for who clicks, never before."""
    try:
        access = service.reveal(viewer(), server, database)
    except service.Gone:
        return _gone()
    return _shown(server, access)


@bp.get("/servers/<server:identifier>/databases/<hashid:database>/rotate")
@allowed("database.update", live=True)
def ask_rotate(server: Opened, database: str) -> ResponseReturnValue:
    """Whether the password shall be replaced."""
    try:
        named = service.named(viewer(), server, database)
    except service.Gone:
        return _gone()
    return asked(_rotating(server, named, RotateForm(formdata=None)))


@bp.post("/servers/<server:identifier>/databases/<hashid:database>/rotate")
@allowed("database.update")
def rotate(server: Opened, database: str) -> ResponseReturnValue:
    """Replace the password, and show the new one to who may see it."""
    form = RotateForm()
    named = service.named_by(server, database, str(form.of.data))
    if named is None:
        return _ask_again()
    done: list[Database] = []

    def do() -> Done:
        done.append(service.rotate(viewer(), server, named))
        text = _("%(name)s has a new password. The old one no longer works.", name=one_line(named.name))
        return Done(text, CHANGED, to=_way_to_access(server, done[0]))

    try:
        response = act(_rotating(server, named, form), do, event=CHANGED)
    except service.Gone:
        return _gone()
    return _with_access(server, done, _("The password is new. The old one no longer works.")) or response


@bp.get("/servers/<server:identifier>/databases/<hashid:database>/delete")
@allowed("database.delete", live=True)
def ask_delete(server: Opened, database: str) -> ResponseReturnValue:
    """Whether a database shall be deleted, by typing its name."""
    try:
        named = service.named(viewer(), server, database)
    except service.Gone:
        return _gone()
    return asked(_deleting(server, named, DeleteForm(formdata=None)))


@bp.post("/servers/<server:identifier>/databases/<hashid:database>/delete")
@allowed("database.delete")
def delete(server: Opened, database: str) -> ResponseReturnValue:
    """Delete a database."""
    form = DeleteForm()
    named = service.named_by(server, database, str(form.of.data))
    if named is None:
        return _ask_again()

    def do() -> Done:
        service.delete(viewer(), server, named, typed=str(form.name.data))
        return Done(_("The database %(name)s was deleted.", name=one_line(named.name)), CHANGED)

    question = _deleting(server, named, form)
    try:
        return act(question, do, event=CHANGED)
    except service.Gone:
        text = _("The panel finds no such database on this server any more. Nothing was deleted now.")
        return told(Done(text, CHANGED, "warn"), question.back)


def _creating(server: Opened, form: CreateForm) -> Question:
    context = {"server": server, "naming": service.naming(server)}
    return Question("databases/_new.html", _("New database"), _page(server), context, form)


def _rotating(server: Opened, named: Named, form: RotateForm) -> Question:
    return Question("databases/_rotate.html", _("New password"), _page(server), _about(server, named), form)


def _deleting(server: Opened, named: Named, form: DeleteForm) -> Question:
    return Question("databases/_delete.html", _("Delete database"), _page(server), _about(server, named), form)


def _about(server: Opened, named: Named) -> dict[str, object]:
    return {"server": server, "database": named, "token": service.token_of(server, named)}


def _page(server: Opened) -> str:
    return url_for(".page", identifier=server.facts.identifier)


def _way_to_access(server: Opened, database: Database) -> str:
    """Where a browser without script finds the password that the panel just gave; empty for who may not see it."""
    if htmx.wants_fragment() or database.password is None or not server.rights.allow("database.read"):
        return ""
    return url_for(".password", identifier=server.facts.identifier, database=database.id)


def _with_access(server: Opened, done: list[Database], news: str) -> ResponseReturnValue | None:
    """What a dialog shows after an act that gave a password; None when there is none to show."""
    access = access_of(done[0]) if done and htmx.wants_fragment() else None
    return htmx.event(_shown(server, access, news), CHANGED) if access else None


def _shown(server: Opened, access: Access, news: str = "") -> Response:
    """How to connect, in a dialog or on a page of its own; nobody keeps a copy of it."""
    context: dict[str, Any] = {"server": server, "access": access, "news": news, "back": _page(server)}
    if htmx.wants_fragment():
        response = htmx.fragment("databases/_access.html", **context)
    else:
        response = make_response(render_template("databases/access.html", **context))
    response.headers["Cache-Control"] = "no-store"
    return response


def _gone() -> ResponseReturnValue:
    message = _("There is no such database on this server any more.")
    return htmx.event(answer(404, _("Not found"), message), CHANGED)


def _ask_again() -> ResponseReturnValue:
    message = _("This question was not asked here, or for another database. Nothing was changed.")
    return answer(409, _("Not possible now"), message)
