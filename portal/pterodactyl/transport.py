"""The one door to the panel.

One pooled session without cookies, proxies, netrc or redirects; the key is passed with each call. A call has
a total deadline by our own clock, the answer a cap of 8 MiB. Reads are repeated once when that helps, writes
never: a write whose fate is not known raises `OutcomeUnknown`.
"""

from __future__ import annotations

import json as jsonlib
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.exceptions import InvalidHeader, RequestException
from urllib3.exceptions import DecodeError, HTTPError
from urllib3.util import Timeout as WireTimeout

from portal.pterodactyl.answers import RawAnswer, understand
from portal.pterodactyl.budget import Budgets, CallBudget, Kind
from portal.pterodactyl.calls import Answer, Around, CallRecord, Purpose, log_call
from portal.pterodactyl.deadlines import CONNECT_S
from portal.pterodactyl.errors import (
    BadAnswer,
    Busy,
    Fault,
    NodeUnreachable,
    OutcomeUnknown,
    PanelError,
    PanelUnreachable,
    fate_is_unknown,
)
from portal.pterodactyl.keys import ApiKey
from portal.pterodactyl.paths import Query, query_string
from portal.pterodactyl.refusals import RATE_LIMIT_CODE
from portal.pterodactyl.session import BoundedAdapter, fault_of, new_session
from portal.pterodactyl.streaming import Streaming
from portal.pterodactyl.wire import Attempt, current

BODY_CAP: Final = 8 * 1024 * 1024
PIECE: Final = 64 * 1024
SHORTEST_WAIT_S: Final = 0.1
RETRIED: Final = frozenset({500, 502, 503, 504})
KEPT_HEADERS: Final = (
    "date",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
)


@dataclass(frozen=True, slots=True)
class _Request:
    """One call, ready to be sent as often as need be."""

    key: ApiKey
    method: str
    path: str
    query: str
    body: bytes | None = field(repr=False)  # may hold a password
    content_type: str | None
    as_text: bool
    effect: bool
    who: str | None
    purpose: Purpose

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_own_limit(self) -> bool:
        """Whether the panel counts this route apart, so that its figures say nothing about the key's minute."""
        return self.path.endswith("/files/pull")


