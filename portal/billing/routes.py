"""What customers see of prices and money: a server's price and renewals, renewing it, their balance and statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)  # fmt: skip
from flask.typing import ResponseReturnValue

from portal import clock, mode
from portal.billing import balance_page, bills, forms, page, renewing, statement, switching
from portal.billing.balance_page import Filter
from portal.billing.forms import AutoForm, RenewForm
from portal.billing.ledger import LedgerError
from portal.billing.renewing import AlreadyRenewed, NotEnough, RenewalError
from portal.billing.terms import TermError
from portal.mode import BillingOff
from portal.servers.reading import Entitled
from portal.web import formatting, htmx
from portal.web.access import entitled, signed_in, viewer
from portal.web.i18n import _

bp = Blueprint("billing", __name__)
DOUBLE_CLICK_S = 5
"""The same payment sent again within this is the same tap; later it is another tab or a way back."""
View = Callable[..., ResponseReturnValue]


def _if_shown(view: View) -> View:
    """Nothing is here while billing is off."""

    @wraps(view)
    def shown(**kwargs: Any) -> ResponseReturnValue:
        return view(**kwargs) if mode.is_shown() else abort(404)

    return shown


@bp.get("/servers/<server:identifier>/billing")
@entitled()
@_if_shown
def server_page(server: Entitled) -> ResponseReturnValue:
    """What a server costs, until when it is paid, and how it was before."""
    paid = forms.number(request.args.get("paid", ""))
    before = forms.number(request.args.get("before", ""))
    shown = page.billing_page(viewer(), server, before)
    bills.SPEAKER.saw(viewer().account_id, {server.uuid: shown.bill})
    receipt = page.receipt(viewer(), server.uuid, paid) if paid is not None else None
    is_again = request.args.get("again") == "1"
    told = {"page": shown, "facts": server, "receipt": receipt, "is_again": is_again, "notice": ""}
    return render_template("billing/server.html", **told)


@bp.get("/servers/<server:identifier>/billing/live")
@entitled(poll=True)
@_if_shown
def live(server: Entitled) -> ResponseReturnValue:
    """How it stands, unless the page shows that already."""
    shown = page.billing_page(viewer(), server)
    if request.args.get("seen") == shown.version:
        return htmx.unchanged()
    return htmx.fragment("billing/_standing.html", page=shown)


@bp.get("/servers/<server:identifier>/billing/renew")
@entitled()
@_if_shown
def confirm(server: Entitled) -> ResponseReturnValue:
    """Everything that a renewal would be, before it is paid."""
    shown = page.renew_page(viewer(), server, forms.periods(request.args.get("periods", "")))
    bills.SPEAKER.saw(viewer().account_id, {server.uuid: shown.bill})
    return _confirm(server, shown, 200, "")


@bp.post("/servers/<server:identifier>/billing/renew")
@entitled()
@_if_shown
def renew(server: Entitled) -> ResponseReturnValue:
    """Pay. Sent twice it is paid once, and the second answer is that of the first."""
    form = RenewForm()
    paid_from = forms.number(form.paid_from.data or "")
    try:
        done = renewing.renew(
            viewer().account_id, form.token.data or "", server_uuid=server.uuid,
            accepts_hold=bool(form.accepts_hold.data),
        )  # fmt: skip
    except AlreadyRenewed as known:
        mine = page.renewal(viewer(), server.uuid, paid_from) if paid_from is not None else None
        if mine is not None:
            again = 1 if clock.now() - mine.at > DOUBLE_CLICK_S else None
            return _to(url_for(".server_page", identifier=server.identifier, paid=mine.id, again=again))
        told = _("It is renewed already, until %(until)s. You were not charged.", until=formatting.moment(known.until))
        return _refused(server, told)
    except NotEnough as short:
        return _refused(server, _("Your balance is short of %(amount)s. Nothing was charged.", amount=short.missing))
    except (RenewalError, LedgerError, BillingOff) as refused:
        return _refused(server, str(refused))
    return _to(url_for(".server_page", identifier=server.identifier, paid=done.id))


@bp.post("/servers/<server:identifier>/billing/auto")
@entitled(owner=True)
@_if_shown
def auto(server: Entitled) -> ResponseReturnValue:
    """Switch automatic renewal on or off."""
    wanted = AutoForm().wanted.data == "on"
    try:
        switching.switch_auto(viewer().account_id, server.uuid, wanted=wanted)
    except (TermError, BillingOff) as refused:
        shown = page.billing_page(viewer(), server)
        told = {"page": shown, "facts": server, "receipt": None, "is_again": False, "notice": str(refused)}
        return make_response(render_template("billing/server.html", **told), 409)
    return _to(url_for(".server_page", identifier=server.identifier))


@bp.get("/balance")
@signed_in
@_if_shown
def balance() -> ResponseReturnValue:
    """What somebody has, how they add to it, what comes next, and every movement."""
    shown = balance_page.balance_page(viewer(), _filter(), formatting.paying_zone())
    template = "billing/_statement.html" if htmx.wants_fragment() else "billing/balance.html"
    return render_template(template, page=shown)


@bp.get("/balance/print")
@signed_in
@_if_shown
def on_paper() -> ResponseReturnValue:
    """The statement as a page to print."""
    shown = balance_page.balance_page(viewer(), _filter(), formatting.paying_zone(), limit=statement.MOST_ON_PAPER)
    return render_template("billing/print.html", page=shown, email=viewer().email, at=clock.now())


@bp.get("/balance/statement.csv")
@signed_in
@_if_shown
def as_csv() -> ResponseReturnValue:
    """The statement as CSV, whole, as it was filtered."""
    lines = statement.each(viewer().account_id, _filter().asked, formatting.paying_zone())
    pieces: Iterator[str] = statement.as_csv(lines)
    answer = Response(stream_with_context(pieces), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{formatting.day(clock.now())}.csv"'
    return answer


def _filter() -> Filter:
    return forms.statement_filter(request.args, statement.servers(viewer().account_id))


def _to(url: str) -> ResponseReturnValue:
    return htmx.go_to(url) if htmx.wants_fragment() else redirect(url, 303)


def _refused(server: Entitled, told: str) -> ResponseReturnValue:
    """The confirm page as it is now, with why nothing was charged."""
    shown = page.renew_page(viewer(), server, forms.periods(request.args.get("periods", "")))
    return _confirm(server, shown, 409, told)


def _confirm(server: Entitled, shown: page.RenewPage, status: int, told: str) -> ResponseReturnValue:
    is_piece = htmx.wants_fragment()
    template = "billing/_renew.html" if is_piece else "billing/renew.html"
    status = htmx.REFUSED if is_piece and status != 200 else status
    return make_response(render_template(template, page=shown, facts=server, told=told), status)
