"""Acting on files: each act has a question (GET, or POST from a selection) and the act itself (POST).

Without script the questions are pages, and so is what came of an act.
"""

from __future__ import annotations

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.files import changes, copying, moving, paths
from portal.files.forms import ModeForm, NameForm, TargetForm
from portal.files.routes import asking
from portal.files.routes.asking import Question, Selection, act, asked, selection
from portal.files.routes.blueprint import asked_directory, bp
from portal.servers.reading import Opened
from portal.web import resume
from portal.web.access import Forbidden, allowed, viewer

LONG_FORM = 1024 * 1024
"""Bytes; what a selection of thousands of names may take."""
MOST_PLACES = 200
"""Folders that are suggested as a target."""
LONG_FORMS = {f"files.{name}" for name in ("move", "copy", "delete", "permissions", "archive")}
LONG_FORMS |= {f"files.ask_{name}_many" for name in ("move", "delete", "permissions")}


@bp.url_value_preprocessor
def _take_long_forms(endpoint: str | None, _values: object) -> None:
    """Before the form is read, which the check of its token does; not for somebody who is not signed in."""
    if endpoint in LONG_FORMS:
        if not current_user.is_authenticated:
            abort(make_response(resume.sign_in_first()))
        request.max_content_length = request.max_form_memory_size = LONG_FORM


@bp.get("/servers/<server:identifier>/files/new-folder")
@allowed("file.create", live=True)
def ask_new_folder(server: Opened) -> ResponseReturnValue:
    """How it shall be called."""
    return asked(Question("new-folder", server, asked_directory(), form=NameForm(formdata=None)))


@bp.post("/servers/<server:identifier>/files/new-folder")
@allowed("file.create")
def new_folder(server: Opened) -> ResponseReturnValue:
    """Make a folder."""
    form = NameForm()
    question = Question("new-folder", server, asked_directory(), form=form)
    return act(question, lambda: changes.create_folder(viewer(), server, question.directory, form.value))


@bp.get("/servers/<server:identifier>/files/new-file")
@allowed("file.create", live=True)
def ask_new_file(server: Opened) -> ResponseReturnValue:
    """How it shall be called."""
    return asked(Question("new-file", server, asked_directory(), form=NameForm(formdata=None)))


@bp.post("/servers/<server:identifier>/files/new-file")
@allowed("file.create")
def new_file(server: Opened) -> ResponseReturnValue:
    """Make an empty file. Whether that would empty another one is only seen with `file.read`."""
    if not server.rights.allow("file.read"):
        raise Forbidden("file.read")
    form = NameForm()
    question = Question("new-file", server, asked_directory(), form=form)
    return act(question, lambda: changes.create_empty_file(viewer(), server, question.directory, form.value))


@bp.get("/servers/<server:identifier>/files/rename")
@allowed("file.update", live=True)
def ask_rename(server: Opened) -> ResponseReturnValue:
    """How it shall be called now."""
    chosen = Selection.of_one()
    form = NameForm(formdata=None, data={"new_name": chosen.names[0]})
    return asked(Question("rename", server, asked_directory(), chosen, form))


@bp.post("/servers/<server:identifier>/files/rename")
@allowed("file.update")
def rename(server: Opened) -> ResponseReturnValue:
    """Give one file another name."""
    form, chosen = NameForm(), Selection.of_one()
    question = Question("rename", server, asked_directory(), chosen, form)
    return act(question, lambda: moving.rename(viewer(), server, question.directory, chosen.names[0], form.value))


@bp.get("/servers/<server:identifier>/files/move")
@allowed("file.update", live=True)
def ask_move(server: Opened) -> ResponseReturnValue:
    """Where to."""
    return _ask_move(server)


@bp.post("/servers/<server:identifier>/files/move/ask")
@allowed("file.update")
def ask_move_many(server: Opened) -> ResponseReturnValue:
    """Where to, for what was selected."""
    return _ask_move(server)