class Transport:
    """Calls one panel. Safe to share between threads; make one per process."""

    def __init__(
        self,
        base_url: str,
        *,
        budget: CallBudget | Budgets | None = None,
        pool_size: int = 32,
        adapter: BaseAdapter | None = None,
        user_agent: str = "portal",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        on_call: Callable[[CallRecord], None] | None = None,
        verify: bool | str = True,
        stream_adapter: BaseAdapter | None = None,
        around: Around = nullcontext,
        patience_s: float = 0.0,
    ) -> None:
        """`base_url` is the panel's, without `/api`. `budget` None stands for the defaults of `Budgets`.

        `patience_s` is how long a call may wait for its turn where it would raise Busy, which is good for scripts. Its
        deadline begins after that.
        `stream_adapter` carries downloads and uploads, which go to nodes and object stores and never to the panel.
        `around` is entered with a call's name (`GET /api/client`) before anything is sent, and left afterwards.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("the panel's address must be http:// or https://, a host, and perhaps a path")
        if isinstance(verify, str) and not Path(verify).exists():
            raise ValueError("the file or folder with the authorities to trust is not there")
        requests.Request("GET", base_url).prepare()  # raises InvalidURL, a ValueError
        self.base_url = base_url.rstrip("/")
        self._budget = budget if budget is not None else Budgets(clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._on_call = on_call or log_call
        self._session = new_session(adapter or BoundedAdapter(1, pool_size), user_agent, verify)
        self._around = around
        self._patience_s = patience_s
        self.streaming = Streaming(
            adapter=stream_adapter, user_agent=user_agent, clock=clock, verify=verify, around=around
        )

    def call(
        self,
        key: ApiKey,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        content: bytes | None = None,
        as_text: bool = False,
        deadline_s: float,
        effect: bool,
        retry: bool = True,
        who: str | None = None,
        purpose: Purpose = "page",
    ) -> Answer:
        """Ask the panel once, or twice where a read deserves it, and return its successful answer.

        `effect` says whether the call may change something. `content` is sent as it is, as plain text, instead of
        `json`. `as_text` expects a plain text and leaves it in the answer's `content`. Raises a PanelError otherwise;
        ValueError for a query or body that is not valid Unicode or JSON, before any call.
        """
        kind = None if content is None else "text/plain"
        if json is not None:
            kind, content = "application/json", _written(json)
        request = _Request(key, method, path, query_string(query), content, kind, as_text, effect, who, purpose)
        patient_until = self._clock() + self._patience_s
        while True:
            ends_at = self._clock() + deadline_s
            result = self._once(request, ends_at, 1)
            if retry and not effect and isinstance(result, PanelError) and _deserves_retry(result):
                result = self._again(request, ends_at, result)
            if not self._waited(result, patient_until):
                break
        if isinstance(result, Answer):
            return result
        if effect and fate_is_unknown(result):
            raise OutcomeUnknown(result)
        raise result

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()
        self.streaming.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _waited(self, result: Answer | PanelError, until: float) -> bool:
        """Whether a call that came too soon has waited for its turn; nothing was done, so any call may."""
        if not isinstance(result, Busy):
            return False
        wait_s = max(result.retry_after_s, SHORTEST_WAIT_S)
        if self._clock() + wait_s > until:
            return False
        self._sleep(wait_s)
        return True

    def _again(self, request: _Request, ends_at: float, first: PanelError) -> Answer | PanelError:
        """The one retry, 200 to 400 ms later, if time and budget allow; else the first error."""
        pause_s = 0.2 + secrets.randbelow(201) / 1000
        if self._clock() + pause_s >= ends_at:
            return first
        self._sleep(pause_s)
        second = self._once(request, ends_at, 2)
        return first if isinstance(second, Busy) and second.local else second

    def _once(self, request: _Request, ends_at: float, attempt: int) -> Answer | PanelError:
        """One HTTP request and its record.

        Errors are returned, so that no library's exception hangs on to ours.
        """
        started = self._clock()
        budget = self._budget_of(request)
        try:
            budget.take(request.who, request.purpose)
        except Busy as busy:
            busy.request = request.name
            self._record(request, busy, None, started, 0)
            return busy
        raw = self._exchange(request, ends_at)
        headers = raw.headers if isinstance(raw, RawAnswer) else None
        status = raw.status if isinstance(raw, RawAnswer) else None
        if isinstance(raw, PanelError):
            result: Answer | PanelError = raw
        else:
            result = understand(raw, request.name, request.key, as_text=request.as_text)
        if isinstance(raw, RawAnswer):
            _teach(budget, request, raw, result)
        self._record(request, result, status, started, attempt, headers)
        return result

    def _exchange(self, request: _Request, ends_at: float) -> RawAnswer | PanelError:
        """Send, and read the whole answer within deadline and cap."""
        attempt = Attempt(ends_at, self._clock)
        token = current.set(attempt)
        try:
            with self._around(request.name):
                return self._send(request, attempt)
        except (DecodeError, InvalidHeader):
            return BadAnswer("the answer cannot be decoded", request=request.name)
        except (RequestException, HTTPError, OSError) as error:
            if attempt.overflowed:
                return BadAnswer("the answer is too long", request=request.name)
            fault = fault_of(error, attempt)
            return PanelUnreachable(_SENTENCES[fault], fault=fault, request=request.name)
        finally:
            current.reset(token)

    def _send(self, request: _Request, attempt: Attempt) -> RawAnswer | PanelError:
        headers = {"Authorization": f"Bearer {request.key.secret}"}
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        left = attempt.left()
        response = self._session.request(
            request.method,
            self.base_url + request.path + request.query,
            headers=headers,
            data=request.body,
            timeout=WireTimeout(total=left, connect=min(CONNECT_S, left)),  # type: ignore[arg-type]
            allow_redirects=False,
            stream=True,
        )
        with response:
            body = _read(response, attempt)
        if body is None:
            return BadAnswer("the answer is too long", status=response.status_code, request=request.name)
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        return RawAnswer(response.status_code, kept, response.headers.get("content-type", "").lower(), body)

    def _budget_of(self, request: _Request) -> CallBudget:
        if isinstance(self._budget, CallBudget):
            return self._budget
        kind: Kind = "application" if request.path.startswith("/api/application") else "client"
        return self._budget.of(kind, request.key)

    def _record(
        self,
        request: _Request,
        result: Answer | PanelError,
        status: int | None,
        started: float,
        attempt: int,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        limit, remaining = (None, None) if request.has_own_limit else _count(headers or {})
        self._on_call(
            CallRecord(
                method=request.method,
                path=request.path,
                status=status,
                duration_s=self._clock() - started,
                key=request.key.hint,
                who=request.who,
                attempt=attempt,
                outcome="ok" if isinstance(result, Answer) else type(result).__name__,
                date=(headers or {}).get("date"),
                limit=limit,
                remaining=remaining,
            )
        )


_SENTENCES: Final[Mapping[Fault, str]] = {
    "connect": "no connection could be made",
    "name": "the panel's name could not be resolved",
    "tls": "no secure connection could be made",
    "timeout": "no answer came in time",
    "cut": "the connection was cut",
}


def _read(response: requests.Response, attempt: Attempt) -> bytes | None:
    """The decoded body, or None if it is longer than the cap."""
    body = bytearray()
    while True:
        attempt.left()
        piece = response.raw.read(PIECE, decode_content=True)
        if not piece:
            return bytes(body)
        body += piece
        if len(body) > BODY_CAP:
            return None


def _teach(budget: CallBudget, request: _Request, raw: RawAnswer, result: Answer | PanelError) -> None:
    """Let the budget learn what the panel says about the key's minute."""
    if request.has_own_limit:
        return
    limit, remaining = _count(raw.headers)
    if limit is not None and remaining is not None:
        budget.learned(limit, remaining)
    if isinstance(result, Busy) and result.code in (RATE_LIMIT_CODE, None):
        budget.blocked(result.retry_after_s)


def _count(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The panel's limit for the key's minute, and how many calls are left of it."""
    texts = headers.get("x-ratelimit-limit", ""), headers.get("x-ratelimit-remaining", "")
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts):
        return None, None
    return int(texts[0]), int(texts[1])


def _written(json: Any) -> bytes:
    text = jsonlib.dumps(json, ensure_ascii=False, allow_nan=False)
    with suppress(UnicodeEncodeError):  # it holds the whole body, passwords and all, so it is not even the context
        return text.encode("utf-8")
    raise ValueError("the body is not valid Unicode")


def _deserves_retry(error: PanelError) -> bool:
    """A passing fault of panel or node, or a connection that broke; none never made, no time-out."""
    if isinstance(error, PanelUnreachable) and error.fault == "cut":
        return True
    is_fault = isinstance(error, NodeUnreachable) or (isinstance(error, PanelUnreachable) and error.fault == "status")
    return is_fault and error.status in RETRIED
