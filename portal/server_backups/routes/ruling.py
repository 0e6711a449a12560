"""The retention rule: its form, and what came of it."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from portal import clock
from portal.server_backups import keeping, retention, service
from portal.server_backups.forms import RetentionForm
from portal.server_backups.keeping import Going
from portal.server_backups.retention import Kept
from portal.server_backups.routes.blueprint import EVENT, bp, list_of
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.i18n import _


class _NotAgreed(Exception):
    """Backups go at once by a rule, and the person has not been shown exactly these."""

    def __init__(self, going: tuple[Going, ...]) -> None:
        super().__init__()
        self.going = going


@bp.get("/servers/<server:identifier>/backups/retention")
@allowed("backup.delete", live=True)
def ask_retention(server: Opened) -> ResponseReturnValue:
    """How long backups shall be kept."""
    retention.demand(server)
    kept = retention.kept(server.facts.uuid)
    form = RetentionForm(formdata=None)
    if kept:
        form.unit.data = "count" if kept.rule.keep_count is not None else "days"
        form.number.data = kept.rule.keep_count or kept.rule.keep_days
    else:
        form.number.data = 7
    form.before.data = retention.mark(kept)
    return asked(_ruling(server, form, has_rule=kept is not None))


@bp.post("/servers/<server:identifier>/backups/retention")
@allowed("backup.delete")
def set_retention(server: Opened) -> ResponseReturnValue:
    """Set the rule, once the person has seen what goes at once by it."""
    retention.demand(server)
    form = RetentionForm()
    kept = retention.kept(server.facts.uuid)
    has_rule = kept is not None
    if form.before.data is None:
        form.before.data = retention.mark(kept)

    def do() -> Done:
        rule = retention.rule_of(form.number.data or 0, form.unit.data)
        going = keeping.due(service.every(viewer(), server), rule, clock.now())
        shown = retention.fingerprint(going, rule)
        if going and form.agreed.data != shown:
            form.agreed.data = shown
            raise _NotAgreed(going)
        if not retention.put(viewer(), server, rule, before=form.before.data):
            now = retention.kept(server.facts.uuid)
            form.before.data = retention.mark(now)
            raise Unfit(_overtaken(now))
        return Done(_("The rule is set: %(rule)s.", rule=retention.words(rule)), EVENT)

    try:
        return act(_ruling(server, form, has_rule=has_rule), do)
    except _NotAgreed as yet:
        return asked(_ruling(server, form, has_rule=has_rule, going=yet.going))


@bp.post("/servers/<server:identifier>/backups/retention/remove")
@allowed("backup.delete")
def remove_retention(server: Opened) -> ResponseReturnValue:
    """Take the rule back."""
    retention.demand(server)

    def do() -> Done:
        was = retention.take_back(viewer(), server)
        said = _("The rule was removed. Nothing is deleted automatically any more.")
        return Done(said if was else _("There is no rule any more."), EVENT)

    return act(_ruling(server, None, has_rule=True, is_removal=True), do)


def _overtaken(now: Kept | None) -> str:
    if now is None:
        return _("Somebody removed the rule meanwhile. Send this again to set yours.")
    said = _("Somebody set another rule meanwhile: %(rule)s. Send this again to set yours in its place.")
    return said % {"rule": retention.words(now.rule)}


def _ruling(server: Opened, form: RetentionForm | None, **more: Any) -> Question:
    context = {"server": server, "going": (), "has_rule": False, "is_removal": False, **more}
    title = _("How long backups are kept")
    return Question("server_backups/_ask_retention.html", title, list_of(server), context, form)
