"""The page Subusers of a server: the list, the form of permissions, and the questions before taking access away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal.auth import mails
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble, seen
from portal.subusers import editing, rules, service, words
from portal.subusers.forms import ChangeForm, InviteForm
from portal.subusers.people import Oneself
from portal.subusers.permissions import Catalogue, at_hand, catalogue
from portal.subusers.service import Changed, Gone, Saved
from portal.unfit import Unfit
from portal.web import resume
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.errors import answer
from portal.web.i18n import _, counted
from portal.web.section import section

bp = Blueprint("subusers", __name__)
CHANGED = "subusers-changed"


@dataclass(frozen=True)
class _FormQuestion(Question):
    """The form of permissions; what it is about may change while it is answered."""

    context: dict[str, Any] = field(default_factory=dict)


@bp.record_once
def _names(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(subuser_words=words)


@bp.get("/servers/<server:identifier>/subusers")
@allowed("user.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """Everybody with access."""
    found = seen(server, lambda: service.listed(viewer(), server))
    trouble = found if isinstance(found, Trouble) else None
    context: dict[str, Any] = {
        "server": server, "trouble": trouble, "entries": () if isinstance(found, Trouble) else found,
        "can_mail": mails.can_mail(),
    }  # fmt: skip
    return section(
        "subusers/_list.html", "subusers/page.html", trouble, partial(server_page, viewer(), server), **context
    )


@bp.get("/servers/<server:identifier>/subusers/new")
@allowed("user.create", live=True)
def new(server: Opened) -> ResponseReturnValue:
    """The form in which somebody is invited."""
    kept = resume.typed(request.path)
    form = InviteForm(formdata=None, data={name: kept.get(name, "") for name in ("email", "preset")})
    known = catalogue(viewer())
    ticked = editing.given_by(known, server, form.to_expand)
    form.expanded.data = form.to_expand
    return _editor_page(server, _invitation(server, form, ticked, known))


@bp.post("/servers/<server:identifier>/subusers/new")
@allowed("user.create", keeps=("email", "preset"))
def invite(server: Opened) -> ResponseReturnValue:
    """Give somebody access."""
    form = InviteForm()
    if form.to_expand:
        known = catalogue(viewer())
        return _expanded(_invitation(server, form, editing.given_by(known, server, form.to_expand), known))

    def do() -> Done:
        service.invite(viewer(), server, str(form.email.data), form.ticked)
        text = (
            _("%(email)s has access to this server now. They are told by mail.", email=form.email.data)
            if mails.can_mail()
            else _(
                "%(email)s has access to this server now. This portal sends no mail: your host tells them how to "
                "sign in.",
                email=form.email.data,
            )
        )
        return Done(text, CHANGED, to=_list(server))

    return act(_invitation(server, form, form.ticked, at_hand()), do, event=CHANGED)


@bp.get("/servers/<server:identifier>/subusers/<uuid:subuser>/edit")
@allowed("user.update", live=True)
def edit(server: Opened, subuser: str) -> ResponseReturnValue:
    """The form in which somebody's permissions are changed."""
    try:
        person = service.view(viewer(), server, subuser)
    except Unfit as problem:
        return _no_person(problem)
    form = ChangeForm(formdata=None)
    form.show(person.permissions)
    form.about.data = person.email
    return _editor_page(server, _change(server, subuser, form, person.permissions, catalogue(viewer())))


@bp.post("/servers/<server:identifier>/subusers/<uuid:subuser>/edit")
@allowed("user.update")
def update(server: Opened, subuser: str) -> ResponseReturnValue:
    """Let somebody hold what is ticked, and nothing else."""
    rules.needs_reading(server)
    form = ChangeForm()
    if form.to_expand:
        known = catalogue(viewer())
        return _expanded(_change(server, subuser, form, editing.given_by(known, server, form.to_expand), known))
    question = _change(server, subuser, form, form.ticked, at_hand())

    def do() -> Done:
        shown = form.theirs
        if shown is None:
            raise Unfit(_("This form cannot be understood. Open it again."))
        try:
            saved = service.update(viewer(), server, subuser, form.ticked, shown)
        except Changed as error:
            form.show(error.now)
            again = _change(server, subuser, form, form.ticked, at_hand())
            question.context.update(again.context)
            raise
        return Done(_saved(saved), CHANGED, "warn" if saved.dropped else "good", to=_list(server))

    return act(question, do, event=CHANGED)


