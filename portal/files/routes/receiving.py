"""What stands before an upload: who sends it, a place for it, the page's token; and answers that a script can read.

A body may be gigabytes long and come at a byte a second, so nothing here asks for `request.form`: that would read all
of it, onto the disk. Whoever is refused gets the answer at once, and the rest of the body is never read.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, abort, current_app, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from portal.files.transfers import places
from portal.files.transfers.forms import Form, read_form
from portal.files.transfers.framing import BadUpload
from portal.files.transfers.incoming import Incoming
from portal.files.transfers.places import NoPlace
from portal.pterodactyl import errors
from portal.pterodactyl.deadlines import STREAM_IDLE_S
from portal.web import errors as web_errors
from portal.web import htmx
from portal.web.access import Forbidden, viewer
from portal.web.i18n import _

RAW = "application/octet-stream"
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True)
class Sent:
    """An upload whose token was right. `form` is None for one that a script sends, whose files are in `body`."""

    body: Incoming
    form: Form | None


def is_script() -> bool:
    """Whether the answer is for a script of ours, which wants JSON."""
    return "application/json" in request.headers.get("Accept", "")


def told(status: int, message: str, **more: Any) -> Response:
    """A refusal for a script: `error` is the sentence."""
    response = make_response(jsonify(error=message, **more), status)
    if status in (429, 503):
        response.headers["Retry-After"] = str(places.AGAIN_S)
    return response


def scripted(view: View) -> View:
    """What is refused anywhere behind this is told to scripts in JSON, with the same status and sentence as a page."""

    @wraps(view)
    def speaking(**kwargs: Any) -> ResponseReturnValue:
        if not is_script():
            return view(**kwargs)
        if not current_user.is_authenticated:
            return told(401, _("You are signed out. Sign in again."), login=_login())
        try:
            return view(**kwargs)
        except errors.PanelError as error:
            status, message = web_errors.sentence(error)
            response = told(status, message)
            if isinstance(error, errors.Busy):
                response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
            return response
        except Forbidden as error:
            text = _("Your access to this server does not include %(permission)s.", permission=error.permission)
            return told(403, text)
        except CSRFError:
            return told(400, _("Load the page again and repeat what you did: it was not done."))
        except HTTPException as error:
            return told(error.code or 500, _("There is nothing here, or nothing that your account may see."))

    return speaking


def received(view: View) -> View:
    """An upload: who is signed in gets a place for it, or 503 at once; then its token is checked.

    The policy comes behind this, and the view with `sent`. The place is given back when the view is done.
    """

    @wraps(view)
    def guarded(**kwargs: Any) -> ResponseReturnValue:
        if not current_user.is_authenticated:  # without what `sign_in_first` keeps: that is a form's fields
            target = _login()
            return htmx.go_to(target, 401) if htmx.wants_fragment() else redirect(target, 303)
        bound_silence()
        try:
            place = places.take(viewer().account_id)
        except NoPlace as none:
            return no_place(none)
        try:
            return view(**kwargs, sent=_sent())
        finally:
            place.give_back()

    return guarded


def no_place(none: NoPlace) -> Response:
    """The answer when there is no place for a transfer."""
    mine = _("Two of your transfers are under way. The next one can begin when one of them is done.")
    message = mine if none.is_own else _("Many transfers are under way just now. Try again in a moment.")
    if is_script():
        return told(503, message)
    response = web_errors.answer(503, _("Not available now"), message)
    response.headers["Retry-After"] = str(places.AGAIN_S)
    return response


def _sent() -> Sent:
    length = request.content_length
    token = next((request.headers[one] for one in ("X-CSRFToken", "X-CSRF-Token") if one in request.headers), None)
    if length is None:
        _demand(token)
        abort(411)
    body = Incoming(request.environ["wsgi.input"], length)
    if request.mimetype == RAW:
        _demand(token)
        return Sent(body, None)
    if request.mimetype != "multipart/form-data":
        _demand(token or request.form.get("csrf_token"))  # a form that cannot hold a file is short
        return Sent(Incoming(body, 0), Form.empty(request.form.to_dict()))
    try:
        form = read_form(body, request.content_type or "")
    except BadUpload:
        form = Form.empty()
    _demand(token or form.fields.get("csrf_token"))
    return Sent(body, form)


def _demand(token: str | None) -> None:
    """The token of the page that this was asked from. Raises CSRFError."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return
    try:
        validate_csrf(token)
    except ValidationError as wrong:
        raise CSRFError(wrong.args[0]) from None


def bound_silence() -> None:
    """A browser that sends or takes nothing for long must not hold its place: nginx sees to that, this does without."""
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.settimeout(STREAM_IDLE_S + 10)


def _login() -> str:
    return url_for("auth.login", next=request.full_path.rstrip("?"))
