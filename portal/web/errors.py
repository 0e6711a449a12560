"""What a person sees when something is refused or goes wrong: each kind of error mapped once.

A page or, for htmx, a notice with the right status. Each carries the support link and a reference that is in the log.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.extensions import login_manager
from portal.pterodactyl import errors
from portal.servers.words import refusal_words
from portal.store import locked, unwritable
from portal.web import htmx, resume
from portal.web.access import OWNER, Forbidden
from portal.web.i18n import _

log = logging.getLogger("roost.errors")
INVITATION = re.compile("/invite/.*")


def register(app: Flask) -> None:
    """Answer every error of an app here."""
    app.register_error_handler(errors.PanelError, _panel)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _store)
    app.register_error_handler(Exception, _unexpected)


def sentence(error: errors.PanelError, *, is_read: bool | None = None) -> tuple[int, str]:
    """Status and sentence for what the panel library raised.

    `is_read`: nothing could have been changed, so nothing is said of that; unless it is given, every GET is a read.
    """
    if is_read is None:
        is_read = has_request_context() and request.method in ("GET", "HEAD")
    match error:
        case errors.OutcomeUnknown():
            return 503, _("The panel did not answer in time. Whether it was done is not known: look again in a moment.")
        case errors.SourceBroken():
            return 400, _("The upload was cut off. Nothing of it was stored.")
        case errors.PanelUnreachable(maintenance=True):
            return 503, _("Your host is working on the panel. Try again in a few minutes.")
        case errors.PanelUnreachable():
            return 503, _("The panel cannot be reached just now.") + _said(_("Nothing was changed."), not is_read)
        case errors.NodeUnreachable():
            return 503, _("The machine that runs this server does not answer just now.")
        case errors.NodeRefused():
            return 409, _("The machine that runs this server refused: %(reason)s", reason=error.sentence)
        case errors.NodeNotTold():
            return 503, _("It was saved, but the machine could not be told: it goes on with what it knew.")
        case errors.ServerOffline():
            return 409, _("The server is not running. Start it first.")
        case errors.Refused():
            return 409, error.detail
        case errors.KeyRefused():
            return 503, _("Your connection to the panel has to be set up again. Ask your host.")
        case errors.NotAllowed():
            return 403, _("You do not have the permission for that.")
        case errors.NotFound():
            return 404, _("There is no such server for your account.")
        case errors.ServerStateConflict():
            return 409, refusal_words(error.detail)
        case errors.Invalid():
            return 422, " ".join(one.detail for one in error.errors) or error.detail
        case errors.Busy():
            return 429, _("Too much at once. Try again in %(seconds)d s.", seconds=max(1, round(error.retry_after_s)))
        case _:
            nonsense = _("The panel gave an answer that Roost does not understand.")
            return 503, nonsense + _said(_("Nothing was stored."), not is_read)


def _said(text: str, is_meant: bool) -> str:
    return f" {text}" if is_meant else ""


def answer(status: int, title: str, message: str, *, back: str = "", back_to: str = "") -> Response:
    """A page or notice for one error, with its reference in the log. `back` is where a page leads back to, `back_to`
    the words of that link; without them it is a folder."""
    reference = g.get("reference", "")
    context = {"title": title, "message": message, "reference": reference, "status": status, "back": back,
               "back_to": back_to}  # fmt: skip
    log.warning("answered %s %s", status, INVITATION.sub("/invite/...", request.path))
    try:
        response = _shown(status, context)
    except Exception:  # the layout needs the store and a host that makes sense; this page needs neither
        log.error("the error page failed", exc_info=True)
        g._login_user = login_manager.anonymous_user()
        response = make_response(render_template("errors/bare.html", **context), status)
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response


def _shown(status: int, context: dict[str, Any]) -> Response:
    if htmx.wants_fragment():
        return htmx.notice("errors/_notice.html", **context)
    return make_response(render_template("errors/page.html", **context), status)


def _panel(error: errors.PanelError) -> Response:
    status, message = sentence(error)
    log.info("panel said: %s", error)
    response = answer(status, _title(status), message)
    if isinstance(error, errors.Busy):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return response


def _forbidden(error: Forbidden) -> Response:
    if error.permission == OWNER:
        text = _("Only the owner of this server may do that.")
    else:
        text = _("Your access to this server does not include %(permission)s. Ask its owner.",
                 permission=error.permission)  # fmt: skip
    identifier = (request.view_args or {}).get("identifier")  # whoever is told so may see the server
    back = url_for("servers.overview", identifier=identifier) if identifier else ""
    return answer(403, _title(403), text, back=back, back_to=_("Back to the server"))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    policy = getattr(current_app.view_functions.get(request.endpoint or ""), "policy", None)
    if not current_user.is_authenticated and getattr(policy, "kind", None) != "public":
        return resume.sign_in_first()  # the token went with the session
    return answer(400, _("This page is too old"), _("Load the page again and repeat what you did: it was not done."))


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    messages = {
        404: _("There is nothing here, or nothing that your account may see."),
        405: _("That cannot be done here."),
        413: _("That was too much to send at once."),
        429: _("Too much at once. Try again in a moment."),
    }
    response = answer(status, _title(status), messages.get(status, _("The request could not be understood.")))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _store(error: OperationalError) -> Response:
    if unwritable(error):
        log.error("the store cannot be written: %s", error.orig)
        return answer(503, _title(503), _("The portal cannot save anything now. This was not saved: tell your host."))
    if not locked(error):
        return _unexpected(error)
    response = answer(503, _title(503), _("The portal is busy. It was not saved; try again."))
    response.headers["Retry-After"] = "2"
    return response


def _unexpected(error: Exception) -> Response:
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return answer(500, _title(500), _("Something went wrong on our side. Nothing more is known yet."))


def _title(status: int) -> str:
    titles = {
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Not possible now"),
        422: _("Not accepted"),
        429: _("Too much at once"),
        500: _("Something went wrong"),
        503: _("Not available now"),
    }
    return titles.get(status, _("That did not work"))