@bp.get("/servers/<server:identifier>/subusers/<uuid:subuser>/remove")
@allowed("user.delete", live=True)
def ask_end(server: Opened, subuser: str) -> ResponseReturnValue:
    """Ask whether somebody's access shall end."""
    person = None
    if server.rights.allow("user.read"):
        try:
            person = service.view(viewer(), server, subuser)
        except Unfit as problem:
            return _no_person(problem)
    return asked(_removal(server, subuser, person))


@bp.post("/servers/<server:identifier>/subusers/<uuid:subuser>/remove")
@allowed("user.delete")
def remove(server: Opened, subuser: str) -> ResponseReturnValue:
    """End somebody's access."""

    def do() -> Done:
        email = service.remove(viewer(), server, subuser)
        text = _("%(email)s was removed.", email=email) if email else _("The subuser was removed.")
        return Done(text, CHANGED)

    return act(_removal(server, subuser, None), do, event=CHANGED)


@bp.get("/servers/<server:identifier>/subusers/<uuid:subuser>/resend")
@allowed("user.create", live=True)
def ask_resend(server: Opened, subuser: str) -> ResponseReturnValue:
    """Ask whether somebody shall be written to."""
    try:
        person = service.view(viewer(), server, subuser)
    except Unfit as problem:
        return _no_person(problem)
    return asked(_sending(server, subuser, person))


@bp.post("/servers/<server:identifier>/subusers/<uuid:subuser>/resend")
@allowed("user.create")
def resend(server: Opened, subuser: str) -> ResponseReturnValue:
    """Write to somebody."""

    def do() -> Done:
        email = service.resend(viewer(), server, subuser)
        return Done(_("The invitation is on its way to %(email)s.", email=email), CHANGED)

    return act(_sending(server, subuser, None), do, event=CHANGED)


def _list(server: Opened) -> str:
    return url_for("subusers.page", identifier=server.facts.identifier)


def _invitation(server: Opened, form: InviteForm, ticked: Collection[str], known: Catalogue) -> _FormQuestion:
    context = {"server": server, "editor": editing.editor(known, server, ticked), "subuser": "", "about": ""}
    return _FormQuestion("subusers/_form.html", _("Invite somebody"), _list(server), context, form)


def _change(
    server: Opened, subuser: str, form: ChangeForm, ticked: Collection[str], known: Catalogue
) -> _FormQuestion:
    made = editing.editor(known, server, ticked, form.theirs or ())
    context = {"server": server, "editor": made, "subuser": subuser, "about": form.about.data}
    return _FormQuestion("subusers/_form.html", _("Change permissions"), _list(server), context, form)


def _removal(server: Opened, subuser: str, person: service.Person | None) -> Question:
    context = {"server": server, "subuser": subuser, "person": person}
    return Question("subusers/_remove.html", _("Remove subuser"), _list(server), context)


def _sending(server: Opened, subuser: str, person: service.Person | None) -> Question:
    context = {"server": server, "subuser": subuser, "person": person}
    return Question("subusers/_resend.html", _("Send the invitation"), _list(server), context)


def _editor_page(server: Opened, question: _FormQuestion) -> ResponseReturnValue:
    """The form on a page of this server."""
    return render_template(
        "subusers/editor.html", page=server_page(viewer(), server), part=question.template, title=question.title,
        form=question.form, message="", tone="", back=question.back, **question.context,
    )  # fmt: skip


def _expanded(question: _FormQuestion) -> ResponseReturnValue:
    """The form again with what a preset gives ticked; nothing was done."""
    question.form.expanded.data = question.form.to_expand
    text = _("Look at what is ticked now, change it if you like, and then go on. Nothing was done yet.")
    return asked(question, 200, text, "warn")


def _no_person(problem: Unfit) -> ResponseReturnValue:
    match problem:
        case Gone():
            return answer(404, _("Not found"), str(problem))
        case Oneself():
            return answer(403, _("Not allowed"), str(problem))
        case _:
            return answer(409, _("Not possible now"), str(problem))


def _saved(saved: Saved) -> str:
    if not (saved.given or saved.taken or saved.dropped):
        return _("Nothing was changed: %(email)s holds that already.", email=saved.person.email)
    parts = [_("Saved for %(email)s.", email=saved.person.email)]
    if saved.given:
        parts.append(counted("%(num)d permission added.", "%(num)d permissions added.", len(saved.given)))
    if saved.taken:
        parts.append(counted("%(num)d permission removed.", "%(num)d permissions removed.", len(saved.taken)))
    parts.append(_("%(count)d in all.", count=len(saved.person.permissions)))
    if saved.dropped:
        parts.append(_("The panel did not keep: %(names)s.", names=", ".join(saved.dropped)))
    return " ".join(parts)
