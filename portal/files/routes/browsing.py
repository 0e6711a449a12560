"""Looking: a folder's page, its list in parts, one entry."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import folders, listing, paths, showing
from portal.files.folders import NoSuchFolder
from portal.files.listing import ListQuery
from portal.files.routes.blueprint import asked_directory, asked_file, bp, refused
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.state import BLOCKED, standing
from portal.servers.words import words
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.errors import sentence
from portal.web.i18n import _

CHOOSING = ("file.archive", "file.update", "file.create", "file.delete")
"""Each lets somebody do something with several files at once."""
bp.add_app_template_filter(paths.base, "base")
bp.add_app_template_filter(paths.parent, "parent")
bp.add_app_template_filter(paths.crumbs, "crumbs")
bp.add_app_template_filter(showing.visible, "visible")
bp.add_app_template_filter(showing.when, "when")
bp.add_app_template_global(showing.kind_words)
bp.add_app_template_global(showing.icon_of)
bp.add_app_template_global(showing.looks_like_text)
bp.add_app_template_global(showing.zone_name, "zone_name")


@bp.get("/servers/<server:identifier>/files")
@allowed("file.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """A folder's page. What is in it only the node knows: it comes as a fragment, or at once for `now=1`."""
    query = listing.query_of(asked_directory(), request.args)
    part, status = _read(server, query) if request.args.get("now") == "1" else ({}, 200)
    shown = server_page(viewer(), server)
    crumbs = paths.crumbs(query.directory)
    text = render_template("files/page.html", page=shown, crumbs=crumbs, **around(server, query), **part)
    return make_response(text, status)


@bp.get("/servers/<server:identifier>/files/list")
@allowed("file.read", live=True)
def contents(server: Opened) -> ResponseReturnValue:
    """The list of a folder, or with `more` the rows of its next part."""
    query = listing.query_of(asked_directory(), request.args)
    identifier = server.facts.identifier
    if not htmx.wants_fragment():
        return redirect(url_for(".page", identifier=identifier, **query.address(part=query.part, now=1)), 303)
    part, status = _read(server, query)
    if "more" in request.args and "shown" in part:
        is_same = part["shown"].seen == request.args.get("seen")
        return htmx.fragment("files/_rows.html" if is_same else "files/_again.html", **around(server, query), **part)
    template = "files/_list.html" if "shown" in part else "files/_error.html"
    response = htmx.fragment(template, status, **around(server, query), **part)
    here = url_for(".page", identifier=identifier, **query.address())
    return htmx.address(response, here) if "read" in request.args else response


@bp.get("/servers/<server:identifier>/files/entry")
@allowed("file.read", live=True)
def entry(server: Opened) -> ResponseReturnValue:
    """What one file or folder is, and everything that can be done with it."""
    path = asked_file()
    query, name = ListQuery(paths.parent(path)), paths.base(path)
    found = folders.read(viewer(), server, query.directory).find(name)
    found = found or folders.read(viewer(), server, query.directory, is_fresh=True).find(name)
    if found is None:
        return refused(_("There is no %(name)s in this folder any more.", name=showing.visible(name)), 404)
    template = "files/_entry.html" if htmx.wants_fragment() else "files/entry.html"
    return htmx.fragment(template, one=found, path=path, **around(server, query))


@bp.errorhandler(listing.Changed)
def _changed(_error: listing.Changed) -> Response:
    return refused(_("The folder changed since you looked. Nothing was done: look again and choose anew."))


@bp.errorhandler(paths.BadPath)
def _bad_path(error: paths.BadPath) -> Response:
    return refused(str(error), 422)


@bp.errorhandler(NoSuchFolder)
def _no_such_folder(_error: NoSuchFolder) -> Response:
    return refused(_("There is no such folder any more."), 404)


def around(server: Opened, query: ListQuery) -> dict[str, Any]:
    """What all templates of a folder take. `blocked`: why nothing can be asked of its files, as last known."""
    state = standing(server.facts)
    return {
        "query": query,
        "part_size": listing.PART,
        "server": server,
        "facts": server.facts,
        "rights": server.rights,
        "may_choose": any(server.rights.allow(one) for one in CHOOSING),
        "blocked": words(state) if state in BLOCKED else None,
        "root": url_for(".page", identifier=server.facts.identifier),
    }


def _read(server: Opened, query: ListQuery) -> tuple[dict[str, Any], int]:
    """What the templates are told of a folder, or of why it cannot be read; and the status."""
    try:
        folder = _folder(server, query.directory)
    except NoSuchFolder:
        return {"problem": "gone"}, 404
    except errors.ServerStateConflict as error:
        return {"problem": "blocked", "message": sentence(error)[1]}, 200
    except errors.PanelError as error:
        return {"problem": "failed", "message": sentence(error)[1]}, 200
    to = paths.unpacked(request.args.get("to", ""))
    return {"shown": listing.shown(folder, query, upto="upto" in request.args, to=to)}, 200


def _folder(server: Opened, directory: str) -> folders.Folder:
    """The folder, never older than what the page shows already (`read`); another process may have kept an older one."""
    least = request.args.get("read", type=float)
    folder = folders.read(viewer(), server, directory, is_fresh=least is None)
    if least is not None and folder.read_at < least:
        folder = folders.read(viewer(), server, directory, is_fresh=True)
    return folder
