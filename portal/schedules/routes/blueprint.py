"""The blueprint, and what its routes share: a schedule to ask about, questions, and why there is none just now."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.pterodactyl.models import Task
from portal.schedules import service, tasks
from portal.schedules.models import Shown, action_words
from portal.schedules.service import Gone
from portal.servers.door import demand
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import viewer
from portal.web.asking import Question, Tone, asked
from portal.web.i18n import _
from portal.web.section import waiting

bp = Blueprint("schedules", __name__)
bp.add_app_template_filter(action_words, "task_action")
EVENT = "schedules-changed"
"""Rises when schedules may look different: the page reads them again."""


def found(server: Opened, schedule: int) -> Shown:
    try:
        return service.view(viewer(), server, schedule)
    except Gone:
        abort(404)


def read(server: Opened, schedule: int) -> Shown | Trouble:
    """A schedule for a question; what is shown of it needs the right to read it."""
    demand_read(server)
    return seen(server, lambda: found(server, schedule))


def demand_read(server: Opened) -> None:
    demand(server, "schedule.read")


def ask(server: Opened, schedule: int, part: str, title: str, **more: object) -> ResponseReturnValue:
    """A question about a schedule, which it names to who may read it."""
    if not server.rights.allow("schedule.read"):
        return asked(question(server, schedule, part, title, **more))
    found = read(server, schedule)
    if isinstance(found, Trouble):
        return refused(server, found, schedule)
    if "task" in more:
        more["what"] = task_of(found, int(str(more["task"])))
    return asked(question(server, schedule, part, title, found=found, **more))


def question(server: Opened, schedule: int, part: str, title: str, **more: object) -> Question:
    context = {"server": server, "schedule": schedule, **more}
    return Question(f"schedules/{part}.html", title, back_to(server, schedule), context)


def refused(server: Opened, trouble: Trouble, schedule: int = 0) -> ResponseReturnValue:
    """Why there is no form just now."""
    back = back_to(server, schedule)
    question = Question("schedules/_blocked.html", _("Not possible now"), back, {"trouble": trouble})
    return waiting(make_response(asked(question, trouble.status)), trouble.wait_s)


def standing(
    server: Opened, question: Question, status: int = 200, message: str = "", tone: Tone = "bad"
) -> ResponseReturnValue:
    """A form that is never a dialog: on a page of the server, or alone for htmx."""
    if htmx.wants_fragment():
        return asked(question, status, message, tone)
    context = {**question.context, "form": question.form, "message": message, "tone": tone, "back": question.back}
    page, part = server_page(viewer(), server), question.template
    shown = render_template("schedules/editor.html", page=page, part=part, title=question.title, **context)
    return make_response(shown, status)


def list_of(server: Opened) -> str:
    may_read = server.rights.allow("schedule.read")
    endpoint = ".page" if may_read else "servers.overview"
    return url_for(endpoint, identifier=server.facts.identifier)


def back_to(server: Opened, schedule: int) -> str:
    if not schedule or not server.rights.allow("schedule.read"):
        return list_of(server)
    return url_for(".one", identifier=server.facts.identifier, schedule=schedule)


def task_of(found: Shown, task: int) -> Task:
    try:
        return tasks.find(found.schedule, task)
    except Gone:
        abort(404)
