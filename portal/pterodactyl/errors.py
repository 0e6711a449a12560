"""The one family of exceptions that the panel library raises.

Every exception carries what a page or a log line may show: the HTTP status, the panel's error code, its
sentence with control characters removed, and which request was asked (method and path, without query values
and without the key). How an answer becomes one of them is decided in `refusals.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["connect", "name", "tls", "timeout", "cut", "page", "status", "maintenance"]
KeyCause = Literal["unauthenticated", "address", "two_factor", "wrong_kind", "not_admin"]

NEVER_MADE: frozenset[Fault] = frozenset({"connect", "name", "tls"})


class PanelError(Exception):
    """Anything that kept a call from giving its answer."""

    def __init__(
        self, detail: str = "", *, status: int | None = None, code: str | None = None, request: str = ""
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.request = request

    def __str__(self) -> str:
        told = " ".join(str(part) for part in (self.status, self.code) if part is not None)
        return ": ".join(part for part in (self.request, told, self.detail) if part)


class PanelUnreachable(PanelError):
    """The panel gave no answer of its own: down, in maintenance, cut off, too slow, broken.

    `fault` says which; "page" and some "status" are a web server in between speaking for it.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        fault: Fault = "status",
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.fault = fault

    @property
    def maintenance(self) -> bool:
        """Whether the host is working on the panel just now."""
        return self.fault == "maintenance"

    @property
    def happened(self) -> bool:
        """Whether the panel may have acted; False if the request never arrived or met maintenance."""
        return self.fault not in NEVER_MADE and not self.maintenance


class NodeUnreachable(PanelError):
    """The panel answered, the machine that runs the server did not."""


class NodeRefused(PanelError):
    """Wings said no. `sentence` is its own sentence, without the panel's words around it."""

    def __init__(
        self,
        detail: str = "",
        *,
        sentence: str = "",
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.sentence = sentence or detail


class NodeNotTold(PanelError):
    """A node was saved, but its Wings could not be told: it goes on with what it knew.

    If its token was reset, neither accepts the other until Wings is given `nodes.configuration` by hand.
    """


class ServerOffline(PanelError):
    """The server must run for what was asked."""


class Refused(PanelError):
    """The panel refused in its own words (a limit, a lock, the primary allocation, ...): show `detail`."""


class NotAllowed(PanelError):
    """The key's owner lacks the permission."""


class NotFound(PanelError):
    """No such thing, or not for this key."""


class ServerStateConflict(PanelError):
    """The server's state (suspended, installing, restoring, transferring) forbids the action now."""


class KeyRefused(PanelError):
    """The key itself is no good here: stop using it until somebody replaced it. `cause` says why."""

    def __init__(
        self,
        detail: str = "",
        *,
        cause: KeyCause = "unauthenticated",
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.cause: KeyCause = cause


@dataclass(frozen=True, slots=True)
class FieldError:
    """One failed rule: dotted path of the field, name of the rule (may be empty), the panel's sentence."""

    source_field: str
    rule: str
    detail: str


class Invalid(PanelError):
    """The panel's validation failed (422): one entry per failed rule."""

    def __init__(
        self,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.errors = errors


class Busy(PanelError):
    """Too many calls: the panel said so, or (`local`) our own budget did, before any call was made."""

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_s: float = 0.0,
        local: bool = False,
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.retry_after_s = retry_after_s
        self.local = local


class BadAnswer(PanelError):
    """An answer that is not what the panel 1.11 answers: store nothing of it.

    `path` is where it went wrong (`data[3].attributes.limits.memory`), empty for the answer as a whole.
    `happened` is False when the answer shows that nothing was done (a redirect, an unknown route).
    """

    def __init__(
        self,
        detail: str = "",
        *,
        path: str = "",
        happened: bool = True,
        status: int | None = None,
        code: str | None = None,
        request: str = "",
    ) -> None:
        super().__init__(detail, status=status, code=code, request=request)
        self.path = path
        self.happened = happened

    def __str__(self) -> str:
        return f"{super().__str__()} at {self.path}" if self.path else super().__str__()


class SourceBroken(PanelError):
    """What was to be uploaded ended elsewhere than it should: the node got half a form and stores nothing of it."""


class OutcomeUnknown(PanelError):
    """A write whose effect is not known: read back before saying that it failed. `cause` says why."""

    def __init__(self, cause: PanelError) -> None:
        super().__init__(cause.detail, status=cause.status, code=cause.code, request=cause.request)
        self.args = (cause,)  # what copying and pickling call the class with again
        self.cause = cause

    @property
    def path(self) -> str:
        """Where the answer went wrong, if the write was answered and only the answer cannot be read; else empty."""
        return self.cause.path if isinstance(self.cause, BadAnswer) else ""


def fate_is_unknown(error: PanelError) -> bool:
    """Whether a write that ended so may have happened all the same."""
    if isinstance(error, PanelUnreachable | BadAnswer):
        return error.happened
    return isinstance(error, NodeUnreachable)
