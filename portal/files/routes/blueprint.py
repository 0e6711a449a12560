"""The blueprint, and what all of its routes share: paths from addresses and forms, refusals in the right place."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from portal.files import paths
from portal.web import errors
from portal.web.i18n import _

bp = Blueprint("files", __name__)
MOST_NAMES = 5000
"""So many files can be acted on at once."""
bp.add_app_template_filter(paths.packed, "packed")


def asked_directory() -> str:
    """The folder that an address names (`directory`) or a form (`in`, packed as names are, since browsers change line
    breaks in fields); "/" when neither does. Ends the request with 404 for no path."""
    if "in" in request.values and "directory" not in request.values:
        return _whole(request.values["in"], is_packed=True)
    return _whole(request.values.get("directory", ""))


def asked_file() -> str:
    """The file that an address or a form names. Ends the request with 404 for no path, with 422 for a form without."""
    path = _whole(request.values.get("file", ""))
    if path == "/":
        abort(404 if request.method == "GET" else 422)
    return path


def asked_names() -> tuple[str, ...]:
    """The names that a form has chosen in its folder, each once, in its order. Ends the request with 422 otherwise."""
    try:
        names = dict.fromkeys(paths.name(paths.unpacked(one)) for one in request.values.getlist("name"))
    except paths.BadPath:
        abort(422)
    if len(names) > MOST_NAMES:
        abort(413)
    return tuple(names)


def refused(message: str, status: int = 409) -> Response:
    """A page or a notice that says why something was not done; the page leads back to the folder."""
    title = _("Not possible now") if status == 409 else _("Not accepted")
    return errors.answer(status, title, message, back=_folder())


def _folder() -> str:
    """Where the folder is that the request is about, if it names one."""
    said = request.values
    try:
        if "file" in said:
            directory = paths.parent(paths.whole(said["file"]))
        elif "in" in said and "directory" not in said:
            directory = paths.whole(paths.unpacked(said["in"]))
        else:
            directory = paths.whole(said.get("directory", ""))
    except paths.BadPath:
        return ""
    return url_for(".page", identifier=(request.view_args or {})["identifier"], directory=directory)


def _whole(path: str, *, is_packed: bool = False) -> str:
    try:
        return paths.whole(paths.unpacked(path) if is_packed else path)
    except paths.BadPath:
        abort(404)
