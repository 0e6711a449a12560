"""Who may call a route. Every route carries exactly one policy; a test fails on one without.

`public` needs nobody, `signed_in` an account, `admin_only` an administrator of this portal,
`allowed("control.start")` a server (loaded here, the one door to it) and the permission, `allowed(None)` any access to
the server. `allowed_socket` is the same for a websocket. `entitled` is any access too, as the store alone knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, cast

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.routing import BaseConverter, IntegerConverter

from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.servers import reading
from portal.servers.reading import NoSuchServer, Opened
from portal.web import resume

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])
View = Callable[P, ResponseReturnValue]
Permission = str | None | Callable[[dict[str, Any]], str]
ServerView = Callable[..., ResponseReturnValue]
SocketView = Callable[..., None]


@dataclass(frozen=True)
class Policy:
    """What a route demands. `permission` is the panel's word, or says that it depends on the path, as `by_path` does.

    `keeps` names the fields that are no secret: typed as a session ends, they are there again after signing in.
    `rights` is where the server comes from and how old rights may be, for a GET and for a change: `stored` (no panel
    call for the server) or `asks` (at most one), `60s` (older ones are read again; `60s-sometimes`: by the request),
    `poll`.
    """

    kind: Literal["public", "account", "admin", "server"]
    permission: str | None = None
    keeps: tuple[str, ...] = ()
    rights: tuple[str, str] = ("", "")
    by_path: Callable[[dict[str, Any]], str] | None = None


OWNER = "owner"
"""Stands for a permission where only the owner of a server may do something."""


class Forbidden(Exception):
    """The person may see the server but not do this; `permission` is the panel's word for what is missing."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class SignedOut(Exception):
    """Nobody is signed in where there is no page that could be sent to the login page."""


class IdentifierConverter(BaseConverter):
    """The first eight characters of a server's uuid."""

    regex = "[0-9a-z]{8}"


class SignalConverter(BaseConverter):
    """A power signal."""

    regex = "start|stop|restart|kill"


class NumberConverter(IntegerConverter):
    """A number of ours or of the panel: at most nine digits, so that every one of them fits into the store."""

    regex = r"\d{1,9}"


class UuidConverter(BaseConverter):
    """The uuid of a thing of the panel, as the panel writes it."""

    regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class HashidConverter(BaseConverter):
    """A number of the panel as it hides it (databases)."""

    regex = "[0-9A-Za-z]{1,32}"


def viewer() -> Viewer:
    """The person behind the request; only inside routes that need an account."""
    return cast(Viewer, current_user._get_current_object())


def public(view: View[P]) -> View[P]:
    """Anybody may call this."""
    return _marked(view, Policy("public"))


def signed_in(view: View[P]) -> View[P]:
    """Any account may call this."""
    return _for_accounts(view, resume.sign_in_first)


def signed_in_poll(view: View[P]) -> View[P]:
    """Like `signed_in`, for what a page asks by itself: an ended session must not take the page from who is typing."""
    return _for_accounts(view, resume.say_so)


