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
from portal.web.text import as_typed, one_line

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


@dataclass(frozen=True)
class Seen:
    """Name and description that a form was shown with."""

    name: str
    description: str


class Changed(Unfit):
    """Somebody else has changed the same meanwhile: `now` is what is known to be in `field`."""

    def __init__(self, field: str, now: str) -> None:
        text = _("Somebody has changed this meanwhile, to: “%(value)s”. Save again to replace it.",
                 value=one_line(now))  # fmt: skip
        super().__init__(text, field=field)
        self.now = now


def rename(viewer: Viewer, opened: Opened, name: str, description: str, seen: Seen | None = None) -> None:
    """Give a server a name and a description. Raises Unfit, before any panel call, and the library's errors.

    With `seen` only what differs from it is changed, and Changed is raised where somebody else has changed that too.
    """
    name, description = name.strip(), _lines(description)
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
    has_name = seen is None or name != seen.name.strip()
    has_description = seen is None or description != _lines(seen.description)
    if seen is not None:
        if has_name and server.name.strip() not in (seen.name.strip(), name):
            raise Changed("name", server.name)
        if has_description and _lines(server.description) not in (_lines(seen.description), description):
            raise Changed("description", server.description)
    if not has_name and not has_description:
        return
    with acting(viewer, "settings.rename", server.uuid, name if has_name else server.name) as api:
        if has_name:
            kept = description if has_description else None
            api.settings.rename(server.identifier, name=name, description=kept)
        else:
            api.settings.update_description(server.identifier, description=description)

    def revised(_scope: int, facts: Facts) -> Facts:
        facts = replace(facts, name=name) if has_name else facts
        return replace(facts, description=description) if has_description else facts

    records.revise(server.uuid, clock.now(), revised)


def _lines(description: str) -> str:
    """As the panel keeps it: browsers end lines otherwise."""
    return description.replace("\r\n", "\n").strip()


def asked_name(facts: Facts) -> str:
    """What has to be typed before a server is installed again: its name as a page shows it, on one line."""
    return one_line(facts.name) or facts.identifier


def reinstall(viewer: Viewer, opened: Opened, typed: str) -> None:
    """Run the installation again. Raises Unfit when `typed` is not the server's name, and the library's errors."""
    server = opened.facts
    if as_typed(typed) != as_typed(asked_name(server)):
        raise Unfit(_("This is not the name of the server. Nothing was done."), field="name")
    with acting(viewer, "settings.reinstall", server.uuid, server.name) as api:
        api.settings.reinstall(server.identifier)
    records.save_status(server.uuid, "installing", clock.now())