def _ask_move(server: Opened) -> ResponseReturnValue:
    directory, chosen = asked_directory(), selection(server)
    form = TargetForm(formdata=None, data={"target": directory.rstrip("/") + "/"})
    found = asking.entries_now(server, directory) or {}
    below = [paths.joined(directory, one.name) for one in found.values() if one.is_folder]
    places = ["/", *(path for _name, path in paths.crumbs(directory)), *sorted(set(below))[:MOST_PLACES]]
    return asked(Question("move", server, directory, chosen, form, {"places": places}))


@bp.post("/servers/<server:identifier>/files/move")
@allowed("file.update")
def move(server: Opened) -> ResponseReturnValue:
    """Move files into another folder."""
    form, chosen = TargetForm(), selection(server)
    question = Question("move", server, asked_directory(), chosen, form)
    return act(
        question,
        lambda: moving.move(viewer(), server, question.directory, chosen.names, form.value(question.directory)),
    )


@bp.get("/servers/<server:identifier>/files/copy")
@allowed("file.create", live=True)
def ask_copy(server: Opened) -> ResponseReturnValue:
    """Whether to make a copy."""
    return asked(Question("copy", server, asked_directory(), selection(server)))


@bp.post("/servers/<server:identifier>/files/copy")
@allowed("file.create")
def copy(server: Opened) -> ResponseReturnValue:
    """Make copies beside the files."""
    question = Question("copy", server, asked_directory(), selection(server))
    return act(question, lambda: copying.copy(viewer(), server, question.directory, question.chosen.names))


@bp.get("/servers/<server:identifier>/files/delete")
@allowed("file.delete", live=True)
def ask_removal(server: Opened) -> ResponseReturnValue:
    """Whether to delete it."""
    return _ask_delete(server)


@bp.post("/servers/<server:identifier>/files/delete/ask")
@allowed("file.delete")
def ask_delete_many(server: Opened) -> ResponseReturnValue:
    """Whether to delete what was selected."""
    return _ask_delete(server)


def _ask_delete(server: Opened) -> ResponseReturnValue:
    directory, chosen = asked_directory(), selection(server)
    found = asking.entries_now(server, directory)
    folders = None if found is None else {name for name in chosen.names if name in found and found[name].is_folder}
    return asked(Question("delete", server, directory, chosen, more={"folders": folders}))


@bp.post("/servers/<server:identifier>/files/delete")
@allowed("file.delete")
def delete(server: Opened) -> ResponseReturnValue:
    """Delete files and folders."""
    question = Question("delete", server, asked_directory(), selection(server))
    return act(question, lambda: changes.delete(viewer(), server, question.directory, question.chosen.names))


@bp.get("/servers/<server:identifier>/files/permissions")
@allowed("file.update", live=True)
def ask_permissions(server: Opened) -> ResponseReturnValue:
    """Which permissions; with `shown` number and ticks that were changed a moment ago are brought together."""
    if "shown" in request.args:
        return asking.together(ModeForm(formdata=request.args, meta={"csrf": False}))
    return _ask_permissions(server)


@bp.post("/servers/<server:identifier>/files/permissions/ask")
@allowed("file.update")
def ask_permissions_many(server: Opened) -> ResponseReturnValue:
    """Which permissions for what was selected."""
    return _ask_permissions(server)


def _ask_permissions(server: Opened) -> ResponseReturnValue:
    directory, chosen = asked_directory(), selection(server)
    mode = asking.known_mode(chosen.names)
    if mode is None:
        mode = asking.common_mode(asking.entries_now(server, directory), chosen.names)
    return asked(Question("permissions", server, directory, chosen, ModeForm.of(mode)))


@bp.post("/servers/<server:identifier>/files/permissions")
@allowed("file.update")
def permissions(server: Opened) -> ResponseReturnValue:
    """Set the permissions of files and folders, not of what is in these."""
    form, chosen = ModeForm(), selection(server)
    question = Question("permissions", server, asked_directory(), chosen, form)
    return act(question, lambda: changes.permissions(viewer(), server, question.directory, chosen.names, form.value))
