"""Downloads and uploads at signed addresses: of a node, or of an object store that keeps backups.

The address is all that permits them: no key, no cookie and no proxy goes along, no redirect is followed. It is good for
one request, so nothing is tried twice. Memory does not grow with the file.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Final

import requests
from requests.adapters import BaseAdapter
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout as WireTimeout

from portal.pterodactyl import jsonbody
from portal.pterodactyl.addresses import is_fetchable, with_directory, without_query
from portal.pterodactyl.calls import Around, log
from portal.pterodactyl.deadlines import CONNECT_S, STREAM_IDLE_S
from portal.pterodactyl.downloads import Download, length_of, name_of
from portal.pterodactyl.errors import (
    BadAnswer,
    Fault,
    NodeRefused,
    NodeUnreachable,
    OutcomeUnknown,
    PanelError,
    SourceBroken,
    fate_is_unknown,
)
from portal.pterodactyl.file_names import folder
from portal.pterodactyl.models import SignedUrl
from portal.pterodactyl.multipart import BadStreamError, FileForm, FilePart, Readable
from portal.pterodactyl.session import OnceAdapter, fault_of, new_session
from portal.pterodactyl.text import clean
from portal.pterodactyl.wire import Attempt, current

PIECE: Final = 1024 * 1024
"""Bytes; a quarter of the processor time of smaller ones goes into taking them."""
ERROR_CAP: Final = 64 * 1024
_SENTENCES: Final[dict[Fault, str]] = {
    "connect": "no connection to the machine with the files could be made",
    "name": "the name of the machine with the files could not be resolved",
    "tls": "no secure connection to the machine with the files could be made",
    "timeout": "the machine with the files was silent for too long",
    "cut": "the connection to the machine with the files was cut",
}


class Streaming:
    """One session for all signed addresses. Safe to share between threads.

    Errors of both: ValueError (not an address to fetch), NodeRefused (the node's sentence, or a plain one for an object
    store), NodeUnreachable (no answer, or 5xx), BadAnswer (a redirect, or another success than a file).
    """

    def __init__(
        self,
        *,
        adapter: BaseAdapter | None = None,
        user_agent: str = "portal",
        clock: Callable[[], float] = time.monotonic,
        verify: bool | str = True,
        around: Around = nullcontext,
    ) -> None:
        self._session = new_session(adapter or OnceAdapter(1, 8), user_agent, verify)
        self._session.headers.update({"Accept": "*/*", "Connection": "close"})
        self._clock = clock
        self._around = around

    def download(
        self, signed: SignedUrl, *, idle_s: float = STREAM_IDLE_S, deadline_s: float | None = None
    ) -> Download:
        """Begin to fetch a file. `idle_s` bounds each silence, `deadline_s` everything, reading included.

        `GET /download/file` and `/download/backup` of Wings 1.11, or a presigned GET of S3.
        """
        request = f"GET {_checked(signed)}"
        attempt = self._attempt(idle_s, deadline_s)
        response = self._ask("GET", signed.url, attempt, request)
        if isinstance(response, PanelError):
            raise response
        if response.status_code != 200:
            with response:
                refusal = _refusal(response, attempt, request)
            raise refusal
        chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
        size = None if chunked else length_of(response.headers)
        body = _Body(response, attempt, request, size)
        return Download(name_of(response.headers, signed.url), size, body.piece, response.close)

    def upload(
        self,
        signed: SignedUrl,
        name: str,
        stream: Readable,
        size_bytes: int,
        *,
        directory: str = "/",
        idle_s: float = STREAM_IDLE_S,
        deadline_s: float | None = None,
    ) -> None:
        """Store `size_bytes` from `stream` as the file `name` in `directory`; a file of that name is replaced.

        Errors as for `upload_all`.
        """
        parts = (FilePart(name, size_bytes),)
        self.upload_all(signed, parts, stream, directory=directory, idle_s=idle_s, deadline_s=deadline_s)

    def upload_all(
        self,
        signed: SignedUrl,
        parts: Sequence[FilePart],
        stream: Readable,
        *,
        directory: str = "/",
        idle_s: float = STREAM_IDLE_S,
        deadline_s: float | None = None,
        before_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Store files in `directory`, in one request; `stream` gives their bytes one after the other.

        Files of those names are replaced. When the node refuses one, those before it may be stored already. Also raises
        OutcomeUnknown once something was sent: the connection was cut, the node answered 5xx or another success than
        200, or the stream gave no bytes, fewer or more than said, or could not be read (then the cause is
        SourceBroken, and nothing is stored). `before_end` is called when all bytes are sent: what it raises comes as
        SourceBroken, too, and is the `__cause__` of OutcomeUnknown.
        `POST /upload/file` of Wings 1.11.
        """
        request = f"POST {_checked(signed)}"
        url = with_directory(signed.url, folder(directory))
        form = FileForm(parts, stream, before_end=before_end)
        attempt = self._attempt(idle_s, deadline_s)
        try:
            response = self._ask("POST", url, attempt, request, form)
        except BadStreamError as bad:
            raise OutcomeUnknown(SourceBroken(str(bad), request=request)) from bad.__cause__
        if isinstance(response, PanelError):
            raise OutcomeUnknown(response) if form.begun else response
        with response:
            if response.status_code == 200:
                return
            refusal = _refusal(response, attempt, request)
        raise OutcomeUnknown(refusal) if fate_is_unknown(refusal) else refusal

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def _attempt(self, idle_s: float, deadline_s: float | None) -> Attempt:
        ends_at = math.inf if deadline_s is None else self._clock() + deadline_s
        return Attempt(ends_at, self._clock, idle_s=idle_s, cap=math.inf)

    def _ask(
        self, method: str, url: str, attempt: Attempt, request: str, form: FileForm | None = None
    ) -> requests.Response | PanelError:
        """The answer's beginning, or why there is none; errors are returned, so that no exception holds the address."""
        headers = {"Content-Type": form.content_type} if form else {}
        token = current.set(attempt)
        try:
            timeout = WireTimeout(connect=min(CONNECT_S, attempt.left()), read=attempt.left())
            with self._around(f"{method} of a file"):
                response = self._session.request(
                    method,
                    url,
                    headers=headers,
                    data=form,
                    timeout=timeout,  # type: ignore[arg-type]
                    allow_redirects=False,
                    stream=True,
                )
        except (RequestException, HTTPError, OSError) as error:
            return _unreachable(error, attempt, request)
        finally:
            current.reset(token)
        log.info("%s -> %s", request, response.status_code)
        return response


