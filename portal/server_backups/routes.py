"""The page Backups of a server, its questions, and the way of an archive to a browser."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.files.routes.receiving import bound_silence, no_place
from portal.files.transfers import downloading, places
from portal.files.transfers.places import NoPlace
from portal.pterodactyl import errors
from portal.server_backups import downloads, keeping, preview, retention, service, words
from portal.server_backups.forms import CreateForm, NamedForm, RestoreForm, RetentionForm
from portal.server_backups.keeping import Going
from portal.server_backups.service import Listing, Restoring, TooSoon
from portal.server_backups.standing import Act
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble
from portal.unfit import Unfit
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.errors import answer
from portal.web.formatting import instant, left
from portal.web.i18n import _
from portal.web.section import section, waiting
from portal.web.text import one_line

bp = Blueprint("server_backups", __name__)
bp.add_app_template_global(words.problem, "retention_problem")
bp.add_app_template_global(retention.words, "retention_words")
EVENT = "server_backups-changed"


class _NotAgreed(Exception):
    """Backups go at once by a rule, and the person has not been shown exactly these."""

    def __init__(self, going: tuple[Going, ...]) -> None:
        super().__init__()
        self.going = going


@bp.get("/servers/<server:identifier>/backups")
@allowed("backup.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page, or its section alone."""
    return _shown(server, service.page(viewer(), server))


@bp.get("/servers/<server:identifier>/backups/live")
@allowed("backup.read", live=True, poll=True)
def live(server: Opened) -> ResponseReturnValue:
    """The section while something runs; what it answers asks again only as long as something does."""
    return _shown(server, service.page(viewer(), server), is_part=True)


@bp.get("/servers/<server:identifier>/backups/downloads/live")
@allowed("backup.download", live=True, poll=True)
def downloads_live(server: Opened) -> ResponseReturnValue:
    """How the viewer's downloads go; from the store alone."""
    return htmx.fragment("server_backups/_downloads.html", server=server, **_downloads(server))


@bp.get("/servers/<server:identifier>/backups/new")
@allowed("backup.create", live=True)
def ask_create(server: Opened) -> ResponseReturnValue:
    """What the backup shall be called and leave out."""
    return asked(_creation(server, CreateForm(formdata=None), shown=_glance(server)))


@bp.post("/servers/<server:identifier>/backups/new")
@allowed("backup.create")
def create(server: Opened) -> ResponseReturnValue:
    """Begin it; or with `preview` only say what would be left out."""
    form = CreateForm()
    question = _creation(server, form)
    if "preview" in request.form:
        if not form.validate():
            return asked(question, htmx.REFUSED)
        return asked(_creation(server, form, found=preview.preview(viewer(), server, form.ignored.data or "")))

    def do() -> Done:
        wants_lock = bool(form.is_locked.data)
        made = service.create(viewer(), server, form.name.data or "", form.ignored.data or "", is_locked=wants_lock)
        name = one_line(made.name, 80)
        back = "" if server.rights.allow("backup.read") else question.back
        if wants_lock and not made.is_locked:
            return Done(_("The backup “%(name)s” has begun, but the panel did not lock it.", name=name), EVENT, "warn")
        return Done(_("The backup “%(name)s” has begun.", name=name), EVENT, to=back)

    try:
        return act(question, do, event=EVENT)
    except TooSoon as soon:
        return _too_soon(question, soon)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/lock")
@allowed("backup.delete", live=True)
def ask_lock(server: Opened, backup: str) -> ResponseReturnValue:
    """Whether it shall be locked."""
    return _ask_one(server, backup, "lock")


@bp.post("/servers/<server:identifier>/backups/<uuid:backup>/lock")
@allowed("backup.delete")
def lock(server: Opened, backup: str) -> ResponseReturnValue:
    """Lock it."""
    return _turn_lock(server, backup, locked=True)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/unlock")
@allowed("backup.delete", live=True)
def ask_unlock(server: Opened, backup: str) -> ResponseReturnValue:
    """Whether it shall be unlocked."""
    return _ask_one(server, backup, "unlock")


@bp.post("/servers/<server:identifier>/backups/<uuid:backup>/unlock")
@allowed("backup.delete")
def unlock(server: Opened, backup: str) -> ResponseReturnValue:
    """Unlock it."""
    return _turn_lock(server, backup, locked=False)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/delete")
