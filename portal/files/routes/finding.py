"""Searching by name through folders: a page, and the steps that it asks for one after the other."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.files import paths, searching
from portal.files.listing import ListQuery
from portal.files.routes.blueprint import asked_directory, bp
from portal.files.routes.browsing import around
from portal.files.searching import Search, Step
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.errors import sentence

COUNT = re.compile(r"[0-9]{1,4}")


@bp.get("/servers/<server:identifier>/files/search")
@allowed("file.read", live=True)
def search_page(server: Opened) -> ResponseReturnValue:
    """The search; with a text it begins by itself, without script (`now=1`) with this answer."""
    search = searching.begun(asked_directory(), request.args.get("q", ""))
    is_now = request.args.get("now") == "1" and search.text != ""
    return _page(server, searching.step(viewer(), server, search) if is_now else Step(search, (), wait_s=0))


@bp.post("/servers/<server:identifier>/files/search")
@allowed("file.read", live=True)
def search_step(server: Opened) -> ResponseReturnValue:
    """The next step of a search, or with `stop` only where it stands."""
    search = _carried()
    is_stopped = "stop" in request.form
    step = Step(search, ()) if is_stopped or not search.text else searching.step(viewer(), server, search)
    if not htmx.wants_fragment():
        return _page(server, step)
    return htmx.fragment("files/_search_step.html", **_context(server, step), is_stopped=is_stopped)


def _carried() -> Search:
    form = request.form
    numbers = [int(form[one]) if COUNT.fullmatch(form.get(one, "")) else 0 for one in ("looked", "found", "unread")]
    looked, found, unread = numbers
    return searching.carried(
        asked_directory(), form.get("q", ""), form.getlist("open"), (looked, found, unread), is_cut="cut" in form
    )  # fmt: skip


def _page(server: Opened, step: Step) -> ResponseReturnValue:
    page = server_page(viewer(), server)
    crumbs = paths.crumbs(step.search.directory)
    return render_template("files/search.html", page=page, crumbs=crumbs, **_context(server, step))


def _context(server: Opened, step: Step) -> dict[str, Any]:
    message = sentence(step.error, is_read=True)[1] if step.error else ""
    limits = {"folders": searching.MOST_FOLDERS, "hits": searching.MOST_HITS, "deep": searching.DEEPEST}
    return {**around(server, ListQuery(step.search.directory)), "step": step, "message": message, "limits": limits}
