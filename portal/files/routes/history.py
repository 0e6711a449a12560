"""Earlier versions of texts: the list, one beside what the file holds now, putting one back."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import folders, paths
from portal.files.routes.blueprint import asked_directory, asked_file, bp, refused
from portal.files.routes.editing import result_of
from portal.files.text import comparing, opening, versions
from portal.files.text.comparing import Compared
from portal.files.text.saving import Saved
from portal.files.text.sealing import Unreadable
from portal.files.text.versions import Version
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web import htmx
from portal.web.access import Forbidden, allowed, viewer
from portal.web.errors import sentence
from portal.web.i18n import _


@bp.get("/servers/<server:identifier>/files/versions")
@allowed("file.read-content", live=True, fresh=True)
def versions_of(server: Opened) -> ResponseReturnValue:
    """Every version of a text that is kept, also of one that is not there any more; the node is not asked."""
    file = asked_file()
    page = server_page(viewer(), server)
    found = versions.of(server.facts.uuid, file)
    return render_template("files/versions.html", page=page, file=file, versions=found)


@bp.get("/servers/<server:identifier>/files/versions/<number:number>")
@allowed("file.read-content", live=True, fresh=True)
def version(server: Opened, number: int) -> ResponseReturnValue:
    """One version's text. What is different now comes as a fragment, because it needs the node; with `now` at once."""
    try:
        found, raw = versions.get(server.facts.uuid, number)
    except (versions.NoSuchVersion, Unreadable) as wrong:
        return _not_kept(wrong)
    compared = comparing.with_now(viewer(), server, found, raw) if request.args.get("now") else None
    return _page(server, found, raw, compared)


@bp.get("/servers/<server:identifier>/files/versions/<number:number>/compared")
@allowed("file.read-content", live=True, fresh=True)
def version_compared(server: Opened, number: int) -> ResponseReturnValue:
    """What is different between a version and what the file holds now."""
    if not htmx.wants_fragment():
        return redirect(url_for(".version", identifier=server.facts.identifier, number=number, now=1), 303)
    try:
        found, raw = versions.get(server.facts.uuid, number)
    except (versions.NoSuchVersion, Unreadable) as wrong:
        return _not_kept(wrong)
    compared = comparing.with_now(viewer(), server, found, raw)
    return htmx.fragment("files/_compared.html", **_shown(server, found, compared))


@bp.post("/servers/<server:identifier>/files/versions/<number:number>/restore")
@allowed("file.create")
def restore(server: Opened, number: int) -> ResponseReturnValue:
    """Put a version back over what the file held when it was shown."""
    if not server.rights.allow("file.read-content"):
        raise Forbidden("file.read-content")
    try:
        found, raw = versions.get(server.facts.uuid, number)
    except (versions.NoSuchVersion, Unreadable) as wrong:
        return _not_kept(wrong)
    if "base" not in request.form:
        return refused(_("The form did not arrive as a whole. Nothing was saved."), htmx.REFUSED)
    saved = comparing.restore(viewer(), server, found, raw, request.form["base"])
    if saved.is_done:
        compared = Compared("same", saved.base)
    elif saved.theirs:
        compared = comparing.beside(saved.theirs, raw)
    else:
        compared = comparing.with_now(viewer(), server, found, raw)
    return _page(server, found, raw, compared, saved)


def _page(
    server: Opened, found: Version, raw: bytes, compared: Compared | None, saved: Saved | None = None
) -> Response:
    shown = _shown(server, found, compared, saved)
    page = server_page(viewer(), server)
    html = render_template("files/version.html", page=page, text=comparing.shown(raw), **shown)
    return make_response(html, result_of(saved) if saved else 200)


def _shown(server: Opened, found: Version, compared: Compared | None, saved: Saved | None = None) -> dict[str, Any]:
    """What the templates need."""
    error = (saved.error if saved else None) or (compared.error if compared else None)
    return {
        "facts": server.facts,
        "version": found,
        "compared": compared,
        "diff": compared.diff if compared else None,
        "saved": saved,
        "why": sentence(error)[1] if error else _refusal(saved),
        "may_save": opening.may_save(server),
    }


def _refusal(saved: Saved | None) -> str:
    """Why a version was not put back, where that is neither the panel's word nor the file's state."""
    if saved and saved.outcome == "busy":
        return _("Somebody else is saving this file just now. Try again in a moment.")
    return ""


def _not_kept(wrong: Exception) -> Response:
    if isinstance(wrong, Unreadable):
        return refused(_("This version cannot be read: it was kept under another master key."), 410)
    return refused(_("This version is not kept any more."), 410)


@bp.get("/servers/<server:identifier>/files/deleted")
@allowed("file.read-content", live=True)
def lost_texts(server: Opened) -> ResponseReturnValue:
    """Texts of a folder that are not there any more, but of which versions are kept.

    What is there only the node knows: that comes as a fragment, or at once for `now=1`.
    """
    if not server.rights.allow("file.read"):
        raise Forbidden("file.read")
    directory = asked_directory()
    if htmx.wants_fragment():
        found = _deleted(server, directory)
        return htmx.fragment("files/_deleted.html", facts=server.facts, directory=directory, **found)
    found = _deleted(server, directory) if request.args.get("now") == "1" else {}
    crumbs = paths.crumbs(directory)
    page = server_page(viewer(), server)
    return htmx.vary(make_response(render_template(
        "files/deleted.html", page=page, directory=directory, crumbs=crumbs, root=_root(server), **found
    )))  # fmt: skip


def _deleted(server: Opened, directory: str) -> dict[str, Any]:
    """Their newest versions, or why nobody can say which are gone."""
    try:
        there = {one.name for one in folders.read(viewer(), server, directory, is_fresh=True).entries}
    except folders.NoSuchFolder:
        there = set()
    except errors.PanelError as error:
        return {"problem": sentence(error)[1]}
    kept = versions.newest_below(server.facts.uuid, directory)
    return {"texts": [one for one in kept if paths.first_below(directory, one.path) not in there]}


def _root(server: Opened) -> str:
    return url_for(".page", identifier=server.facts.identifier)
