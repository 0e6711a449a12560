"""What the handlers about a server's files share: bodies with types, and refusals in Wings' words."""
from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, BinaryIO, TypeVar

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response

from portal.demo.wings.extracting import pieces_of
from portal.demo.wings.file_errors import Denied, DiskFull, FileRefusal
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.http import UNEXPECTED, Handler, NodeCall, WingsError, unexpected
from portal.demo.wings.listing import Entry
from portal.demo.wings.pulls import PullFailed
from portal.demo.wings.rules import Rules

OCTETS = "application/octet-stream"

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}

T = TypeVar("T")


def rules_of(call: NodeCall) -> Rules:
    return Rules(call.server, call.process)


def refuses(handler: Handler) -> Handler:
    """What the files refuse is answered as Wings answers it (`router/middleware/request_error.go`)."""
    @wraps(handler)
    def guarded(call: NodeCall) -> Response:
        with refusals():
            return handler(call)
    return guarded


@contextmanager
def refusals() -> Iterator[None]:
    """Missing files and ways out of the folder have no sentence: they end as unexpected errors."""
    try:
        yield
    except Denied:
        raise WingsError(403, "This file cannot be modified: present in egg denylist.", is_common=True) from None
    except DiskFull:
        raise WingsError(400, "There is not enough disk space available to perform that action.",
                         is_common=True) from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise WingsError(400, "Cannot perform that action: file name is too long.", is_common=True) from None
        raise unexpected() from error
    except (FileRefusal, PullFailed, ClientDisconnected) as error:
        raise unexpected() from error


def field(document: dict[str, Any], name: str, kind: type[T]) -> T:
    """A value of that type, its zero value where it is missing or null; 400 for another type."""
    value = document.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise unreadable()
    return value


def texts(document: dict[str, Any], name: str) -> list[str]:
    values: list[Any] = field(document, name, list)
    if not all(isinstance(value, str | None) for value in values):
        raise unreadable()
    return [value or "" for value in values]


def pairs(document: dict[str, Any], first: str, second: str) -> list[tuple[str, str]]:
    """The objects of `files`, each with two texts."""
    values: list[Any] = field(document, "files", list)
    if not all(isinstance(value, dict | None) for value in values):
        raise unreadable()
    return [(field(value or {}, first, str), field(value or {}, second, str)) for value in values]


def unreadable() -> WingsError:
    return WingsError(400, UNEXPECTED, is_common=True)


def contents_of(files: Filesystem, name: str) -> tuple[Response, Entry]:
    """A file's bytes in pieces, with their number; raises OSError, FileRefusal."""
    file, entry = files.open(name)
    return streamed(file, entry.size), entry


def streamed(file: BinaryIO, size: int) -> Response:
    """Closes the file when all is sent, and when nobody wants the rest."""
    response = Response(_closing(file, size), content_type=OCTETS)
    response.call_on_close(file.close)
    response.headers["Content-Length"] = str(size)
    return response


def _closing(file: BinaryIO, size: int) -> Iterator[bytes]:
    with file:
        yield from pieces_of(file, size)


def attachment(name: str) -> str:
    """The `Content-Disposition` of a download: the name quoted as Go does, in raw UTF-8."""
    quoted = "".join(_ESCAPES.get(letter, letter if letter.isprintable() else f"\\u{ord(letter):04x}")
                     for letter in name)
    return f'attachment; filename="{quoted}"'.encode("utf-8", "replace").decode("latin-1")
