"""The console page, the same in a window of its own, several on one page, and a command sent without the socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.console import choosing, page_texts, service
from portal.console.commands import one_line
from portal.console.forms import CommandForm
from portal.panel import settings
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import ServerPage, server_page
from portal.web import htmx, resume
from portal.web.access import allowed, opened, signed_in, viewer
from portal.web.errors import sentence

bp = Blueprint("console", __name__)


@dataclass(frozen=True)
class _Open:
    """One of several consoles on a page."""

    server: Opened
    page: ServerPage
    form: CommandForm

    @property
    def may_command(self) -> bool:
        """Whether it has a command line."""
        return self.server.rights.allow("control.console")


@bp.get("/servers/<server:identifier>/console")
@allowed("websocket.connect")
def page(server: Opened) -> ResponseReturnValue:
    """The console page; shows a command that was typed before the session ended."""
    sent = request.args.get("sent")
    return _page(server, _typed_form(), sent=sent if sent in ("sent", "unknown") else None)


@bp.get("/servers/<server:identifier>/console/window")
@allowed("websocket.connect")
def window(server: Opened) -> ResponseReturnValue:
    """The console alone, for a window of its own."""
    shown = server_page(viewer(), server)
    return _render("console/window.html", page=shown, server=server, form=_typed_form(), sent=None)


@bp.get("/consoles")
@signed_in
def several() -> ResponseReturnValue:
    """Several consoles on one page, and the choice of them; those one may not see are not there. No panel call."""
    asked, is_more = choosing.identifiers(request.args.getlist("s"))
    servers = [one for identifier in asked if (one := opened(identifier, choosing.PERMISSION)) is not None]
    return _render(
        "console/several.html",
        open=[_Open(one, server_page(viewer(), one), CommandForm(formdata=None)) for one in servers],
        choices=choosing.choices(viewer(), servers),
        most=choosing.MOST,
        left_out=is_more,
        sent=None,
    )


@bp.post("/servers/<server:identifier>/console/command")
@allowed("control.console", keeps=("command",))
def command(server: Opened) -> ResponseReturnValue:
    """Send one command. What was typed stays when it was not sent."""
    form = CommandForm()
    if not form.validate():
        return _form(server, form, 422)
    text = one_line(form.command.data or "")
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
    return _render("console/page.html", page=shown, server=server, form=form, sent=sent, panel_console=panel_console)


def _typed_form() -> CommandForm:
    return CommandForm(formdata=None, data=resume.typed(request.path))


def _render(template: str, **context: Any) -> str:
    return render_template(
        template, console_texts=page_texts.texts(), console_words=page_texts.state_words(), **context
    )
