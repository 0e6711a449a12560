"""Clock, scripted panel and shortcuts for the tests of the panel library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from portal.pterodactyl import ApiKey, CallBudget, CallRecord, Panel, Transport
from tests.support.wsgi_adapter import WsgiAdapter

SECRET = "ptlc_Ab3dE6gH9jK" + "s3cr3tS3cr3tS3cr3tS3cr3tS3cr3tXX"
KEY = ApiKey(SECRET)
APP_KEY = ApiKey("ptla_Ab3dE6gH9jK" + "t0pT0pt0pT0pt0pT0pt0pT0pt0pT0pYY")
BASE = "http://panel.test"
JSON = (("Content-Type", "application/json"),)


class Clock:
    """Time that passes only when told to, or when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Script:
    """A WSGI application that gives the listed answers in order, the last one for ever.

    An answer is (status, body, headers); a body that is not bytes is sent as JSON. A callable is called first.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer()
        status, body, *rest = answer
        headers = list(rest[0]) if rest else list(JSON)
        start_response(f"{status} Said", headers)
        if isinstance(body, bytes):
            return [body] if body else []
        if isinstance(body, Iterable) and not isinstance(body, dict | list | str):
            return body
        return [json.dumps(body).encode()]


class Failing(BaseAdapter):
    """An adapter whose requests all end in the given exception."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)
        self.requests: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.requests.append(request)
        raise self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]

    def close(self) -> None:
        pass


def error(status: int, code: str, detail: str = "", **meta: Any) -> tuple[int, dict[str, Any]]:
    """The panel's error envelope."""
    entry: dict[str, Any] = {"code": code, "status": str(status), "detail": detail}
    return status, {"errors": [entry | ({"meta": meta} if meta else {})]}


class World:
    """A transport on a scripted panel, with everything that a test wants to look at."""

    def __init__(
        self, *answers: Any, adapter: BaseAdapter | None = None, limit: int = 10_000, patience_s: float = 0.0,
    ) -> None:  # fmt: skip
        self.clock = Clock()
        self.script = Script(*answers) if answers else None
        self.adapter: Any = adapter or WsgiAdapter(self.script)
        self.records: list[CallRecord] = []
        self.transport = Transport(
            BASE,
            adapter=self.adapter,
            clock=self.clock,
            sleep=self.clock.sleep,
            on_call=self.records.append,
            budget=CallBudget(limit, shared=False, clock=self.clock),
            stream_adapter=self.adapter,
            patience_s=patience_s,
        )
        self.panel = Panel(self.transport)
        self.client = self.panel.client(KEY)
        self.application = self.panel.application(APP_KEY)

    @property
    def calls(self) -> int:
        return len(self.adapter.requests)

    def get(self, **more: Any) -> Any:
        options = {"deadline_s": 5.0, "effect": False} | more
        return self.transport.call(KEY, "GET", "/api/client/account", **options)

    def post(self, **more: Any) -> Any:
        options = {"deadline_s": 20.0, "effect": True} | more
        return self.transport.call(KEY, "POST", "/api/client/servers/x/power", **options)


ACCOUNT = {
    "object": "user",
    "attributes": {
        "id": 2,
        "admin": False,
        "username": "owner",
        "email": "owner@example.com",
        "first_name": "Ow",
        "last_name": "Ner",
        "language": "en",
    },
}

NODE_SILENT = error(504, "DaemonConnectionException", "Could not establish a connection")
MAINTENANCE = error(503, "HttpException", "Service Unavailable")
