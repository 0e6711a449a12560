"""Pages with which administrators credit and correct, and the door for programs."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from portal import mode
from portal.auth import throttle
from portal.billing.money import MoneyError, parse
from portal.credit import door, importing, listing, matching, service, signature
from portal.credit.columns import Chosen
from portal.credit.door import BadBody
from portal.credit.forms import CorrectForm, CreditForm, FileForm
from portal.credit.importing import Stale
from portal.credit.listing import Whole
from portal.credit.service import CreditError
from portal.credit.table import BadFile
from portal.extensions import csrf
from portal.panel import settings
from portal.store import locked, unwritable
from portal.web.access import admin_only, public, viewer
from portal.web.i18n import _
from portal.web.text import number_in

bp = Blueprint("credit", __name__)
REFUSED = {"off": 404, "conflict": 409, "stopped": 503}
STOPPED_FOR_S = 600
"""When a program may ask again whether money is moved."""


@bp.get("/admin/credit")
@admin_only
def page() -> ResponseReturnValue:
    """The form, and the newest movements of everybody or of one account."""
    _demand_shown()
    form = CreditForm(formdata=None, data={"account": request.args.get("account", "")[:191]})
    return _page(form, done=number_in(request.args.get("done", "")))


@bp.post("/admin/credit")
@admin_only
def credit() -> ResponseReturnValue:
    """Credit an account."""
    _demand_shown()
    form = CreditForm()
    asked = form.asked()
    if asked is None:
        return _page(form, status=422)
    account, amount = asked
    try:
        done = service.credit(
            account.id, amount, form.reference.data or "", by=viewer().account_id, source="page",
            note=form.note.data or "",
        )  # fmt: skip
    except CreditError as wrong:
        if wrong.wrong == "stopped":
            return _page(form, problem=str(wrong), status=409)
        at = {"account": form.account, "reference": form.reference, "conflict": form.reference}
        at.get(wrong.wrong, form.amount).errors = [str(wrong)]
        return _page(form, status=409 if wrong.wrong == "conflict" else 422)
    return redirect(url_for(".page", done=done.id, known=None if done.is_new else 1), 303)


@bp.get("/admin/credit/movements/<number:number>")
@admin_only
def movement(number: int) -> ResponseReturnValue:
    """One movement, what was corrected of it, and the form to correct it."""
    _demand_shown()
    found = listing.whole(number)
    if found is None:
        abort(404)
    data = {"amount": found.left.decimal, "after": len(found.corrections)}
    return _movement(found, CorrectForm(formdata=None, data=data))


@bp.post("/admin/credit/movements/<number:number>")
@admin_only
def correct(number: int) -> ResponseReturnValue:
    """Write a row against a movement."""
    _demand_shown()
    form, found = CorrectForm(), listing.whole(number)
    if found is None:
        return _page(CreditForm(formdata=None), problem=_("There is no such movement."), status=409)
    if not form.validate():
        return _movement(found, form, status=422)
    try:
        amount = parse(form.amount.data or "", found.left.currency)
        said = form.after.data or ""
        after = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else -1
        done = service.correct(number, amount, form.reason.data or "", by=viewer().account_id, after=after)
    except MoneyError as wrong:
        form.amount.errors = [str(wrong)]
    except CreditError as wrong:
        at = {"amount": form.amount, "currency": form.amount, "reference": form.reason}
        if wrong.wrong not in at:
            form = CorrectForm(formdata=None, data={"amount": found.left.decimal, "after": len(found.corrections)})
            return _movement(found, form, problem=str(wrong), status=409)
        at[wrong.wrong].errors = [str(wrong)]
    else:
        return redirect(url_for(".page", done=done.id), 303)
    return _movement(found, form, status=422)


@bp.get("/admin/credit/import")
@admin_only
def import_page() -> ResponseReturnValue:
    """The form for a bank's file."""
    _demand_shown()
    counts = [number_in(request.args.get(name, "")) or 0 for name in ("credited", "known")]
    return _import(FileForm(formdata=None), counts=counts if any(counts) else None)


