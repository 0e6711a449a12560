"""The console page: power, a command line, and the way to the live output."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.console import service
from portal.console.forms import CommandForm
from portal.panel import settings
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web import htmx, resume
from portal.web.access import allowed, viewer
from portal.web.errors import sentence

bp = Blueprint("console", __name__)


@bp.get("/servers/<server:identifier>/console")
@allowed("websocket.connect")
def page(server: Opened) -> ResponseReturnValue:
    """The console page; shows a command that was typed before the session ended."""
    form = CommandForm(formdata=None, data=resume.typed(request.path))
    return _page(
        server, form, sent=request.args.get("sent") if request.args.get("sent") in ("sent", "unknown") else None
    )


@bp.post("/servers/<server:identifier>/console/command")
@allowed("control.console", keeps=("command",))
def command(server: Opened) -> ResponseReturnValue:
    """Send one command. What was typed stays when it was not sent."""
    form = CommandForm()
    if not form.validate():
        return _form(server, form, 422)
    text = " ".join((form.command.data or "").splitlines()).strip()
    try:
        outcome = service.send_command(viewer(), server, text)
    except errors.PanelError as error:
        status, message = sentence(error)
        form.command.errors = [message]
        return _form(server, form, status)
    if htmx.wants_fragment():
        return htmx.fragment(
            "console/_form.html", server=server, form=CommandForm(formdata=None), sent=outcome, command=text
        )
    return redirect(url_for(".page", identifier=server.facts.identifier, sent=outcome), 303)


def _form(server: Opened, form: CommandForm, status: int) -> ResponseReturnValue:
    """The form with what is wrong; htmx swaps it in only with 422."""
    if htmx.wants_fragment():
        return htmx.fragment("console/_form.html", htmx.REFUSED, server=server, form=form, sent=None)
    return make_response(_page(server, form, sent=None), status)


def _page(server: Opened, form: CommandForm, sent: str | None) -> str:
    shown = server_page(viewer(), server)
    panel_console = f"{settings().panel_url}/server/{server.facts.identifier}"
    return render_template(
        "console/page.html", page=shown, server=server, form=form, sent=sent, panel_console=panel_console
    )
