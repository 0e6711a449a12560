"""Name and description of a server, installing it again, and how to reach its files by SFTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote

from portal import clock
from portal.auth.sessions import Viewer
from portal.servers import records
from portal.servers.door import acting
from portal.servers.facts import Facts
from portal.servers.reading import Opened
from portal.servers.service import sftp_username
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line

NAME_MAX = 191
DESCRIPTION_MAX = 5000
"""Characters. The panel has no rule, and breaks over more than 65,535 bytes."""


@dataclass(frozen=True)
class Sftp:
    """How to reach the files of a server: `address` and `link` are `sftp://` ones, the link with the username."""

    host: str
    port: int
    username: str

    @property
    def address(self) -> str:
        """Where the node listens."""
        return f"sftp://{self._place}"

    @property
    def link(self) -> str:
        """The same for programs that open such links; everything in the username that means something is encoded."""
        return f"sftp://{quote(self.username, safe='')}@{self._place}"

    @property
    def _place(self) -> str:
        bare = self.host.strip("[]")
        host = f"[{bare}]" if ":" in bare else quote(bare, safe="")
        return f"{host}:{self.port}"


def sftp(viewer: Viewer, opened: Opened) -> Sftp | None:
    """For whom SFTP is there; None for who may not, or has no account of the panel."""
    username = sftp_username(viewer, opened)
    return Sftp(opened.facts.sftp_host, opened.facts.sftp_port, username) if username else None


def rename(viewer: Viewer, opened: Opened, name: str, description: str) -> None:
    """Give a server a name and a description. Raises Unfit, before any panel call, and the library's errors."""
    name, description = name.strip(), description.replace("\r\n", "\n").strip()
    if not name:
        raise Unfit(_("Enter a name."), field="name")
    if len(name) > NAME_MAX:
        text = _("A name has at most %(limit)d characters; this one has %(number)d.", limit=NAME_MAX, number=len(name))
        raise Unfit(text, field="name")
    if len(description) > DESCRIPTION_MAX and description != opened.facts.description:
        number, limit = len(description), DESCRIPTION_MAX
        text = _("A description has at most %(limit)d characters; this one has %(number)d.", limit=limit, number=number)
        raise Unfit(text, field="description")
    server = opened.facts
    with acting(viewer, "settings.rename", server.uuid, name) as api:
        api.settings.rename(server.identifier, name=name, description=description)
    records.revise(server.uuid, lambda facts: replace(facts, name=name, description=description))


def asked_name(facts: Facts) -> str:
    """What has to be typed before a server is installed again: its name as a page shows it, on one line."""
    return one_line(facts.name) or facts.identifier


def reinstall(viewer: Viewer, opened: Opened, typed: str) -> None:
    """Run the installation again. Raises Unfit when `typed` is not the server's name, and the library's errors."""
    server = opened.facts
    if one_line(typed) != asked_name(server):
        raise Unfit(_("This is not the name of the server. Nothing was done."), field="name")
    with acting(viewer, "settings.reinstall", server.uuid, server.name) as api:
        api.settings.reinstall(server.identifier)
    records.save_status(server.uuid, "installing", clock.now())
