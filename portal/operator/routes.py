"""The host's pages about billing: prices and expiry, who expires when, holds, runs, the panic switch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import mode
from portal.alerts import service as alerts
from portal.mode import BillingOff
from portal.operator import afterwards, changing, due, fleet, holding, overview, writing
from portal.operator.changing import ChangeError, Plan, Stale
from portal.operator.fleet import SHOWS, Filter, Show
from portal.operator.forms import ApplyForm, ApproveForm, ChangeForm, HoldForm, ReleaseForm, UndoForm
from portal.operator.holding import NoServer
from portal.operator.words import all_words
from portal.suspension import observing, pace, panic
from portal.suspension.holds import KINDS, HoldError
from portal.sweep import confirming, forecast, runs
from portal.sweep.runs import RunError
from portal.web import htmx
from portal.web.access import admin_only, viewer
from portal.web.i18n import _, counted

bp = Blueprint("operator", __name__, url_prefix="/admin/billing")
bp.context_processor(all_words)
SHOWN = 200
"""Servers that a preview lists; the others are in the sums."""


@bp.before_request
def _nothing_while_off() -> None:
    if not mode.is_shown() and request.endpoint != "operator.page":
        abort(404)


@bp.get("")
@admin_only
def page() -> ResponseReturnValue:
    """How billing stands; while it is off, only that."""
    if not mode.is_shown():
        return render_template("operator/off.html")
    return _overview(notice=_told(request.args.get("done", "")))


@bp.get("/servers")
@admin_only
def servers() -> ResponseReturnValue:
    """All servers, to choose those whose price or expiry is to be changed."""
    wanted = _filter()
    found, last = fleet.listing(wanted, _page_number()), writing.last()
    return render_template(
        "operator/servers.html", found=found, wanted=wanted, shows=SHOWS, nodes=fleet.nodes(), last=last,
        why=afterwards.reason_of(last) if last else "", notice=_told(request.args.get("done", "")),
    )  # fmt: skip


@bp.get("/change")
@admin_only
def change() -> ResponseReturnValue:
    """The form for price and expiry: of the servers of `s`, of all of a filter, or of those that are pasted."""
    if "all" in request.args:
        chosen, told = fleet.cut(fleet.fitting(_filter()))
    else:
        marked, told = fleet.cut([one[:8] for one in request.args.getlist("s")])
        chosen = fleet.named(marked)
    form = ChangeForm(formdata=None, data=_first_values(chosen))
    return render_template("operator/change.html", form=form, chosen=chosen, problem=told)


@bp.post("/change/preview")
@admin_only
def preview() -> ResponseReturnValue:
    """What a change would do; nothing is done."""
    form = ChangeForm()
    asked = form.change()
    if asked is None:
        return _form_again(form), htmx.REFUSED
    try:
        plan = changing.plan(asked, form.identifiers())
    except ChangeError as wrong:
        return _form_again(form, problem=str(wrong)), htmx.REFUSED
    return _preview(form, plan)


@bp.post("/change/apply")
@admin_only
def apply() -> ResponseReturnValue:
    """Do what a preview showed."""
    form = ApplyForm()
    try:
        done = changing.apply(viewer().account_id, form.token.data or "" if form.validate() else "")
    except Stale as stale:
        again = ChangeForm(formdata=None, data={"servers": " ".join(stale.identifiers)} | asdict(stale.change))
        return _preview(again, changing.plan(stale.change, stale.identifiers), problem=str(stale)), 409
    except ChangeError as wrong:
        return _form_again(ChangeForm(formdata=None), problem=str(wrong)), 409
    return redirect(url_for(".servers", done=f"changed-{done.servers}-{done.left}"), 303)


@bp.post("/change/undo")
@admin_only
def undo_change() -> ResponseReturnValue:
    """Take the last change back."""
    form = UndoForm()
    number = form.change.data or "" if form.validate() else ""
    try:
        done = writing.undo(viewer().account_id, number)
    except LookupError:
        return _overview(problem=_("That is not the last change any more. Nothing was undone.")), 409
    overdue = afterwards.overdue_again(number)
    return redirect(url_for(".servers", done=f"undone-{done.servers}-{done.left}-{overdue}"), 303)


@bp.get("/due")
@admin_only
def expiring() -> ResponseReturnValue:
    """Who expires when."""
    when: due.When = next((one for one in due.WHENS if one == request.args.get("when")), "30")
    listed = due.listing(when, request.args.get("after", "")[:60])
    return render_template("operator/due.html", listed=listed, when=when, whens=due.WHENS)


@bp.get("/forecast")
@admin_only
def coming() -> ResponseReturnValue:
    """What the sweeps of the next seven days would do if nobody paid."""
    return render_template("operator/forecast.html", days=forecast.forecast())


@bp.get("/holds")
@admin_only
def holds() -> ResponseReturnValue:
    """Open holds, and the form to place one. Whoever sees them knows of those that were made in the panel."""
    alerts.over("external_hold")
    form = HoldForm(formdata=None, data={"server": request.args.get("s", "")[:36]})
    return _holds(form, notice=_told(request.args.get("done", "")))


@bp.post("/holds")
@admin_only
def place() -> ResponseReturnValue:
    """Hold a server."""
    form = HoldForm()
    if not form.validate():
        return _holds(form), htmx.REFUSED
    try:
        done = holding.place(viewer().account_id, form.server.data or "", form.kind.data, form.reason.data or "")
    except NoServer as wrong:
        form.server.errors = [str(wrong)]
        return _holds(form), htmx.REFUSED
    except (HoldError, BillingOff) as wrong:
        return _holds(form, problem=str(wrong)), 409
    return _holds(HoldForm(formdata=None), notice=_("%(name)s is held. %(hint)s", name=done.name, hint=done.hint))


@bp.get("/holds/<number:number>/release")
@admin_only
def ask_release(number: int) -> ResponseReturnValue:
    """The question before a hold is released: in a dialog, or a page of its own."""
    return _ask_release(number, ReleaseForm(formdata=None))


@bp.post("/holds/<number:number>/release")
@admin_only
def release(number: int) -> ResponseReturnValue:
    """Release a hold."""
    form = ReleaseForm()
    if not form.validate():
        return _ask_release(number, form, status=htmx.REFUSED)
    try:
        holding.release(viewer().account_id, number, form.reason.data or "")
    except (HoldError, BillingOff) as wrong:
        return _holds(HoldForm(formdata=None), problem=str(wrong)), 409
    return redirect(url_for(".holds", done="released"), 303)


@bp.get("/runs")
@admin_only
def all_runs() -> ResponseReturnValue:
    """The last sweeps that found servers to suspend."""
    return render_template("operator/runs.html", runs=runs.latest(50))


@bp.get("/runs/<number:number>")
@admin_only
def run(number: int) -> ResponseReturnValue:
    """One of them, with its list."""
    return _run(number, notice=_told(request.args.get("done", "")))


@bp.post("/runs/<number:number>/approve")
@admin_only
def approve(number: int) -> ResponseReturnValue:
    """Suspend exactly the servers of the list that was shown."""
    form = ApproveForm()
    digest = form.digest.data or "" if form.validate() else ""
    return _decided(number, "approved", lambda: runs.approve(number, digest, viewer().account_id))


@bp.post("/runs/<number:number>/drop")
@admin_only
def drop(number: int) -> ResponseReturnValue:
    """Suspend nothing of a list."""
    return _decided(number, "dropped", lambda: runs.drop(number, viewer().account_id))


@bp.post("/runs/<number:number>/undo")
@admin_only
def undo_run(number: int) -> ResponseReturnValue:
    """Lift everything that a run suspended."""
    return _decided(number, "undone", lambda: runs.undo(number, viewer().account_id))


@bp.post("/stop")
@admin_only
def stop() -> ResponseReturnValue:
    """Let nothing be suspended any more."""
    return _switched("stopped", panic.stop)


@bp.post("/go-on")
@admin_only
def go_on() -> ResponseReturnValue:
    """Take the panic switch back."""
    return _switched("going", panic.go_on)


@bp.post("/confirm")
@admin_only
def confirm() -> ResponseReturnValue:
    """Say that prices and expiry are right (gate G6)."""
    confirming.confirm(viewer().account_id)
    return redirect(url_for(".page", done="confirmed"), 303)


@bp.post("/believe")
@admin_only
def believe() -> ResponseReturnValue:
    """Say that the panel's list of servers is right although many vanished (gate G4)."""
    observing.believe(viewer().account_id)
    return redirect(url_for(".page", done="believed"), 303)


