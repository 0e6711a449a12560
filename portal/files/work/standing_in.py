"""Acting for somebody who is not there any more: with their rights and their key as they are now, not as they were."""

from __future__ import annotations

from typing import NoReturn

from portal.auth.models import Account
from portal.auth.sessions import Viewer, without_session
from portal.files import folders
from portal.files.folders import Folder, NoSuchFolder
from portal.files.work.jobs import PERMISSION, Job
from portal.pterodactyl import errors
from portal.servers import reading
from portal.servers.models import PanelServer
from portal.servers.reading import NoSuchServer, Opened
from portal.store import read
from portal.web.errors import sentence
from portal.web.i18n import _


class NotBegun(Exception):
    """Nothing was asked of the node; the message is a sentence that says why."""

    def __init__(self, why: str, *, is_missing_folder: bool = False) -> None:
        super().__init__(why)
        self.is_missing_folder = is_missing_folder


def stand_in(job: Job) -> tuple[Viewer, Opened]:
    """The person who asked, and their server as they may use it now. Raises NotBegun."""
    with read() as session:
        account = session.get(Account, job.account_id)
        server = session.get(PanelServer, job.server_uuid)
    if account is None or account.is_disabled:
        raise NotBegun(_("The account that asked for it is closed."))
    if server is None:
        _no_server()
    viewer = without_session(account)
    try:
        opened = reading.stored_server(viewer, server.identifier)
        rights = reading.fresh_rights(viewer, opened)
    except NoSuchServer:
        _no_server()
    except errors.PanelError as error:
        raise NotBegun(sentence(error)[1]) from error
    if not rights.allow(PERMISSION[job.kind]):
        raise NotBegun(_("Whoever asked for it may not do that any more."))
    return viewer, Opened(opened.facts, rights, opened.read_at, opened.problem)


def folder_now(viewer: Viewer, opened: Opened, directory: str) -> Folder | None:
    """What is in a folder now; None for somebody who may do things there but not look. Raises as `folders.read`."""
    if not opened.rights.allow("file.read"):
        return None
    return folders.read(viewer, opened, directory, is_fresh=True)


def folder_before(viewer: Viewer, opened: Opened, directory: str) -> Folder | None:
    """The same before anything is done. Raises NotBegun."""
    try:
        return folder_now(viewer, opened, directory)
    except NoSuchFolder:
        raise NotBegun(_("This folder is not there any more."), is_missing_folder=True) from None
    except errors.PanelError as error:
        raise NotBegun(sentence(error)[1]) from error


def folder_after(viewer: Viewer, opened: Opened, directory: str) -> Folder | None:
    """The same when something was done; None also when it cannot be seen."""
    try:
        return folder_now(viewer, opened, directory)
    except (NoSuchFolder, errors.PanelError):
        return None


def _no_server() -> NoReturn:
    raise NotBegun(_("There is no such server for this account any more."))
