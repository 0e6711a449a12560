"""The page Startup of a server: one panel call to show it, and a form of its own for each thing that can be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, make_response, url_for
from flask.typing import ResponseReturnValue

from portal.servers import service as servers
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen
from portal.startup import service
from portal.startup.forms import ImageForm, VariableForm
from portal.startup.service import Saved, Startup
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.i18n import _
from portal.web.section import section, waiting
from portal.web.text import one_line

bp = Blueprint("startup", __name__)


@bp.get("/servers/<server:identifier>/startup")
@allowed("startup.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page, or its section alone."""
    shown = seen(server, lambda: service.view(viewer(), server))
    context: dict[str, Any] = {"server": server, "shown": shown, **_may(server)}
    if isinstance(shown, Startup):
        context["is_fixed"] = service.is_fixed(server, shown)
    trouble = shown if isinstance(shown, Trouble) else None
    whole = partial(servers.server_page, viewer(), server)
    return section("startup/_section.html", "startup/page.html", trouble, whole, **context)


@bp.post("/servers/<server:identifier>/startup/variable")
@allowed("startup.update")
def update_variable(server: Opened) -> ResponseReturnValue:
    """Save one variable; with script its card and the new command come back, nothing else of the page changes."""
    form = VariableForm()
    key = str(form.key.data or "")
    known = _known(server)
    card = (known.card(key) if isinstance(known, Startup) else None) or service.unread(key)
    question = Question(
        "startup/_variable.html", one_line(card.name) or _("Startup"), _back(server),
        {"server": server, "card": card, **_may(server)}, form,
    )  # fmt: skip
    if isinstance(known, Trouble):
        return _troubled(question, known)
    saved: list[Saved] = []

    def do() -> Done:
        try:
            saved.append(service.update_variable(viewer(), server, key, form.chosen, known, form.was.data))
        except service.Changed as error:
            form.was.data = error.now
            raise
        return _saved(saved[0])

    answer = act(question, do)
    if not saved or not htmx.wants_fragment() or not server.rights.allow("startup.read"):
        return answer
    return htmx.fragment(
        "startup/_saved.html", server=server, card=saved[0].card, shown=saved[0], is_new=True,
        has_focus=form.chosen is None, done=_saved(saved[0]), **_may(server),
    )  # fmt: skip


@bp.post("/servers/<server:identifier>/startup/image")
@allowed("startup.docker-image")
def choose_image(server: Opened) -> ResponseReturnValue:
    """Choose another image."""
    form = ImageForm()
    image = str(form.image.data or "")
    known = _known(server)
    images = known.images if isinstance(known, Startup) else {image: image} if image else {}
    context: dict[str, Any] = {"server": server, "images": images, **_may(server)}
    question = Question("startup/_image.html", _("Docker image"), _back(server), context, form)
    if isinstance(known, Trouble):
        return _troubled(question, known)
    is_done: list[bool] = []

    def do() -> Done:
        service.choose_image(viewer(), server, image)
        is_done.append(True)
        return _done(_("Saved."))

    answer = act(question, do, fields={"docker_image": "image"})
    if not is_done or not htmx.wants_fragment() or not server.rights.allow("startup.read"):
        return answer
    chosen = replace(server, facts=replace(server.facts, docker_image=image))
    return htmx.fragment("startup/_chosen.html", **context | {"server": chosen}, done=_done(_("Saved.")))


def _known(server: Opened) -> Startup | Trouble | None:
    """What the forms are about; None for who may change but not read it."""
    if not server.rights.allow("startup.read"):
        return None
    return seen(server, lambda: service.view(viewer(), server))


def _troubled(question: Question, trouble: Trouble) -> ResponseReturnValue:
    """Nothing was sent; what was typed stays."""
    answer = asked(question, trouble.status, f"{trouble.message} {_('Nothing was changed.')}")
    return waiting(make_response(answer), trouble.wait_s)


def _may(server: Opened) -> dict[str, bool]:
    allow: Callable[[str], bool] = server.rights.allow
    return {"may_update": allow("startup.update"), "may_choose": allow("startup.docker-image")}


def _saved(saved: Saved) -> Done:
    return _done(_("Saved: %(name)s.", name=one_line(saved.card.name)))


def _done(text: str) -> Done:
    return Done(f"{text} {_('It counts from the next start of the server.')}")


def _back(server: Opened) -> str:
    """Where a change leads without script: to the page, or for who may not see it to the server's first one."""
    endpoint = ".page" if server.rights.allow("startup.read") else "servers.overview"
    return url_for(endpoint, identifier=server.facts.identifier)