@bp.post("/resume")
@admin_only
def resume() -> ResponseReturnValue:
    """Let suspending go on after suspensions were taken back by hand (gate G7)."""
    pace.go_on(viewer().account_id)
    return redirect(url_for(".page", done="resumed"), 303)


@bp.post("/attention/<number:number>/again")
@admin_only
def again(number: int) -> ResponseReturnValue:
    """Let a change of the panel that did not get through be tried now."""
    if not overview.try_again(viewer(), number):
        return _overview(problem=_("That is over already.")), 409
    return redirect(url_for(".page", done="again"), 303)


def _filter() -> Filter:
    wanted = request.args.get("show")
    show: Show = next((one for one in SHOWS if one == wanted), "all")
    return Filter(show, request.args.get("q", "").strip()[:100], request.args.get("node", "")[:191])


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _first_values(chosen: list[fleet.Server]) -> dict[str, Any]:
    """The form as it opens: with what one server costs, else empty."""
    values: dict[str, Any] = {"servers": " ".join(one.known.identifier for one in chosen)}
    if len(chosen) == 1 and chosen[0].amount is not None and chosen[0].period is not None:
        amount, period = chosen[0].amount, chosen[0].period
        values |= {"amount": amount.decimal, "count": period.count, "unit": period.unit}
    if chosen and all(one.kind is None for one in chosen):
        values["price"] = "set"
    return values