@allowed("backup.delete", live=True)
def ask_delete(server: Opened, backup: str) -> ResponseReturnValue:
    """Whether it shall be deleted."""
    return _ask_one(server, backup, "delete")


@bp.post("/servers/<server:identifier>/backups/<uuid:backup>/delete")
@allowed("backup.delete")
def delete(server: Opened, backup: str) -> ResponseReturnValue:
    """Delete it."""

    def do() -> Done:
        gone = service.delete(viewer(), server, backup)
        return Done(_("The backup “%(name)s” is deleted.", name=one_line(gone.name, 80)), EVENT)

    return act(_about(server, backup, "delete", NamedForm()), do, event=EVENT)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/restore")
@allowed("backup.restore", live=True)
def ask_restore(server: Opened, backup: str) -> ResponseReturnValue:
    """How it shall be put back."""
    return _ask_one(server, backup, "restore")


@bp.post("/servers/<server:identifier>/backups/<uuid:backup>/restore")
@allowed("backup.restore")
def restore(server: Opened, backup: str) -> ResponseReturnValue:
    """Put it back; where that empties the server first, only when that was asked a second time."""
    form = RestoreForm()
    if form.validate() and form.truncate.data == "yes" and not form.sure.data:
        return _ask_again(server, backup, form, is_unsure="second" in request.form)

    def do() -> Done:
        back = service.restore(viewer(), server, backup, truncate=form.truncate.data == "yes")
        said = _("“%(name)s” is being put back. Until that is done the server cannot be used.")
        return Done(said % {"name": one_line(back.name, 80)}, EVENT)

    return act(_about(server, backup, "restore", form, is_second=bool(form.sure.data)), do, event=EVENT)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/download")
@allowed("backup.download", live=True, fresh=True)
def download(server: Opened, backup: str) -> ResponseReturnValue:
    """The archive, checked on its way."""
    bound_silence()
    try:
        place = places.take(viewer().account_id)
    except NoPlace as none:
        return no_place(none)
    try:
        sent = downloads.download(viewer(), server, backup)
    except Unfit as unfit:
        place.give_back()
        return answer(409, _("That cannot be downloaded"), str(unfit))
    except BaseException:
        place.give_back()
        raise
    response = Response(sent.pieces, mimetype="application/gzip")
    response.call_on_close(sent.close)  # a generator that never began ends without a word
    response.call_on_close(place.give_back)
    response.headers["Content-Disposition"] = downloading.disposition(sent.name)
    if sent.size_bytes is not None:
        response.content_length = sent.size_bytes
    return response


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
    return asked(_ruling(server, form, has_rule=kept is not None))


@bp.post("/servers/<server:identifier>/backups/retention")
@allowed("backup.delete")
def set_retention(server: Opened) -> ResponseReturnValue:
    """Set the rule, once the person has seen what goes at once by it."""
    retention.demand(server)
    form = RetentionForm()
    has_rule = retention.kept(server.facts.uuid) is not None

    def do() -> Done:
        rule = retention.rule_of(form.number.data or 0, form.unit.data)
        going = keeping.due(service.every(viewer(), server), rule, clock.now())
        shown = retention.fingerprint(going, rule)
        if going and form.agreed.data != shown:
            form.agreed.data = shown
            raise _NotAgreed(going)
        retention.put(viewer(), server, rule)
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
        said = _("The rule is removed. Nothing is deleted by itself any more.")
        return Done(said if was else _("There is no rule any more."), EVENT)

    return act(_ruling(server, None, has_rule=True, is_removal=True), do)


def _shown(server: Opened, found: Listing | Restoring | Trouble, *, is_part: bool = False) -> ResponseReturnValue:
    context: dict[str, Any] = {"server": server, "found": found, "goes_on": is_part, **_downloads(server)}
    context["kind"] = {Listing: "list", Restoring: "restoring"}.get(type(found), "trouble")
    part = "server_backups/_section.html"
    if is_part:
        return htmx.fragment(part, **context)
    trouble = found if isinstance(found, Trouble) else None
    status = 409 if isinstance(found, Restoring) else 200
    whole = partial(server_page, viewer(), server)
    return section(part, "server_backups/page.html", trouble, whole, status=status, **context)


