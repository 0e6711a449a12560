"""Signing in and out, accepting an invitation, and asking for a new password."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from portal.audit import service as audit
from portal.auth import device, links, mails, service, sessions, throttle
from portal.auth.forms import ForgotForm, LoginForm, PasswordForm
from portal.auth.models import Account
from portal.panel import settings
from portal.web import resume
from portal.web.access import public, signed_in, viewer
from portal.web.i18n import _
from portal.web.text import email_key, is_email

bp = Blueprint("auth", __name__)


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The login page; somebody who is signed in goes on to where they wanted."""
    target = resume.inside(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target or url_for("servers.page"), 303)
    return render_template("auth/login.html", form=LoginForm(next=target or ""))


@bp.post("/login")
@public
def log_in() -> ResponseReturnValue:
    """Check the password and start a session."""
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 422
    email = email_key(form.email.data or "")
    limits = throttle.buckets(request.remote_addr or "", email, device.known_for(email))
    entry = throttle.enter(limits)
    if entry.wait_s:
        form.password.errors = [throttle.in_words(entry.wait_s)]
        answer = make_response(render_template("auth/login.html", form=form), 429)
        answer.headers["Retry-After"] = str(entry.wait_s)
        return answer
    account = service.check_password(email, form.password.data or "")
    if account is None:
        audit.record(None, "login", outcome="refused", detail=email if is_email(email) else "")
        form.password.errors = [_("This e-mail address and password do not belong together.")]
        return render_template("auth/login.html", form=form), 422
    throttle.forgive(limits, entry)
    stay = bool(form.stay.data)
    fresh = sessions.start(account.id, days=settings().stay_signed_in_days if stay else None)
    return _enter(account, fresh, stay=stay, target=resume.inside(form.next.data))


@bp.post("/logout")
@signed_in
def log_out() -> ResponseReturnValue:
    """End this browser's session."""
    sessions.end(viewer().token)
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"), 303)


@bp.get("/forgot")
@public
def forgot() -> ResponseReturnValue:
    """Ask for a link to choose a new password."""
    return render_template("auth/forgot.html", form=ForgotForm(), can_mail=mails.can_mail())


@bp.post("/forgot")
@public
def ask_reset() -> ResponseReturnValue:
    """The same answer, and the same work, whether or not there is an account of that address."""
    form = ForgotForm()
    if not mails.can_mail():
        return render_template("auth/forgot.html", form=form, can_mail=False), 409
    if not form.validate():
        return render_template("auth/forgot.html", form=form, can_mail=True), 422
    email = email_key(form.email.data or "")
    entry = throttle.enter(throttle.reset_buckets(request.remote_addr or "", email))
    if entry.wait_s:
        form.email.errors = [throttle.in_words(entry.wait_s)]
        answer = make_response(render_template("auth/forgot.html", form=form, can_mail=True), 429)
        answer.headers["Retry-After"] = str(entry.wait_s)
        return answer
    mails.ask_reset(email)
    return render_template("auth/forgot_sent.html", email=email)


@bp.get("/invite/<string:token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """Where an invitation leads: choose a password."""
    account = links.invited(token)
    if account is None:
        return render_template("auth/invite_over.html"), 410
    return render_template("auth/invite.html", form=PasswordForm(), email=account.email)


@bp.post("/invite/<string:token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """Set the password; the link is used up and the person signed in."""
    account = links.invited(token)
    if account is None:
        return render_template("auth/invite_over.html"), 410
    form = PasswordForm()
    if not form.validate():
        return render_template("auth/invite.html", form=form, email=account.email), 422
    fresh = links.accept(token, form.password.data or "")
    if fresh is None:
        return render_template("auth/invite_over.html"), 410
    return _enter(account, fresh)


def _enter(account: Account, fresh: str, *, stay: bool = False, target: str | None = None) -> Response:
    """Into a session that was just started; nothing of the one before it stays but what was typed."""
    kept = resume.kept(account.id)
    if current_user.is_authenticated:
        sessions.end(viewer().token)
    session.clear()
    if kept is not None:
        session["typed"] = kept
    session["account"] = account.id
    person = sessions.load(fresh)
    if person is None:  # disabled since the password was checked
        return make_response(redirect(url_for("auth.login"), 303))
    session.permanent = stay
    login_user(person)
    audit.record(person, "login", outcome="done")
    response = make_response(redirect(target or url_for("servers.page"), 303))
    return device.remember(response, account.email)
