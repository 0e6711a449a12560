"""The editor: opening a text, saving it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.files.routes.blueprint import asked_file, bp, refused
from portal.files.text import endings, opening, saving
from portal.files.text.diffs import Diff, compare
from portal.files.text.opening import Sheet
from portal.files.text.saving import Saved
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web import htmx, resume
from portal.web.access import Forbidden, allowed, viewer
from portal.web.errors import sentence
from portal.web.i18n import _

LONGEST_FORM = 16 * 1024 * 1024
"""Bytes: the longest text, whose line ends the browser doubles, and its form."""
MOST_FIELDS = 20
"""Of that form; a few are used."""
STATUS = {"text": 200, "missing": 404, "folder": 409, "special": 409, "binary": 409, "too_long": 409}
REFUSALS = {"empties": htmx.REFUSED, "too_long": htmx.REFUSED, "control": htmx.REFUSED, "name": htmx.REFUSED,
            "tangled": htmx.REFUSED, "busy": 503, "store": 503, "unknown": 503, "not_saved": 503}  # fmt: skip


@bp.url_value_preprocessor
def take_long_texts(endpoint: str | None, _values: object) -> None:
    """Before anything reads the form of a save: it may be long, but not from somebody who is not signed in, and only in
    parts: of the other kind of form, 16 MiB are millions of fields, hundreds of MiB and seconds of work."""
    if endpoint != "files.save":
        return
    if not current_user.is_authenticated:
        abort(make_response(resume.sign_in_first()))
    if request.mimetype == "multipart/form-data":
        request.max_content_length = request.max_form_memory_size = LONGEST_FORM
        request.max_form_parts = MOST_FIELDS


def _is_now() -> bool:
    """Whether the page is asked for with the text in it."""
    return bool(request.args.get("now"))


@bp.get("/servers/<server:identifier>/files/edit")
@allowed("file.read-content", live=True, fresh=_is_now)
def edit(server: Opened) -> ResponseReturnValue:
    """A text's page. The text itself comes as a fragment, because the node may take its time; or at once with `now`."""
    file = asked_file()
    sheet = _opened(server, file) if _is_now() else None
    return _page(server, file, sheet, status=_status(sheet) if sheet else 200)


@bp.get("/servers/<server:identifier>/files/edit/text")
@allowed("file.read-content", live=True, fresh=True)
def edit_text(server: Opened) -> ResponseReturnValue:
    """The text, or why there is none."""
    file = asked_file()
    if not htmx.wants_fragment():
        return redirect(url_for(".edit", identifier=server.facts.identifier, file=file, now=1, new=_new()), 303)
    return htmx.fragment("files/_text.html", **_shown(server, _opened(server, file)))


@bp.post("/servers/<server:identifier>/files/edit")
@allowed("file.create")
def save(server: Opened) -> ResponseReturnValue:
    """Save a text over the file as it was opened. What was typed stays where it is, whatever comes of it."""
    if not server.rights.allow("file.read-content"):
        raise Forbidden("file.read-content")
    form = request.form
    if "file" not in request.values or "text" not in form or "base" not in form:
        return refused(_("The form did not arrive as a whole. Nothing was saved."), htmx.REFUSED)
    file, typed = asked_file(), endings.plain(form["text"])
    base = form.get("over") or form["base"]
    saved = saving.save(viewer(), server, file, typed, base, may_empty="empty" in form)
    sheet = opening.typed_again(server, file, typed, saved.base if saved.is_done else base)
    if not htmx.wants_fragment():
        return _page(server, file, sheet, saved, status=result_of(saved))
    return htmx.fragment("files/_saved.html", result_of(saved), **_shown(server, sheet, saved))


def _opened(server: Opened, file: str) -> Sheet:
    return opening.open_file(viewer(), server, file, is_new=_new() is not None)


def _new() -> str | None:
    return "1" if request.args.get("new") else None


def _page(server: Opened, file: str, sheet: Sheet | None, saved: Saved | None = None, *, status: int) -> Response:
    shown = _shown(server, sheet, saved) if sheet else {"facts": server.facts, "rights": server.rights}
    page = server_page(viewer(), server)
    html = render_template("files/edit.html", page=page, file=file, is_new=_new(), **shown)
    return htmx.vary(make_response(html, status))


def _shown(server: Opened, sheet: Sheet, saved: Saved | None = None) -> dict[str, Any]:
    """What the parts of the page need: how the save ended, and what is different from what the file holds now."""
    return {
        "facts": server.facts,
        "rights": server.rights,
        "sheet": sheet,
        "saved": saved,
        "why": _why(sheet.error or (saved.error if saved else None)),
        "diff": _diff(saved, sheet.shown) if saved else None,
    }


def _diff(saved: Saved, typed: str) -> Diff | None:
    return compare(saved.theirs.shown, typed) if saved.theirs else None


def _why(error: errors.PanelError | None) -> str:
    return sentence(error)[1] if error else ""


def _status(sheet: Sheet) -> int:
    return sentence(sheet.error)[0] if sheet.error else STATUS[sheet.state]


def result_of(saved: Saved) -> int:
    """The status of an answer that says how a save ended."""
    if saved.is_done:
        return 200
    if saved.outcome == "failed" and saved.error:
        return sentence(saved.error)[0]
    return REFUSALS.get(saved.outcome, 409)