def _downloads(server: Opened) -> dict[str, Any]:
    found = downloads.recent(viewer(), server.facts.uuid) if server.rights.allow("backup.download") else ()
    return {"downloads": found, "is_coming": downloads.is_coming(found)}


def _back(server: Opened) -> str:
    """Where the backups are; who may make but not see them goes to the server's first page."""
    where = "server_backups.page" if server.rights.allow("backup.read") else "servers.overview"
    return url_for(where, identifier=server.facts.identifier)


def _glance(server: Opened) -> Listing | None:
    """What is known of the list before another backup is made; None when it cannot be read."""
    if not server.rights.allow("backup.read"):
        return None
    try:
        return service.listing(viewer(), server)
    except errors.PanelError:
        return None


def _creation(server: Opened, form: CreateForm, *, shown: Listing | None = None, found: Any = None) -> Question:
    context = {"server": server, "shown": shown, "found": found, "is_trouble": isinstance(found, Trouble)}
    return Question("server_backups/_ask_create.html", _("Make a backup"), _back(server), context, form)


def _too_soon(question: Question, soon: TooSoon) -> ResponseReturnValue:
    wait_s = max(1, round(soon.at - clock.now()))
    text = _("The panel takes only so many backups in so much time. Try again %(left)s, at ", left=left(soon.at))
    message = text + instant(soon.at).striptags() + "."
    return waiting(make_response(asked(question, 429, message, "warn")), wait_s)


def _about(server: Opened, backup_uuid: str, what: str, form: NamedForm, **more: Any) -> Question:
    titles = {
        "lock": _("Lock a backup"),
        "unlock": _("Unlock a backup"),
        "delete": _("Delete a backup"),
        "restore": _("Put a backup back"),
    }
    context = {"server": server, "uuid": backup_uuid, "what": what, "name": form.name.data or "", "backup": None}
    context |= more
    return Question(f"server_backups/_ask_{what}.html", titles[what], _back(server), context, form)


def _ask_one(server: Opened, backup_uuid: str, what: Act) -> ResponseReturnValue:
    """The question about one backup, if its state allows it to be asked; one panel call."""
    try:
        backup = service.read_one(viewer(), server, backup_uuid, what)
    except Unfit as unfit:
        return answer(409, _("That cannot be done"), str(unfit))
    form = RestoreForm(formdata=None) if what == "restore" else NamedForm(formdata=None)
    form.name.data = backup.name
    return asked(_about(server, backup_uuid, what, form, backup=backup))


def _ask_again(server: Opened, backup_uuid: str, form: RestoreForm, *, is_unsure: bool) -> ResponseReturnValue:
    """The second question: what is lost when the server is emptied."""
    try:
        backup = service.read_one(viewer(), server, backup_uuid, "restore")
    except Unfit as unfit:
        return asked(_about(server, backup_uuid, "restore", form), 409, str(unfit))
    if is_unsure:
        form.sure.errors = (_("Tick this if you mean it."),)
    names = preview.top(viewer(), server) if server.rights.allow("file.read") else ()
    question = _about(server, backup_uuid, "restore", form, backup=backup, is_second=True, lost=names)
    return asked(question, htmx.REFUSED if is_unsure else 200)


def _turn_lock(server: Opened, backup_uuid: str, *, locked: bool) -> ResponseReturnValue:
    def do() -> Done:
        now = service.set_locked(viewer(), server, backup_uuid, locked=locked)
        name = one_line(now.name, 80)
        is_right = now.is_locked == locked
        if now.is_locked:
            text = _("“%(name)s” is locked.", name=name)
        else:
            text = _("“%(name)s” is not locked.", name=name)
        if not is_right:
            text += " " + _("Somebody else turned its lock over in the same moment.")
        return Done(text, EVENT, "good" if is_right else "warn")

    return act(_about(server, backup_uuid, "lock" if locked else "unlock", NamedForm()), do, event=EVENT)


def _ruling(server: Opened, form: RetentionForm | None, **more: Any) -> Question:
    context = {"server": server, "going": (), "has_rule": False, "is_removal": False, **more}
    return Question("server_backups/_ask_retention.html", _("How long backups are kept"), _back(server), context, form)
