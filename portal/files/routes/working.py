"""What takes long: packing, unpacking and fetching are asked for here and done by the background process."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import folders, paths
from portal.files.folders import NoSuchFolder
from portal.files.listing import ListQuery
from portal.files.routes.asking import selection
from portal.files.routes.blueprint import asked_directory, asked_file, bp, refused
from portal.files.work import asking, showing
from portal.files.work.forms import PullForm
from portal.files.work.jobs import Detail, Kind
from portal.servers.reading import Opened
from portal.servers.rights import Rights
from portal.web import htmx
from portal.web.access import Forbidden, allowed, viewer
from portal.web.i18n import _


@bp.app_template_global("file_work")
def _band(server_uuid: str, rights: Rights) -> showing.Band:
    """What a folder's page says of the work on its server."""
    return showing.band(viewer(), server_uuid, rights)


@bp.post("/servers/<server:identifier>/files/archive")
@allowed("file.archive")
def archive(server: Opened) -> ResponseReturnValue:
    """Pack what was chosen in a folder, with `download` in order to fetch it."""
    is_for_download = request.values.get("download") == "1"
    if is_for_download and not server.rights.allow("file.read-content"):
        raise Forbidden("file.read-content")
    return _ask(server, "archive", asked_directory(), Detail(selection(server).names, is_for_download=is_for_download))


@bp.get("/servers/<server:identifier>/files/unarchive")
@allowed("file.create", live=True)
def unarchive(server: Opened) -> ResponseReturnValue:
    """Ask before an archive is unpacked over what is there."""
    path = asked_file()
    template = "files/_unarchive.html" if htmx.wants_fragment() else "files/unarchive.html"
    return render_template(template, path=path, **_around(server, paths.parent(path)))


@bp.post("/servers/<server:identifier>/files/unarchive")
@allowed("file.create")
def do_unarchive(server: Opened) -> ResponseReturnValue:
    """Unpack an archive in its folder."""
    path = asked_file()
    return _ask(server, "unarchive", paths.parent(path), Detail((paths.base(path),)))


@bp.get("/servers/<server:identifier>/files/pull")
@allowed("file.create", live=True)
def pull(server: Opened) -> ResponseReturnValue:
    """Ask for the address of a file."""
    return _pull(server, asked_directory(), PullForm(formdata=None))


@bp.post("/servers/<server:identifier>/files/pull")
@allowed("file.create")
def do_pull(server: Opened) -> ResponseReturnValue:
    """Let the node fetch a file; whether its name is free is looked up first."""
    form, directory = PullForm(), asked_directory()
    detail = form.asked()
    if detail is None or not _fits(server, directory, form, detail):
        return _pull(server, directory, form, htmx.REFUSED)
    return _ask(server, "pull", directory, detail)


@bp.get("/servers/<server:identifier>/files/work/live")
@allowed("file.read", live=True, poll=True)
def work_live(server: Opened) -> ResponseReturnValue:
    """The band of a folder's page, unless it looks as the page says; when something has ended, the list is to load."""
    band = _band(server.facts.uuid, server.rights)
    if band.version == request.args.get("seen"):
        return htmx.unchanged()
    response = htmx.fragment("files/_work.html", **_around(server, asked_directory()))
    if band.has_ended(request.args.get("open", "")[:200]):
        folders.forget(server.facts.uuid)
        response = htmx.event(response, "files-changed")
    return response


@bp.post("/servers/<server:identifier>/files/work/<number:number>/put-away")
@allowed("file.read")
def put_away(server: Opened, number: int) -> ResponseReturnValue:
    """Show something that has ended no more, or take back what has not begun."""
    if not asking.put_away(viewer(), server, number):
        return refused(_("That cannot be put away: it has begun meanwhile, or somebody else asked for it."))
    directory = asked_directory()
    if htmx.wants_fragment():
        return htmx.fragment("files/_work.html", **_around(server, directory))
    return redirect(url_for(".page", identifier=server.facts.identifier, directory=directory), 303)


def _ask(server: Opened, kind: Kind, directory: str, detail: Detail) -> ResponseReturnValue:
    """Keep the wish, and show the folder with it."""
    try:
        is_new = asking.ask(viewer(), server, kind, directory, detail)
    except asking.TooMany:
        return refused(_("Too much is waiting already. Try again when some of it is done."))
    page = url_for(".page", identifier=server.facts.identifier)
    if not htmx.wants_fragment():
        return redirect(url_for(".page", identifier=server.facts.identifier, directory=directory), 303)
    has_band = htmx.page_path() == page
    return htmx.fragment("files/_work_asked.html", is_new=is_new, has_band=has_band, **_around(server, directory))


def _fits(server: Opened, directory: str, form: PullForm, detail: Detail) -> bool:
    """Whether a file may be fetched under its name; else the form says why not. Raises the library's errors."""
    if not server.rights.allow("file.read"):
        return form.may_replace(detail)
    try:
        return form.fits(folders.read(viewer(), server, directory, is_fresh=True), detail)
    except NoSuchFolder:  # the node makes it
        return True


def _pull(server: Opened, directory: str, form: PullForm, status: int = 200) -> Response:
    template = "files/_pull.html" if htmx.wants_fragment() else "files/pull.html"
    return make_response(render_template(template, form=form, **_around(server, directory)), status)


def _around(server: Opened, directory: str) -> dict[str, Any]:
    """What the templates of a folder take."""
    return {"facts": server.facts, "rights": server.rights, "query": ListQuery(directory)}
