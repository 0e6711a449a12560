"""The editor of a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.schedules import forms, presets, service, twins
from portal.schedules.forms import SCHEDULE_KEEPS, ScheduleForm, cron_refused, form_of, new_form, put_back, when
from portal.schedules.models import Made
from portal.schedules.routes.blueprint import EVENT, back_to, bp, demand_read, list_of, read, refused, standing
from portal.schedules.service import Changed
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import Forbidden, allowed, viewer
from portal.web.asking import Done, Question, act
from portal.web.i18n import _
from portal.web.text import one_line


@bp.get("/servers/<server:identifier>/schedules/words")
@allowed(None, live=True)
def words(server: Opened) -> ResponseReturnValue:
    """The fields of an editor said in words; with `fill` as the chosen rhythm has them. Asks nobody."""
    form = ScheduleForm(request.args, meta={"csrf": False})
    template = "schedules/_when.html" if request.args.get("fill") else "schedules/_said.html"
    return htmx.fragment(template, **when(form), server=server)


@bp.get("/servers/<server:identifier>/schedules/new")
@allowed("schedule.create", live=True)
def ask_create(server: Opened) -> ResponseReturnValue:
    """The editor of a new schedule, or of one that comes ready to take (`preset`)."""
    preset = _preset(server)
    form = new_form(preset)
    zone = seen(server, lambda: service.zone(viewer(), server))
    if isinstance(zone, Trouble):
        return refused(server, zone)
    form.zone.data = zone.name if zone.is_known else ""
    put_back(form)
    return standing(server, _editor(server, form, preset=preset))


@bp.post("/servers/<server:identifier>/schedules/new")
@allowed("schedule.create", keeps=SCHEDULE_KEEPS)
def create(server: Opened) -> ResponseReturnValue:
    """Make a schedule; one that comes ready with its task too."""
    form, preset = ScheduleForm(), _preset(server)
    is_new = _is_new(form)
    question = _editor(server, form, preset=preset)
    if is_new or request.form.get("then"):
        return _shown(server, question, is_new)

    def do() -> Done:
        with cron_refused(form), _marked(form):
            made = twins.create_once(viewer(), server, form.plan(preset), str(form.seen.data or ""))
        to = url_for(".one", identifier=server.facts.identifier, schedule=made.schedule.id)
        text, tone = _made_words(made)
        return Done(text, tone=tone, to=to if server.rights.allow("schedule.read") else list_of(server))

    return act(question, do, event=EVENT)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/edit")
@allowed("schedule.update", live=True)
def ask_update(server: Opened, schedule: int) -> ResponseReturnValue:
    """The editor of a schedule."""
    found = read(server, schedule)
    if isinstance(found, Trouble):
        return refused(server, found, schedule)
    form = form_of(found)
    put_back(form)
    return standing(server, _editor(server, form, schedule))


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/edit")
@allowed("schedule.update", keeps=SCHEDULE_KEEPS)
def update(server: Opened, schedule: int) -> ResponseReturnValue:
    """Write all of a schedule, unless somebody else changed it since it was opened."""
    demand_read(server)
    form = ScheduleForm()
    is_new = _is_new(form)
    question = _editor(server, form, schedule)
    if is_new or request.form.get("then"):
        return _shown(server, question, is_new)

    def do() -> Done:
        with cron_refused(form), _marked(form):
            service.update(viewer(), server, schedule, form.plan(), str(form.seen.data))
        return Done(_("Saved."), EVENT, to=url_for(".one", identifier=server.facts.identifier, schedule=schedule))

    return act(question, do, event=EVENT)


def _editor(server: Opened, form: ScheduleForm, schedule: int = 0, preset: str = "") -> Question:
    title = _("Edit schedule") if schedule else _("Nightly backup") if preset else _("New schedule")
    context = {"server": server, "schedule": schedule, "preset": preset, **when(form)}
    return Question("schedules/_form.html", title, back_to(server, schedule), context, form)


def _is_new(form: ScheduleForm) -> bool:
    """Whether the fields say something now that nobody has seen yet."""
    return not request.form.get("then") and forms.take_over(form)


def _shown(server: Opened, question: Question, is_new: bool) -> ResponseReturnValue:
    """The editor again, which has saved nothing."""
    if not is_new:
        return standing(server, question)
    text = _("“How often” was changed, and the fields below say it now. Look whether it is what you mean, then save.")
    return standing(server, question, htmx.REFUSED, text, "warn")


@contextmanager
def _marked(form: ScheduleForm) -> Iterator[None]:
    """Sent again, the form says that its sender knows what is there now."""
    try:
        yield
    except Changed as changed:
        form.seen.data = changed.mark
        raise


def _preset(server: Opened) -> str:
    """The ready schedule that is asked for; its task needs a right of its own. Raises Forbidden."""
    if request.values.get("preset") != presets.NIGHTLY:
        return ""
    if not server.rights.allow("schedule.update"):
        raise Forbidden("schedule.update")
    return presets.NIGHTLY


def _made_words(made: Made) -> tuple[str, Literal["good", "warn"]]:
    """What came of making a schedule: what exists now, and what to do where that is not all."""
    name = one_line(made.schedule.name)
    if made.is_whole and made.wanted:
        return _("“%(name)s” was created, with its task.", name=name), "good"
    if made.is_whole:
        return _("“%(name)s” was created. Add what it shall do: without a task it does nothing.", name=name), "good"
    if made.is_unknown:
        return _(
            "“%(name)s” was created. Whether its task was created is not known: %(trouble)s Look at its tasks below, "
            "and add the backup if it is not there.",
            name=name, trouble=made.trouble,
        ), "warn"  # fmt: skip
    return _(
        "“%(name)s” was created, its task was not: %(trouble)s Without a task it does nothing. Add the backup below, "
        "or delete the schedule.",
        name=name, trouble=made.trouble,
    ), "warn"  # fmt: skip
