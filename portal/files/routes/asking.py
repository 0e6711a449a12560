"""What the routes of acts share: what was chosen, the question as dialog or page, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import abort, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.files import folders, listing, paths
from portal.files.attempts import by_name
from portal.files.entries import Entry
from portal.files.forms import ModeForm
from portal.files.outcomes import Act, Result
from portal.files.routes.blueprint import asked_directory, asked_names, refused
from portal.files.text import versions
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web import htmx
from portal.web.access import Forbidden, viewer
from portal.web.errors import sentence
from portal.web.i18n import _

LISTED = 20
"""So many names a question or a message lists; the rest is counted."""


@dataclass(frozen=True)
class Selection:
    """What was chosen in a folder, and the fields of a form that say so again."""

    names: tuple[str, ...] = ()
    carried: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, names: tuple[str, ...]) -> Selection:
        """Names, each as a field of its own."""
        return cls(names, tuple(("name", paths.packed(name)) for name in names))

    @classmethod
    def of_one(cls) -> Selection:
        """The one name of an address or form. Ends the request with 422 for none and for several."""
        names = asked_names()
        if len(names) != 1:
            abort(422)
        return cls.of(names)


@dataclass(frozen=True)
class Question:
    """What is asked before an act. `more` is what the act's own part of the dialog takes besides."""

    act: Act
    server: Opened
    directory: str
    chosen: Selection = Selection()
    form: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)


def selection(server: Opened) -> Selection:
    """What an address or the selection form of a folder has chosen (`listing.chosen`). Raises what that raises."""
    if not request.form.get("all"):
        names = asked_names()
        if not names:
            raise paths.BadPath(_("Select something first."))
        return Selection.of(names)
    if not server.rights.allow("file.read"):  # the names would be told
        raise Forbidden("file.read")
    names = listing.chosen(viewer(), server, asked_directory(), request.form).names
    if not names:
        raise paths.BadPath(_("Select something first."))
    fields = [(key, value) for key in ("all", "q", "but") for value in request.form.getlist(key)]
    return Selection(names, tuple(fields))


def entries_now(server: Opened, directory: str) -> dict[str, Entry] | None:
    """What is in a folder, where knowing it makes a dialog better; None for a page, which waits for no node."""
    if not server.rights.allow("file.read") or not (htmx.wants_fragment() or request.args.get("now") == "1"):
        return None
    try:
        return by_name(folders.read(viewer(), server, directory))
    except (folders.NoSuchFolder, errors.PanelError):
        return None


def known_mode(names: tuple[str, ...]) -> int | None:
    """The permissions of one file, when the page that asks has said them."""
    said = request.args.get("mode", "")
    return int(said, 8) if len(names) == 1 and re.fullmatch("[0-7]{1,3}", said) else None


def common_mode(found: Mapping[str, Entry] | None, names: tuple[str, ...]) -> int | None:
    """The permissions that all of these have; None when they differ, or when that is not known."""
    modes = {found[name].mode_bits if name in found else "" for name in names} if found else {""}
    common = modes.pop()
    return int(common, 8) if not modes and re.fullmatch("[0-7]{1,3}", common) else None


def asked(question: Question, status: int = 200, message: str = "") -> ResponseReturnValue:
    """The question as a dialog, or as a page of its own; htmx swaps a refusal in only with 422."""
    if _wants_json():
        return make_response(jsonify(error=message or _first_error(question.form)), status)
    context = {**question.more, "act": question.act, "server": question.server, "directory": question.directory,
               "chosen": question.chosen, "form": question.form, "message": message, "listed": LISTED}  # fmt: skip
    if htmx.wants_fragment():
        return htmx.fragment("files/_ask.html", 200 if status == 200 else htmx.REFUSED, **context)
    return make_response(render_template("files/ask.html", later=_later(question), **context), status)


def act(question: Question, do: Callable[[], Result]) -> ResponseReturnValue:
    """Do it and tell what came of it; what was typed stays in the dialog when nothing was done."""
    if question.form is None:
        try:
            return _told(question, do())
        except Unfit as error:
            return refused(str(error))
    if not question.form.validate():
        return asked(question, htmx.REFUSED)
    try:
        result = do()
    except (Unfit, paths.BadPath) as error:
        return asked(question, htmx.REFUSED, str(error))
    except errors.PanelError as error:
        return asked(question, *sentence(error))
    if len(result.outcomes) == 1 and result.outcomes[0].state == "failed":
        return asked(question, 409, result.outcomes[0].why)
    return _told(question, result)


def together(form: ModeForm) -> ResponseReturnValue:
    """Number and ticks of the permissions' form, after one of them was changed."""
    shown = ModeForm.of(form.value) if form.validate() else form
    return htmx.fragment("files/_mode.html", form=shown)


def _told(question: Question, result: Result) -> ResponseReturnValue:
    if _wants_json():
        return jsonify(files=[{"name": one.name, "state": one.state, "why": one.why} for one in result.outcomes])
    kept = _kept(question.server, result) if result.act == "delete" else ""
    context = {"result": result, "facts": question.server.facts, "listed": LISTED, "kept": kept}
    if htmx.wants_fragment():
        name = paths.packed(result.leads_to)
        response = htmx.notice("files/_done.html", 200, **context)
        return htmx.event(response, "files-changed", directory=result.directory, name=name)
    return make_response(render_template("files/done.html", **context))


def _kept(server: Opened, result: Result) -> str:
    """Where the versions of deleted texts are, if there are any that this person may see; else empty."""
    gone = {one.name for one in result.done}
    if not server.rights.allow("file.read-content"):
        return ""
    texts = versions.newest_below(server.facts.uuid, result.directory)
    found = [one.path for one in texts if paths.first_below(result.directory, one.path) in gone]
    identifier = server.facts.identifier
    if len(found) == 1 and paths.parent(found[0]) == result.directory:
        return url_for(".versions_of", identifier=identifier, file=found[0])
    if not found or not server.rights.allow("file.read"):
        return ""
    return url_for(".lost_texts", identifier=identifier, directory=result.directory)


def _later(question: Question) -> str:
    """Where the same page is with what the node knows, if that is worth a second look; else empty."""
    is_first = request.method == "GET" and not {"now", "mode"} & set(request.args)
    if question.act != "permissions" or not is_first or not question.server.rights.allow("file.read"):
        return ""
    name = paths.packed(question.chosen.names[0])
    identifier = question.server.facts.identifier
    return url_for(".ask_permissions", identifier=identifier, directory=question.directory, name=name, now=1)


def _wants_json() -> bool:
    return request.headers.get("Accept") == "application/json"


def _first_error(form: Any) -> str:
    return next((str(one) for found in (form.errors.values() if form else ()) for one in found), "")
