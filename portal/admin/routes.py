"""The administrators' page of accounts: who there is, who never came, and everything that is done for them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.admin import accounts, panel_users
from portal.admin.accounts import SHOWS, Made, Show
from portal.admin.forms import AccountForm
from portal.admin.panel_users import Candidates
from portal.auth import mails
from portal.auth.service import AccountError
from portal.pterodactyl.errors import PanelError
from portal.web import htmx
from portal.web.access import admin_only, viewer
from portal.web.i18n import _

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/accounts")
@admin_only
def page() -> ResponseReturnValue:
    """All accounts, or those of a filter, by address."""
    wanted_show = request.args.get("show")
    chosen: Show = next((one for one in SHOWS if one == wanted_show), "all")
    number = request.args.get("page", "1")
    text = request.args.get("q", "").strip()[:100]
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = accounts.listing(chosen, text, wanted)
    return render_template("admin/accounts.html", found=found, show=chosen, shows=SHOWS, text=text)


@bp.get("/accounts/new")
@admin_only
def new() -> ResponseReturnValue:
    """The form for a new account."""
    return render_template("admin/new.html", form=AccountForm(), can_mail=mails.can_mail())


@bp.post("/accounts/new")
@admin_only
def create() -> ResponseReturnValue:
    """Make an account, and an invitation if wanted."""
    form = AccountForm()
    if form.validate():
        try:
            panel_user = panel_users.view(int(form.panel_user.data)) if form.panel_user.data else None
            number, made = accounts.create(
                viewer(), form.email.data or "", is_admin=bool(form.admin.data), panel_user=panel_user,
                is_invited=bool(form.invite.data),
            )  # fmt: skip
        except panel_users.NoSuchUser as wrong:
            form.panel_user.errors = [str(wrong)]
        except AccountError as wrong:
            form.email.errors = [str(wrong)]
        except PanelError as wrong:
            form.panel_user.errors = [panel_users.problem(wrong)]
        else:
            return _shown(number, notice=_("The account is made."), made=made)
    return render_template("admin/new.html", form=form, can_mail=mails.can_mail()), 422


@bp.get("/accounts/<number:account_id>")
@admin_only
def account(account_id: int) -> ResponseReturnValue:
    """One account; with `q` also the panel users that it could be linked to."""
    text = request.args.get("q", "").strip()[:100]
    return _shown(account_id, text=text, notice=_told(request.args.get("done", "")))


@bp.get("/accounts/<number:account_id>/ask/<any(disable,admin,unlink):act>")
@admin_only
def ask(account_id: int, act: str) -> ResponseReturnValue:
    """The question before what is not easily undone: in a dialog, or a page of its own without script."""
    one = _existing(account_id)
    if htmx.wants_fragment():
        return htmx.fragment("admin/_ask.html", account=one, act=act)
    return render_template("admin/ask.html", account=one, act=act)


@bp.get("/accounts/<number:account_id>/panel-users")
@admin_only
def search(account_id: int) -> ResponseReturnValue:
    """Panel users for the page of an account, as a piece of it."""
    if not htmx.wants_fragment():
        return redirect(url_for(".account", account_id=account_id, q=request.args.get("q", "")), 303)
    found, problem = _search(request.args.get("q", "").strip()[:100])
    one = _existing(account_id)
    return htmx.fragment("admin/_found.html", account=one, found=found, problem=problem)


@bp.post("/accounts/<number:account_id>/invite")
@admin_only
def invite(account_id: int) -> ResponseReturnValue:
    """Make a link with which the person chooses a password."""
    return _done(account_id, lambda: accounts.invite(viewer(), account_id))


@bp.post("/accounts/<number:account_id>/link/<number:number>")
@admin_only
def link(account_id: int, number: int) -> ResponseReturnValue:
    """Link the account to a panel user; 0 stands for none."""
    return _done(
        account_id,
        lambda: accounts.link(viewer(), account_id, panel_users.view(number) if number else None),
        "linked" if number else "unlinked",
    )


@bp.post("/accounts/<number:account_id>/disable")
@admin_only
def disable(account_id: int) -> ResponseReturnValue:
    """Lock the account; its sessions end."""
    return _done(account_id, lambda: accounts.disable(viewer(), account_id, disabled=True), "disabled")


@bp.post("/accounts/<number:account_id>/enable")
@admin_only
def enable(account_id: int) -> ResponseReturnValue:
    """Open the account again."""
    return _done(account_id, lambda: accounts.disable(viewer(), account_id, disabled=False), "enabled")


@bp.post("/accounts/<number:account_id>/admin")
@admin_only
def make_admin(account_id: int) -> ResponseReturnValue:
    """Make the person an administrator of this portal."""
    return _done(account_id, lambda: accounts.make_admin(viewer(), account_id, admin=True), "admin")


@bp.post("/accounts/<number:account_id>/no-admin")
@admin_only
def no_admin(account_id: int) -> ResponseReturnValue:
    """Take that back."""
    return _done(account_id, lambda: accounts.make_admin(viewer(), account_id, admin=False), "no_admin")


def _told(done: str) -> str:
    """What was done, after the page was loaded anew."""
    words = {
        "linked": _("The account is linked."),
        "unlinked": _("The account is no longer linked to the panel."),
        "disabled": _("The account is disabled; its sessions have ended."),
        "enabled": _("The account is open again."),
        "admin": _("The person is an administrator of this portal now."),
        "no_admin": _("The person is no administrator any more."),
    }
    return words.get(done, "")


def _done(account_id: int, act: Callable[[], Made | None], done: str = "") -> ResponseReturnValue:
    """Do it, then the page of the account again: with the link, which is shown once, or with what was wrong."""
    _existing(account_id)
    try:
        made = act()
    except AccountError as wrong:
        return _shown(account_id, problem=str(wrong), status=409)
    if made is None:
        return redirect(url_for(".account", account_id=account_id, done=done), 303)
    return _shown(account_id, made=made)


def _shown(
    account_id: int,
    *,
    text: str = "",
    notice: str = "",
    problem: str = "",
    made: Made | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    found, search_problem = _search(text) if text else (None, "")
    page = render_template(
        "admin/account.html", account=_existing(account_id), text=text, found=found, search_problem=search_problem,
        notice=notice, problem=problem, made=made, is_own=viewer().account_id == account_id, can_mail=mails.can_mail(),
    )  # fmt: skip
    return page, status


def _existing(account_id: int) -> accounts.Row:
    try:
        return accounts.one(account_id)
    except AccountError:
        abort(404)


def _search(text: str) -> tuple[Candidates | None, str]:
    """What was found, or why nothing could be."""
    if not text:
        return None, ""
    try:
        return panel_users.search(text), ""
    except PanelError as wrong:
        return None, panel_users.problem(wrong)