def admin_only(view: View[P]) -> View[P]:
    """Only administrators of this portal; to everybody else there is nothing here."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return resume.sign_in_first()
        if not viewer().is_admin:
            abort(404)
        return view(*args, **kwargs)

    return _marked(guarded, Policy("admin"))


def _for_accounts(view: View[P], otherwise: Callable[[], ResponseReturnValue]) -> View[P]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return view(*args, **kwargs) if current_user.is_authenticated else otherwise()

    return _marked(guarded, Policy("account"))


def allowed(
    permission: Permission,
    *,
    live: bool = False,
    poll: bool = False,
    fresh: bool | Callable[[], bool] = False,
    keeps: tuple[str, ...] = (),
) -> Callable[[ServerView], ServerView]:
    """Only with a permission on the server of the path. The view gets `server: Opened` instead of the identifier.

    A GET may ask the panel once for the server (not with `live`: those fragments read the store only; `poll` says that
    the page asks by itself). Anything else
    is a change: stored rights that refuse it are final, without any panel call; stored rights that allow it must be at
    most 60 s old, or they are read again. So it is with `fresh`, for a GET that hands out what is in files.
    """

    def wrap(view: ServerView) -> ServerView:
        @wraps(view)
        def guarded(identifier: str, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return resume.say_so() if poll else resume.sign_in_first()
            needed = permission(kwargs) if callable(permission) else permission
            is_change = request.method not in ("GET", "HEAD")
            is_fresh = is_change or (fresh() if callable(fresh) else fresh)
            try:
                opened = _open(identifier, needed, stored=is_change or live, is_fresh=is_fresh)
            except NoSuchServer:
                abort(404)
            return view(server=opened, **kwargs)

        by_path = permission if callable(permission) else None
        named = permission if isinstance(permission, str) else "by the path" if by_path else None
        return _marked(guarded, Policy("server", named, keeps, _rights(live, poll, fresh), by_path))

    return wrap


def entitled(*, owner: bool = False, poll: bool = False) -> Callable[[ServerView], ServerView]:
    """Only who may see the server of the path, by the stored rights alone: nothing here needs the panel.

    For what only changes the store. The view gets `server: Entitled`. With `owner` only who owns the server;
    `poll` says that the page asks by itself.
    """

    def wrap(view: ServerView) -> ServerView:
        @wraps(view)
        def guarded(identifier: str, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return resume.say_so() if poll else resume.sign_in_first()
            try:
                server = reading.entitled(viewer(), identifier)
            except NoSuchServer:
                abort(404)
            if owner and not server.rights.is_owner:
                raise Forbidden(OWNER)
            return view(server=server, **kwargs)

        rights = "stored poll" if poll else "stored"
        return _marked(guarded, Policy("server", OWNER if owner else "any access", rights=(rights, rights)))

    return wrap


def allowed_socket(
    permission: str,
    refuse: Callable[[Any, Exception], None],
    place: Callable[[Any], AbstractContextManager[None]],
    turn: Callable[[], AbstractContextManager[None]],
) -> Callable[[SocketView], SocketView]:
    """Like `allowed` for a websocket: the view gets the socket and `server: Opened`, with rights at most 60 s old.

    The upgrade is over when anything is refused, so no page can answer: whatever is raised here or in the view (also
    SignedOut, NoSuchServer, Forbidden) goes to `refuse`, which closes the socket with a code. The server is looked up
    within `turn`.
    """

    def wrap(view: SocketView) -> SocketView:
        @wraps(view)
        def guarded(ws: Any, identifier: str) -> None:
            try:
                if not current_user.is_authenticated:
                    raise SignedOut
                with place(ws):
                    with turn():
                        server = _open(identifier, permission, stored=True, is_fresh=True)
                    view(ws, server=server)
            except Exception as error:
                refuse(ws, error)

        guarded.is_quiet = True  # type: ignore[attr-defined]  # a socket has lines of its own in the log
        return _marked(guarded, Policy("server", permission, rights=("stored 60s", "")))

    return wrap


def opened(identifier: str, permission: str | None) -> Opened | None:
    """One of several servers of a page that any account may ask for: the same door, from the store.

    None when there is no such server for the viewer, when the permission is missing, or when nothing is known of it and
    the panel cannot be asked.
    """
    try:
        return _open(identifier, permission, stored=True, is_fresh=False)
    except (NoSuchServer, Forbidden, errors.PanelError):
        return None


def _open(identifier: str, needed: str | None, *, stored: bool, is_fresh: bool) -> Opened:
    person = viewer()
    opened = (reading.stored_server if stored else reading.open_server)(person, identifier)
    if needed is not None and not opened.rights.allow(needed):
        raise Forbidden(needed)
    if is_fresh:
        rights = reading.fresh_rights(person, opened)
        if needed is not None and not rights.allow(needed):
            raise Forbidden(needed)
        opened = replace(opened, rights=rights)
    return opened


def _rights(live: bool, poll: bool, fresh: bool | Callable[[], bool]) -> tuple[str, str]:
    """The words of a policy; a change takes stored rights that are at most 60 s old, whatever is said of looking."""
    age = "60s-sometimes" if callable(fresh) else "60s" if fresh else ""
    looking = ("stored" if live else "asks", age, "poll" if poll else "")
    return " ".join(filter(None, looking)), "stored 60s poll" if poll else "stored 60s"


def _marked(view: F, policy: Policy) -> F:
    view.policy = policy  # type: ignore[attr-defined]
    return view
