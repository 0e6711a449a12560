"""From an answer that is no success to the exception it means.

The panel's `code` (the bare name of a PHP class) decides before the status does: a 404 with the code
`DaemonConnectionException` is the node's, not the panel's. Source: panel 1.11, `app/Exceptions/Handler.php`
and `DaemonConnectionException.php`; the table of errors in the project's design.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.pterodactyl.errors import (
    BadAnswer,
    Busy,
    FieldError,
    Invalid,
    KeyCause,
    KeyRefused,
    NodeNotTold,
    NodeRefused,
    NodeUnreachable,
    NotAllowed,
    NotFound,
    PanelError,
    PanelUnreachable,
    Refused,
    ServerOffline,
    ServerStateConflict,
)
from portal.pterodactyl.text import clean
from portal.pterodactyl.waiting import retry_after_s

RATE_LIMIT_CODE: Final = "ThrottleRequestsException"
TOO_LONG: Final = (413, 414, 431)
"""A body, an address or headers beyond what is taken: refused before anybody acts."""

_NODE_CODE: Final = "DaemonConnectionException"
_NOT_TOLD_CODE: Final = "ConfigurationNotPersistedException"
_NODE_PREFIX: Final = "An error occurred on the remote host:"
_NODE_REQUEST_ID = re.compile(r"\s*\(request[ _]id:[^)]*\)\s*$")
_STATEMENT = re.compile(r"\((?:Connection: \w*, )?SQL: .*", re.DOTALL)
"""What a panel in debug mode adds to an error of its database: the statement, with passwords that it was to store."""
_OFFLINE_START: Final = "Server must be online"
_KEY_SENTENCES: Final[tuple[tuple[re.Pattern[str], KeyCause], ...]] = (
    (re.compile(r"This IP address .* using these credentials"), "address"),
    (re.compile(r"attempting to use an application API key"), "wrong_kind"),
    (re.compile(r"This account does not have permission to access the API"), "not_admin"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The parts of an error answer that decide what it means."""

    status: int
    code: str
    detail: str
    entries: tuple[Mapping[str, Any], ...]
    headers: Mapping[str, str]
    request: str

    def build(self, kind: type[PanelError], **more: Any) -> PanelError:
        """An exception of the given kind with status, code, detail and request filled in."""
        return kind(self.detail, status=self.status, code=self.code, request=self.request, **more)


def read_refusal(status: int, document: Any, headers: Mapping[str, str], request: str) -> Refusal | None:
    """The panel's error envelope (`{"errors": [{"code", "status", "detail"}]}`), or None if it is not one."""
    entries = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        return None
    first = entries[0]
    if not isinstance(first.get("code"), str):
        return None
    said = first.get("detail")
    detail = clean(_STATEMENT.sub("", said)) if isinstance(said, str) else ""
    return Refusal(status, clean(first["code"], 100), detail, tuple(entries), headers, request)


def meaning(refusal: Refusal) -> PanelError:
    """The exception that the panel's error answer stands for."""
    if refusal.status == 503 and refusal.code == "HttpException":
        return refusal.build(PanelUnreachable, fault="maintenance")
    if refusal.code == _NODE_CODE:
        return _node(refusal)
    if refusal.code == _NOT_TOLD_CODE:
        return refusal.build(NodeNotTold)
    if refusal.code == "TwoFactorAuthRequiredException":
        return refusal.build(KeyRefused, cause="two_factor")
    if refusal.status == 502 and refusal.code == "HttpException" and refusal.detail.startswith(_OFFLINE_START):
        return refusal.build(ServerOffline)
    if refusal.status >= 500:
        return refusal.build(PanelUnreachable, fault="status")
    return _BY_STATUS.get(refusal.status, _unforeseen)(refusal)


def without_envelope(status: int, headers: Mapping[str, str], request: str) -> PanelError:
    """What an error status means when the body is not the panel's: some machine in between answered."""
    if status >= 500:
        return PanelUnreachable("", fault="status", status=status, request=request)
    if status == 429:
        return Busy("", retry_after_s=_wait(headers), status=status, request=request)
    if status in TOO_LONG:
        return Refused("This is larger than the panel's web server takes.", status=status, request=request)
    return BadAnswer("the answer is not in the panel's form", status=status, request=request)


def _node(refusal: Refusal) -> PanelError:
    if not refusal.detail.startswith(_NODE_PREFIX):
        return refusal.build(NodeUnreachable)
    sentence = _NODE_REQUEST_ID.sub("", refusal.detail.removeprefix(_NODE_PREFIX)).strip()
    if sentence.endswith("..") and not sentence.endswith("..."):
        sentence = sentence[:-1]
    return refusal.build(NodeRefused, sentence=sentence)


def _forbidden(refusal: Refusal) -> PanelError:
    for pattern, cause in _KEY_SENTENCES:
        if pattern.search(refusal.detail):
            return refusal.build(KeyRefused, cause=cause)
    return refusal.build(NotAllowed)


def _invalid(refusal: Refusal) -> PanelError:
    errors = tuple(
        FieldError(clean(meta["source_field"], 200), clean(meta.get("rule"), 100), clean(entry.get("detail")))
        for entry in refusal.entries
        if isinstance(meta := entry.get("meta"), dict) and isinstance(meta.get("source_field"), str)
    )
    return refusal.build(Invalid, errors=errors) if errors else refusal.build(Refused)


def _busy(refusal: Refusal) -> PanelError:
    return refusal.build(Busy, retry_after_s=_wait(refusal.headers))


def _unforeseen(refusal: Refusal) -> PanelError:
    """A route or method that the panel does not know (405), a CSRF check (419), ...: nothing was done."""
    return refusal.build(BadAnswer, happened=False)


def _wait(headers: Mapping[str, str]) -> float:
    return retry_after_s(headers.get("retry-after"))


_BY_STATUS: Final[Mapping[int, Callable[[Refusal], PanelError]]] = {
    400: lambda refusal: refusal.build(Refused),
    401: lambda refusal: refusal.build(KeyRefused, cause="unauthenticated"),
    403: _forbidden,
    404: lambda refusal: refusal.build(NotFound),
    409: lambda refusal: refusal.build(ServerStateConflict),
    413: lambda refusal: refusal.build(Refused),
    422: _invalid,
    429: _busy,
}
