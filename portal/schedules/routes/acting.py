"""Running, switching and deleting a schedule."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.schedules import service
from portal.schedules.routes.blueprint import EVENT, ask, bp, demand_read, list_of, question
from portal.servers.reading import Opened
from portal.web.access import allowed, viewer
from portal.web.asking import Done, act
from portal.web.i18n import _
from portal.web.text import one_line


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/execute")
@allowed("schedule.update", live=True)
def ask_execute(server: Opened, schedule: int) -> ResponseReturnValue:
    """Whether it shall run now."""
    return ask(server, schedule, "_execute", _("Run now"))


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/execute")
@allowed("schedule.update")
def execute(server: Opened, schedule: int) -> ResponseReturnValue:
    """Run it now."""

    def do() -> Done:
        before = service.execute(viewer(), server, schedule)
        text = _("Asked to run. That does not mean that it ran: look at its last run, and at the server.")
        if before and before.only_when_online:
            text = _("Asked to run. It only runs when the server is online; an offline server skips it silently.")
        return Done(text, EVENT)

    return act(question(server, schedule, "_execute", _("Run now")), do, event=EVENT)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/active")
@allowed("schedule.update", live=True)
def ask_active(server: Opened, schedule: int) -> ResponseReturnValue:
    """Whether it shall be switched on or off."""
    demand_read(server)
    return ask(server, schedule, "_active", _("Switch on or off"), on=request.args.get("on") == "1")


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/active")
@allowed("schedule.update")
def active(server: Opened, schedule: int) -> ResponseReturnValue:
    """Switch it on or off."""
    demand_read(server)
    is_on = request.form.get("on") == "1"

    def do() -> Done:
        name = one_line(service.switch(viewer(), server, schedule, is_active=is_on).name)
        if is_on:
            return Done(_("“%(name)s” is switched on.", name=name), EVENT)
        return Done(_("“%(name)s” is switched off: it runs only when you run it.", name=name), EVENT)

    return act(question(server, schedule, "_active", _("Switch on or off"), on=is_on), do, event=EVENT)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/delete")
@allowed("schedule.delete", live=True)
def ask_delete(server: Opened, schedule: int) -> ResponseReturnValue:
    """Whether it shall be deleted."""
    return ask(server, schedule, "_delete", _("Delete schedule"))


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/delete")
@allowed("schedule.delete")
def delete(server: Opened, schedule: int) -> ResponseReturnValue:
    """Delete it with its tasks."""

    def do() -> Done:
        service.delete(viewer(), server, schedule)
        return Done(_("The schedule was deleted with its tasks."), to=list_of(server))

    return act(question(server, schedule, "_delete", _("Delete schedule")), do, event=EVENT)