class _Body:
    """The rest of an answer, piece by piece."""

    def __init__(self, response: requests.Response, attempt: Attempt, request: str, size: int | None) -> None:
        self._response = response
        self._attempt = attempt
        self._request = request
        self._missing = size

    def piece(self) -> bytes:
        """The next bytes, none at the end; raises NodeUnreachable if that is not where the end should be."""
        found = _receive(self._response, self._attempt, self._request)
        if isinstance(found, PanelError):
            raise found
        if self._missing is not None:
            self._missing -= len(found)
            if self._missing < 0 or (self._missing and not found):
                raise NodeUnreachable("the file ended elsewhere than it should", request=self._request)
        return found


def _receive(response: requests.Response, attempt: Attempt, request: str) -> bytes | NodeUnreachable:
    try:
        attempt.left()
        return response.raw.read1(PIECE, decode_content=False) or b""
    except (RequestException, HTTPError, OSError) as error:
        return _unreachable(error, attempt, request)


def _unreachable(error: Exception, attempt: Attempt, request: str) -> NodeUnreachable:
    fault = fault_of(error, attempt)
    log.info("%s -> %s", request, fault)
    return NodeUnreachable(_SENTENCES[fault], request=request)


def _refusal(response: requests.Response, attempt: Attempt, request: str) -> PanelError:
    """What an answer that is no success means."""
    status = response.status_code
    if status < 300:
        return BadAnswer("the machine with the files never says this", status=status, request=request)
    if status < 400:
        return BadAnswer("the address leads elsewhere", happened=False, status=status, request=request)
    if status >= 500:
        return NodeUnreachable("the machine with the files could not answer", status=status, request=request)
    said = _sentence(response, attempt, request) or "The link is not good any more, or what it leads to is not there."
    return NodeRefused(said, status=status, request=request)


def _sentence(response: requests.Response, attempt: Attempt, request: str) -> str:
    """Wings' own words (`{"error": "...", "request_id": "..."}`); an object store's XML is nobody's to read."""
    body = bytearray()
    attempt.ends_at = min(attempt.ends_at, attempt.clock() + attempt.idle_s)  # a reason may be a drip, too
    while piece := _receive(response, attempt, request):
        if isinstance(piece, PanelError) or len(body) + len(piece) > ERROR_CAP:
            return ""
        body += piece
    try:
        document = jsonbody.parse(bytes(body))
    except (ValueError, OverflowError):
        return ""
    return clean(document.get("error")) if isinstance(document, dict) else ""


def _checked(signed: SignedUrl) -> str:
    if not is_fetchable(signed.url):
        raise ValueError("not an address to fetch: http or https, a host, no name and no password")
    return without_query(signed.url)