@bp.post("/admin/credit/import")
@admin_only
def preview() -> ResponseReturnValue:
    """What a bank's file would do; nothing is written down, nor is the file kept."""
    _demand_shown()
    form = FileForm()
    if not form.validate():
        return _import(form, status=422)
    chosen = Chosen(*((one.data or "") for one in (form.date, form.value, form.text, form.own)))
    try:
        shown = matching.preview(form.file.data.read(), chosen)
    except BadFile as wrong:
        form.file.errors = [str(wrong)]
        return _import(form, status=422)
    listed = importing.entries(shown)
    return render_template(
        "credit/preview.html", shown=shown,
        token=importing.token_of(viewer().account_id, listed) if listed else None,
    )  # fmt: skip


@bp.post("/admin/credit/import/post")
@admin_only
def post() -> ResponseReturnValue:
    """Credit exactly the list that was shown."""
    _demand_shown()
    try:
        listed = importing.read_token(viewer().account_id, request.form.get("list", ""))
    except Stale as wrong:
        return _import(FileForm(formdata=None), problem=str(wrong), status=409)
    outcome = importing.post(listed, viewer().account_id)
    if outcome.failed:
        return render_template("credit/failed.html", outcome=outcome), 409
    return redirect(url_for(".import_page", credited=outcome.credited, known=outcome.known), 303)


@bp.post("/api/credit")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def signed() -> ResponseReturnValue:
    """The door for programs: the signature stands for whoever signs in, see docs/credit.md."""
    key = settings().credit_key
    request.max_content_length = door.LONGEST_BODY
    try:
        body = request.get_data(cache=False)
        if key is None or not mode.is_shown():
            return _said(404, "off", "This door is shut.")
        stamp, signed_as = (request.headers.get(one, "") for one in (signature.TIME_HEADER, signature.SIGNATURE_HEADER))
        is_right = signature.is_right(key, stamp, signed_as, body)
        entry = throttle.enter(throttle.door_buckets(request.remote_addr or "", is_right=is_right))
        if entry.wait_s:
            return _said(429, "busy", "Too many requests. Try again later.", entry.wait_s)
        if not is_right:
            return _said(401, "signature", "The signature is wrong, or older than five minutes.")
        return _carried_out(body)
    except RequestEntityTooLarge:
        return _said(413, "body", f"The body is longer than {door.LONGEST_BODY} bytes.")
    except OperationalError as wrong:
        if not (locked(wrong) or unwritable(wrong)):
            raise
        return _said(503, "store", "Nothing can be saved just now. Send the same request again.", 2)


def _carried_out(body: bytes) -> Response:
    try:
        done = door.carry_out(door.read(body, request.mimetype))
    except BadBody as wrong:
        return _said(400, "body", str(wrong))
    except CreditError as wrong:
        retry_after_s = STOPPED_FOR_S if wrong.wrong == "stopped" else None
        return _said(REFUSED.get(wrong.wrong, 422), wrong.wrong, str(wrong), retry_after_s)
    told = {
        "id": done.id, "new": done.is_new, "account": done.account_id, "email": done.email,
        "amount": done.amount.decimal, "currency": done.amount.currency, "reference": done.reference,
        "balance": done.balance.decimal,
    }  # fmt: skip
    return _json(201 if done.is_new else 200, told)


def _said(status: int, error: str, message: str, retry_after_s: int | None = None) -> Response:
    response = _json(status, {"error": error, "message": message})
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _json(status: int, told: dict[str, object]) -> Response:
    return Response(json.dumps(told) + "\n", status, mimetype="application/json")


def _demand_shown() -> None:
    if not mode.is_shown():
        abort(404)


def _page(
    form: CreditForm, *, done: int | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    who, account = request.args.get("account", "")[:191], None
    if who:
        try:
            account = service.payee(who)
        except CreditError as wrong:
            problem = problem or str(wrong)
    before = number_in(request.args.get("before", ""))
    written = render_template(
        "credit/page.html", form=form, account=account, currency=account.currency if account else mode.currency(),
        found=listing.newest(account.id if account else None, before), problem=problem,
        done=listing.whole(done) if done else None, is_known="known" in request.args,
    )  # fmt: skip
    return written, status


def _movement(found: Whole, form: CorrectForm, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template("credit/movement.html", found=found, form=form, problem=problem), status


def _import(
    form: FileForm, *, counts: list[int] | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    written = render_template(
        "credit/import.html", form=form, counts=counts, problem=problem, currency=mode.currency()
    )
    return written, status
