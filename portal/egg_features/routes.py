"""The dialogs of egg features: a fragment for the console page, a page of its own for browsers without script."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from portal.egg_features import service, words
from portal.egg_features.features import ACTS, FEATURES, Feature, features_of
from portal.egg_features.forms import FORMS
from portal.pterodactyl import errors
from portal.servers import reading
from portal.servers.reading import NoSuchServer, Opened
from portal.servers.service import server_page
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.errors import answer, sentence
from portal.web.i18n import _

bp = Blueprint("egg_features", __name__)


class FeatureConverter(BaseConverter):
    """A feature that Roost knows."""

    regex = "|".join(FEATURES)


class ActConverter(BaseConverter):
    """A feature with an act."""

    regex = "|".join(ACTS)


@bp.record_once
def _names(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(feature=FeatureConverter, feature_act=ActConverter)
    state.app.jinja_env.globals.update(egg_features_of=features_of, egg_feature_words=words)


@bp.get("/servers/<server:identifier>/egg-features/<feature:feature>")
@allowed("websocket.connect", live=True)
def dialog(server: Opened, feature: str) -> ResponseReturnValue:
    """What is in the way, and the form of the act if this person may do it."""
    _known(server, feature)
    done = request.args.get("done")
    if done in service.AGAINS:
        return render_template("egg_features/done.html", server=server, feature=feature, again=done)
    form = FORMS[feature](formdata=None) if feature in FORMS else None
    return _shown(server, service.dialog(viewer(), server, feature), form)


@bp.post("/servers/<server:identifier>/egg-features/<feature_act:feature>")
@allowed(lambda path: ACTS[path["feature"]])
def act(server: Opened, feature: service.Act) -> ResponseReturnValue:
    """Do what helps and start the server again."""
    _known(server, feature)
    form = FORMS[feature]()
    if not form.validate():
        return _shown(server, service.dialog(viewer(), server, feature), form, 422)
    again = service.act(viewer(), server, feature, form.value)
    if not htmx.wants_fragment():
        return redirect(url_for(".dialog", identifier=server.facts.identifier, feature=feature, done=again), 303)
    page = server_page(viewer(), reading.stored_server(viewer(), server.facts.identifier))
    has_panel = htmx.page_path().startswith(url_for("console.page", identifier=server.facts.identifier))
    return htmx.fragment("egg_features/_done.html", page=page, feature=feature, again=again, has_panel=has_panel)


@bp.errorhandler(errors.PanelError)
def _failed(error: errors.PanelError) -> ResponseReturnValue:
    """The same dialog with what went wrong, in a rule of access too; what was typed stays. Looking is no failure."""
    feature = str((request.view_args or {})["feature"])
    status, message = sentence(error)
    try:
        server = reading.stored_server(viewer(), str((request.view_args or {})["identifier"]))
    except (NoSuchServer, errors.PanelError):
        return answer(status, _("That did not work"), message)
    if feature == "java_version" and isinstance(error, errors.Refused):
        message = words.fixed_image()
    form = FORMS[feature]() if feature in FORMS else None
    is_act = request.method == "POST"
    return _shown(server, _without_asking(server, feature), form, status if is_act else 200, message)


def _without_asking(server: Opened, feature: str) -> service.Dialog:
    """The dialog although the panel cannot be asked just now: what was chosen is the only choice."""
    chosen = request.form.get("image", "").strip()[:191]
    images = {chosen: chosen} if chosen else {}
    missing = tuple(one for one in FEATURES[feature].needs if not server.rights.allow(one))
    return service.Dialog(feature, missing, service.next_start(server, feature), images)


def _known(server: Opened, feature: str) -> Feature:
    """The feature, if the server's egg has it."""
    return next((one for one in features_of(server.facts) if one.name == feature), None) or abort(404)


def _shown(
    server: Opened, shown: service.Dialog, form: object, status: int = 200, message: str = ""
) -> ResponseReturnValue:
    """As a fragment or a page; htmx swaps a refusal in only with 422."""
    context = {"server": server, "dialog": shown, "form": form, "message": message}
    if htmx.wants_fragment():
        return htmx.fragment("egg_features/_dialog.html", 200 if status == 200 else htmx.REFUSED, **context)
    return make_response(render_template("egg_features/page.html", **context), status)