def _form_again(form: ChangeForm, problem: str = "") -> str:
    return render_template(
        "operator/change.html", form=form, chosen=fleet.named(form.identifiers()[: fleet.MOST]), problem=problem
    )


def _preview(form: ChangeForm, plan: Plan, problem: str = "") -> str:
    if plan.too_many is not None:
        form.spread.data = max(form.spread.data or 0, plan.too_many.days)
        form.spread.raw_data = None
    return render_template(
        "operator/preview.html", form=form, plan=plan, shown=plan.steps[:SHOWN], problem=problem,
        said=changing.in_words(plan.change), token=changing.token_of(viewer().account_id, plan),
    )  # fmt: skip


def _overview(notice: str = "", problem: str = "") -> str:
    return render_template("operator/page.html", now=overview.overview(), notice=notice, problem=problem)


def _holds(form: HoldForm, notice: str = "", problem: str = "") -> str:
    kind = next((one for one in KINDS if one == request.args.get("kind")), None)
    return render_template(
        "operator/holds.html", held=holding.listing(kind), counts=holding.counts(), kind=kind, kinds=KINDS, form=form,
        is_on=mode.is_on(), notice=notice, problem=problem,
    )  # fmt: skip


def _ask_release(number: int, form: ReleaseForm, status: int = 200) -> ResponseReturnValue:
    try:
        held = holding.one(number)
    except HoldError as wrong:
        return _holds(HoldForm(formdata=None), problem=str(wrong)), 409
    others = [one for one in holding.listing() if one.hold.server_uuid == held.hold.server_uuid and one != held]
    if htmx.wants_fragment():
        return htmx.fragment("operator/_release.html", status, held=held, others=others, form=form)
    return render_template("operator/release.html", held=held, others=others, form=form), status


def _run(number: int, notice: str = "", problem: str = "", status: int = 200) -> ResponseReturnValue:
    found = runs.show(number)
    if found is None and status == 200:
        abort(404)
    if found is None:
        return _overview(problem=problem), status
    is_pace_stopped = found.state == "undone" and runs.is_pace_stopped()
    written = render_template(
        "operator/run.html", run=found, notice=notice, problem=problem, is_on=mode.is_on(),
        is_pace_stopped=is_pace_stopped,
    )  # fmt: skip
    return written, status


def _decided(number: int, done: str, act: Callable[[], object]) -> ResponseReturnValue:
    try:
        act()
    except (RunError, BillingOff) as wrong:
        return _run(number, problem=str(wrong), status=409)
    return redirect(url_for(".run", number=number, done=done), 303)


def _switched(done: str, act: Callable[[int | None], None]) -> ResponseReturnValue:
    try:
        act(viewer().account_id)
    except OSError as wrong:
        problem = _("The switch could not be set: %(reason)s.", reason=wrong.strerror)
        return _overview(problem=problem), 409
    return redirect(url_for(".page", done=done), 303)


def _told(done: str) -> str:
    """What was done, after the page was loaded anew."""
    word, _dash, figures = done.partition("-")
    if word in ("changed", "undone") and figures:
        return _told_of_change(word, figures)
    words = {
        "released": _("The hold is released."),
        "approved": _("Approved: what is still due is being suspended."),
        "dropped": _("Nothing of this list is suspended. Its servers are left alone for three days."),
        "undone": _("Undone: everything that this run suspended is being lifted."),
        "stopped": _("The panic switch is on: nothing is suspended any more."),
        "going": _("The panic switch is off again."),
        "confirmed": _("Confirmed. Servers may be suspended again when all other gates are open."),
        "believed": _("The list of servers is taken as it is."),
        "resumed": _("Suspending goes on."),
        "again": _("It is tried again now."),
    }
    return words.get(word, "")


def _told_of_change(word: str, figures: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}-[0-9]{1,5}(-[0-9]{1,5})?", figures):
        return ""
    servers, left, overdue = (int(one) for one in [*figures.split("-"), "0"][:3])
    done = counted("%(num)d server is changed.", "%(num)d servers are changed.", servers)
    if word == "undone":
        done = counted("%(num)d server is as it was.", "%(num)d servers are as they were.", servers)
    if left:
        done += " " + counted(
            "%(num)d has changed meanwhile and was left alone.", "%(num)d have changed meanwhile and were left alone.",
            left,
        )  # fmt: skip
    if overdue:
        done += " " + counted(
            "%(num)d server runs that was suspended before; the next sweep looks at it.",
            "%(num)d servers run that were suspended before; the next sweep looks at them.", overdue,
        )  # fmt: skip
    return done
