"""The way of an archive to a browser."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request
from flask.typing import ResponseReturnValue

from portal.files.routes.receiving import bound_silence, no_place
from portal.files.transfers import downloading, places
from portal.files.transfers.places import NoPlace
from portal.server_backups import downloads, service
from portal.server_backups.routes.blueprint import bp
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.access import allowed, viewer
from portal.web.errors import answer
from portal.web.i18n import _


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/download")
@allowed("backup.download", live=True, fresh=True)
def download(server: Opened, backup: str) -> ResponseReturnValue:
    """The archive, checked on its way."""
    if request.method == "HEAD":  # whether there is one; nothing is fetched, so nothing is kept of it
        try:
            service.read_one(viewer(), server, backup, "download")
        except Unfit as unfit:
            return answer(409, _("That cannot be downloaded"), str(unfit))
        return _archive(iter(()), f"{backup}.tar.gz")
    bound_silence()
    try:
        place = places.take(viewer().account_id)
    except NoPlace as none:
        return no_place(none)
    try:
        sent = downloads.download(viewer(), server, backup)
    except Unfit as unfit:
        place.give_back()
        return answer(409, _("That cannot be downloaded"), str(unfit))
    except BaseException:
        place.give_back()
        raise
    response = _archive(sent.pieces, sent.name)
    response.call_on_close(sent.close)  # a generator that never began ends without a word
    response.call_on_close(place.give_back)
    if sent.size_bytes is not None:
        response.content_length = sent.size_bytes
    return response


def _archive(pieces: Iterator[bytes], name: str) -> Response:
    response = Response(pieces, mimetype="application/gzip")
    response.headers["Content-Disposition"] = downloading.disposition(name)
    return response
