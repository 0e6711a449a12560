"""Schedules as a file: out and in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request
from flask.typing import ResponseReturnValue

from portal.schedules import exchange, importing, service
from portal.schedules.forms import ImportForm
from portal.schedules.importing import Imported
from portal.schedules.models import Made
from portal.schedules.routes.blueprint import EVENT, bp, list_of, read, refused, standing
from portal.schedules.service import Changed
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act
from portal.web.i18n import _, counted
from portal.web.text import one_line


@bp.get("/servers/<server:identifier>/schedules/export")
@allowed("schedule.read", live=True)
def export(server: Opened) -> ResponseReturnValue:
    """All schedules as a file."""
    found = seen(server, lambda: service.read(viewer(), server))
    if isinstance(found, Trouble):
        return refused(server, found)
    return _file(exchange.written(found), f"schedules-{server.facts.identifier}.json")


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/export")
@allowed("schedule.read", live=True)
def export_one(server: Opened, schedule: int) -> ResponseReturnValue:
    """One schedule as a file."""
    found = read(server, schedule)
    if isinstance(found, Trouble):
        return refused(server, found, schedule)
    return _file(exchange.written([found.schedule]), f"schedule-{server.facts.identifier}-{schedule}.json")


@bp.get("/servers/<server:identifier>/schedules/import")
@allowed("schedule.create", live=True)
def ask_import(server: Opened) -> ResponseReturnValue:
    """Which file."""
    return standing(server, _import_question(server, ImportForm(formdata=None)))


@bp.post("/servers/<server:identifier>/schedules/import")
@allowed("schedule.create")
def take(server: Opened) -> ResponseReturnValue:
    """Show what a file would make; once that was seen, make it."""
    form = ImportForm()
    question = _import_question(server, form)
    try:
        sent = str(form.content.data or "").encode("utf-8", "replace")
        content = form.file.data.read(exchange.MOST_BYTES + 1) if form.file.data else sent
        sheet = exchange.read(content)
    except exchange.BadFile as bad:
        return standing(server, question, htmx.REFUSED, str(bad))
    form.content.data = exchange.on_one_line(content)
    question = _import_question(server, form, sheet)
    if not request.form.get("sure"):
        return standing(server, question)
    chosen = {int(one) for one in request.form.getlist("on") if one in tuple(str(n) for n in range(len(sheet.plans)))}

    def do() -> Done:
        try:
            made = importing.make(viewer(), server, sheet.plans, chosen, str(form.seen.data or ""))
        except Changed as changed:
            form.seen.data = changed.mark
            raise
        return _imported(made, list_of(server))

    return act(question, do, event=EVENT)


def _file(content: str, name: str) -> Response:
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _import_question(server: Opened, form: ImportForm, sheet: exchange.Sheet | None = None) -> Question:
    previews = importing.preview(sheet) if sheet else []
    return Question("schedules/_import.html", _("Import schedules"), list_of(server),
                    {"server": server, "sheet": sheet, "previews": previews}, form)  # fmt: skip


def _imported(result: Imported, to: str) -> Done:
    """What an import made, and what it did not."""
    whole = [one.schedule.name for one in result.made if one.is_whole]
    if result.is_whole:
        text = counted("%(num)d schedule was created.", "%(num)d schedules were created.", len(whole))
        return Done(text, EVENT, to=to)
    said = [_("Not everything was created.")]
    if whole:
        said.append(_("Created: %(names)s.", names=_names(whole)))
    for part in (one for one in result.made if not one.is_whole):
        said.append(_half(part))
    if result.trouble and all(one.is_whole for one in result.made):
        said.append(result.trouble)
    left = list(result.left)
    if result.is_unknown:
        said.append(_("Whether %(names)s was created is not known: look below.", names=_names(left[:1])))
        left = left[1:]
    if left:
        said.append(_("Not created: %(names)s.", names=_names(left)))
    return Done(" ".join(said), EVENT, "warn", to=to)


def _half(part: Made) -> str:
    name = one_line(part.schedule.name)
    done = _("%(done)d of %(all)d tasks", done=part.tasks, all=part.wanted)
    said = _("“%(name)s” was created with %(tasks)s: %(trouble)s", name=name, tasks=done, trouble=part.trouble)
    if part.is_left_off and part.tasks == part.wanted:
        if part.is_unknown:
            return said + " " + _("Look whether it is switched on.")
        return said + " " + _("It is still switched off: switch it on.")
    if part.is_left_off:
        said += " " + _("It is switched off, so that half of it does not run. Complete it, then switch it on.")
    elif part.tasks < part.wanted:
        said += " " + _("Complete it or delete it.")
    return said


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"“{one_line(name, 60)}”" for name in names)
