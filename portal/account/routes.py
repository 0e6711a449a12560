"""A person's own account."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.account import service
from portal.account.forms import KeyForm, NewPasswordForm
from portal.auth import device, sessions, throttle
from portal.auth.service import AccountError
from portal.credentials import service as credentials
from portal.credentials.service import KeyProblem
from portal.panel import settings
from portal.pterodactyl.errors import PanelError
from portal.web.access import signed_in, viewer
from portal.web.errors import sentence
from portal.web.i18n import _, counted

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Password, connection to the panel, other browsers."""
    told = {"password": _("The new password is set. Every other browser was signed out."),
            "connected": _("Your panel account is connected."),
            "disconnected": _("The key is forgotten here. Delete it on the panel too.")}  # fmt: skip
    return _shown(notice=told.get(request.args.get("done", ""), ""))


@bp.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """A new password; the one of now is asked for, as often as at the login page."""
    form = NewPasswordForm()
    if not form.validate():
        return _shown(password_form=form, status=422)
    person = viewer()
    limits = throttle.buckets(request.remote_addr or "", person.email, device.known_for(person.email))
    entry = throttle.enter(limits)
    if entry.wait_s:
        form.current.errors = [throttle.in_words(entry.wait_s)]
        return _shown(password_form=form, status=429)
    try:
        is_right = service.change_password(person, form.current.data or "", form.password.data or "")
    except AccountError as wrong:
        form.password.errors = [str(wrong)]
        return _shown(password_form=form, status=422)
    if not is_right:
        form.current.errors = [_("That is not your password.")]
        return _shown(password_form=form, status=422)
    throttle.forgive(limits, entry)
    return redirect(url_for(".page", done="password"), 303)


@bp.post("/key")
@signed_in
def connect() -> ResponseReturnValue:
    """Store the person's own client key, after the panel has said whose it is."""
    form = KeyForm()
    if form.validate():
        wait_s = throttle.enter(throttle.key_buckets(viewer().account_id)).wait_s
        if wait_s:
            form.key.errors = [throttle.in_words(wait_s)]
            return _shown(key_form=form, status=429)
        try:
            service.connect(viewer(), form.key.data or "")
        except KeyProblem as wrong:
            form.key.errors = [str(wrong)]
        except PanelError as wrong:
            status, message = sentence(wrong)
            form.key.errors = [message]
            return _shown(key_form=form, status=status)
        else:
            return redirect(url_for(".page", done="connected"), 303)
    return _shown(key_form=form, status=422)


@bp.post("/key/forget")
@signed_in
def disconnect() -> ResponseReturnValue:
    """Forget the person's key."""
    service.disconnect(viewer())
    return redirect(url_for(".page", done="disconnected"), 303)


@bp.post("/sign-out-others")
@signed_in
def sign_out_others() -> ResponseReturnValue:
    """End the sessions in every other browser."""
    ended = service.sign_out_others(viewer())
    told = counted("%(num)d other browser was signed out.", "%(num)d other browsers were signed out.", ended)
    return _shown(notice=told)


def _shown(
    *,
    password_form: NewPasswordForm | None = None,
    key_form: KeyForm | None = None,
    notice: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    person = viewer()
    page = render_template(
        "account/page.html",
        password_form=password_form or NewPasswordForm(formdata=None),
        key_form=key_form or KeyForm(formdata=None),
        key=credentials.stored_key(person.account_id),
        is_linked=person.panel_user_id is not None,
        can_do_without=settings().use_service_key,
        panel_url=settings().panel_url,
        sessions=sessions.count(person.account_id),
        notice=notice,
    )
    return make_response(page, status)
