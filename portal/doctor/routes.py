"""The doctor's page for administrators: there at once, its lines when they are known."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.audit import service as audit
from portal.doctor import service
from portal.doctor.forms import TestMailForm
from portal.doctor.lines import worst
from portal.doctor.work_checks import send_test_mail
from portal.mail import queue
from portal.panel import settings
from portal.web import htmx
from portal.web.access import admin_only, viewer

bp = Blueprint("doctor", __name__)


@bp.get("/admin/doctor")
@admin_only
def page() -> ResponseReturnValue:
    """The page; with `now` the lines are in it, for browsers without JavaScript."""
    return _page(_form(), with_lines="now" in request.args)


@bp.get("/admin/doctor/lines")
@admin_only
def lines() -> ResponseReturnValue:
    """All lines, checked now; the whole page for who opened this address by hand."""
    if not htmx.wants_fragment():
        return _page(_form(), with_lines=True)
    return htmx.fragment("doctor/_lines.html", **_checked())


@bp.post("/admin/doctor/mail")
@admin_only
def mail() -> ResponseReturnValue:
    """Send a test mail now, and say what became of it."""
    form = TestMailForm()
    if not form.validate():
        return _mail(form, htmx.REFUSED)
    return _mail(form, 200, sent=send_test_mail(form.address.data or ""))


@bp.post("/admin/doctor/mail/<number:mail_id>/again")
@admin_only
def again(mail_id: int) -> ResponseReturnValue:
    """Let a message that was not taken be tried again now."""
    queue.retry(mail_id)
    audit.record(viewer(), "mail.retry", outcome="done", detail=str(mail_id))
    return redirect(url_for(".page"), 303)


def _form() -> TestMailForm:
    return TestMailForm(formdata=None, data={"address": viewer().email})


def _checked() -> dict[str, Any]:
    found = service.examine()
    return {"lines": found, "whole": worst(found), "checked_at": clock.now()}


def _page(form: TestMailForm, *, with_lines: bool) -> str:
    checked = _checked() if with_lines else {"lines": None}
    return render_template("doctor/page.html", form=form, sent=None, **_mail_facts(), **checked)


def _mail(form: TestMailForm, status: int, **more: Any) -> ResponseReturnValue:
    context: dict[str, Any] = {"form": form, "sent": None} | _mail_facts() | more
    if htmx.wants_fragment():
        return htmx.fragment("doctor/_mail.html", status, **context)
    return make_response(render_template("doctor/page.html", lines=None, **context), status)


def _mail_facts() -> dict[str, Any]:
    return {"has_mail": settings().smtp_host, "troubled": queue.troubled()}
