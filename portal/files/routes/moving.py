"""Up and down: storing files that a browser sends, and sending files to it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.extensions import csrf
from portal.files import paths
from portal.files.routes.blueprint import asked_directory, asked_file, asked_names, bp
from portal.files.routes.receiving import Sent, bound_silence, is_script, no_place, received, scripted, told
from portal.files.showing import unseen_words
from portal.files.transfers import downloading, limits, places, uploading
from portal.files.transfers.downloading import NoSuchFile
from portal.files.transfers.framing import BadUpload, parts_of, sendable
from portal.files.transfers.places import NoPlace
from portal.files.transfers.uploading import AccessEnded, Blind, Present, Stored, TooLarge, Upload
from portal.pterodactyl.multipart import FilePart
from portal.servers.reading import Opened
from portal.servers.service import sftp_username
from portal.web import errors as web_errors
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.formatting import in_bytes
from portal.web.i18n import _


@bp.get("/servers/<server:identifier>/files/upload")
@allowed("file.create", live=True)
def upload_form(server: Opened) -> ResponseReturnValue:
    """Choose a file to upload, also without script; one at a time."""
    template = "files/_upload.html" if htmx.wants_fragment() else "files/upload.html"
    return render_template(template, **_shown(server, asked_directory()))


@bp.post("/servers/<server:identifier>/files/upload")
@csrf.exempt  # type: ignore[untyped-decorator]  # whoever looks for the token reads the whole body: `received` does not
@scripted
@received
@allowed("file.create")
def upload(server: Opened, sent: Sent) -> ResponseReturnValue:
    """Store files in a folder, straight to the node as they come in."""
    directory = _directory_of_address()
    try:
        parts, source, is_replacing = _files_of(sent)
        before = uploading.target(viewer(), server, directory)
        uploading.demand(server, parts, before, is_replacing=is_replacing)
    except BadUpload as bad:
        return _refused(server, directory, 422, str(bad))
    except TooLarge as large:
        return _too_large(server, directory, large)
    except Present as there:
        return _present(server, directory, there)
    except Blind:
        return _refused(server, directory, 422, unseen_words(), blind=True)
    try:
        stored = uploading.store(viewer(), server, directory, parts, source, before)
    except AccessEnded:
        message = _("Your access to this server ended while this was sent. Nothing of it was stored.")
        return told(403, message) if is_script() else web_errors.answer(403, _("Not allowed"), message)
    if is_script():
        return jsonify(files=[{"name": one.name, "state": one.state, "why": one.why} for one in stored])
    return render_template("files/upload.html", **_shown(server, directory, stored=stored))


@bp.post("/servers/<server:identifier>/files/upload/check")
@scripted
@allowed("file.create")
def upload_check(server: Opened) -> ResponseReturnValue:
    """What a script has to know before it sends files: which names are taken, and how large a file may be."""
    before = uploading.target(viewer(), server, asked_directory())
    there = uploading.taken(asked_names(), before)
    files = set(there.files)
    return jsonify(
        present=there.files,
        sizes={one.name: one.size_bytes for one in before.entries if one.name in files} if before else {},
        folders=there.folders,
        blind=uploading.is_blind(server),
        limit_bytes=limits.limit_bytes(server.facts.node),
        sftp=_sftp(server),
        at_once=places.PER_ACCOUNT,
    )


@bp.get("/servers/<server:identifier>/files/download")
@allowed("file.read-content", live=True, fresh=True)
def download(server: Opened) -> ResponseReturnValue:
    """A file, as it comes from the node; or the way to the node, if the host has it so."""
    file = asked_file()
    bound_silence()
    try:
        if url := downloading.address(viewer(), server, file):
            return redirect(url, 303)
        place = places.take(viewer().account_id)
    except NoSuchFile:
        abort(404)
    except NoPlace as none:
        return no_place(none)
    try:
        found = downloading.open_file(viewer(), server, file)
    except NoSuchFile:
        place.give_back()
        abort(404)
    except BaseException:
        place.give_back()
        raise
    response = Response(downloading.pieces(found, place), mimetype="application/octet-stream")
    response.call_on_close(found.close)  # a generator that never began ends without a word
    response.call_on_close(place.give_back)
    response.headers["Content-Disposition"] = downloading.disposition(paths.base(file))
    if found.size_bytes is not None:
        response.content_length = found.size_bytes
    return response


def _files_of(sent: Sent) -> tuple[tuple[FilePart, ...], Upload, bool]:
    """The files of an upload, their bytes, and whether files of those names may be replaced. Raises BadUpload."""
    if sent.form is None:
        return parts_of(sent.body), sent.body, request.args.get("replace") == "1"
    if sent.form.file is None or not sent.form.filename:
        raise BadUpload(_("Choose a file first."))
    part = FilePart(sendable(sent.form.filename), sent.form.size_bytes)
    return (part,), sent.form.file, sent.form.fields.get("replace") == "1"


def _directory_of_address() -> str:
    """The folder that files go to: of the address alone, for the body is not read for it."""
    try:
        return paths.whole(request.args.get("directory", ""))
    except paths.BadPath:
        abort(404)


def _too_large(server: Opened, directory: str, large: TooLarge) -> Response:
    limit = in_bytes(large.limit_bytes)
    message = _("This server's machine takes files of at most %(limit)s here. Send larger ones by SFTP.", limit=limit)
    more = {"too_large": large.names, "limit_bytes": large.limit_bytes, "sftp": _sftp(server)}
    return _refused(server, directory, 413, message, **more)


def _present(server: Opened, directory: str, there: Present) -> Response:
    if there.folders:
        message = _("There is a folder of that name: %(names)s.", names=", ".join(there.folders))
    else:
        message = _("There is a file of that name already: %(names)s.", names=", ".join(there.files))
    return _refused(server, directory, 409, message, present=there.files, folders=there.folders)


def _refused(server: Opened, directory: str, status: int, message: str, **more: Any) -> Response:
    """Nothing was sent to the node: why, for a script or above the form."""
    if is_script():
        return told(status, message, **more)
    page = render_template("files/upload.html", **_shown(server, directory, problem=message))
    return make_response(page, status)


def _shown(
    server: Opened,
    directory: str,
    *,
    problem: str = "",
    stored: tuple[Stored, ...] = (),
) -> dict[str, Any]:
    """What the form needs: where it leads to, what went wrong or was stored before."""
    return {
        "facts": server.facts,
        "rights": server.rights,
        "directory": directory,
        "problem": problem,
        "stored": stored,
        "limit_bytes": limits.limit_bytes(server.facts.node),
        "sftp": _sftp(server),
    }


def _sftp(server: Opened) -> dict[str, str] | None:
    """How to send files of any size; None for who may not."""
    username = sftp_username(viewer(), server)
    if username is None:
        return None
    return {"address": f"sftp://{server.facts.sftp_host}:{server.facts.sftp_port}", "username": username}
