"""Questions and acts: a new backup, and what is done with one that is there."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.pterodactyl import errors
from portal.server_backups import preview, service
from portal.server_backups.forms import CreateForm, NamedForm, RestoreForm
from portal.server_backups.routes.blueprint import EVENT, bp, list_of
from portal.server_backups.service import Listing, TooSoon
from portal.server_backups.standing import Act
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble
from portal.unfit import Unfit
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.errors import answer
from portal.web.formatting import instant, left
from portal.web.i18n import _
from portal.web.section import waiting
from portal.web.text import one_line


@bp.get("/servers/<server:identifier>/backups/new")
@allowed("backup.create", live=True)
def ask_create(server: Opened) -> ResponseReturnValue:
    """What the backup shall be called and leave out."""
    return asked(_creation(server, CreateForm(formdata=None), shown=_glance(server)))


@bp.post("/servers/<server:identifier>/backups/new")
@allowed("backup.create")
def create(server: Opened) -> ResponseReturnValue:
    """Start it; or with `preview` only say what would be left out."""
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
            said = _("The backup “%(name)s” has started, but the panel did not lock it.", name=name)
            return Done(said, EVENT, "warn")
        return Done(_("The backup “%(name)s” has started.", name=name), EVENT, to=back)

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
        return Done(_("The backup “%(name)s” was deleted.", name=one_line(gone.name, 80)), EVENT)

    return act(_about(server, backup, "delete", NamedForm()), do, event=EVENT)


@bp.get("/servers/<server:identifier>/backups/<uuid:backup>/restore")
@allowed("backup.restore", live=True)
def ask_restore(server: Opened, backup: str) -> ResponseReturnValue:
    """How it shall be restored."""
    return _ask_one(server, backup, "restore")


@bp.post("/servers/<server:identifier>/backups/<uuid:backup>/restore")
@allowed("backup.restore")
def restore(server: Opened, backup: str) -> ResponseReturnValue:
    """Restore it; where that empties the server first, only when that was asked a second time."""
    form = RestoreForm()
    if form.validate() and form.truncate.data == "yes" and not form.sure.data:
        return _ask_again(server, backup, form, is_unsure="second" in request.form)

    def do() -> Done:
        restored = service.restore(viewer(), server, backup, truncate=form.truncate.data == "yes")
        said = _("“%(name)s” is being restored. Until that is done the server cannot be used.")
        return Done(said % {"name": one_line(restored.name, 80)}, EVENT)

    return act(_about(server, backup, "restore", form, is_second=bool(form.sure.data)), do, event=EVENT)


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
    return Question("server_backups/_ask_create.html", _("New backup"), list_of(server), context, form)


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
        "restore": _("Restore a backup"),
    }
    context = {"server": server, "uuid": backup_uuid, "what": what, "name": form.name.data or "", "backup": None}
    context |= more
    return Question(f"server_backups/_ask_{what}.html", titles[what], list_of(server), context, form)


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
