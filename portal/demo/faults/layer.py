"""The way into a panel, a node or an object store: knobs act here, and every call is written down."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from werkzeug.test import run_wsgi_app

from portal.demo.calls import Call, Calls
from portal.demo.faults.exchange import Answer, Exchange, Tools
from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import Asked, Knob, Where
from portal.demo.faults.knobs import Knobs
from portal.demo.seed import Chance
from portal.demo.wire import Taken, wire_of

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

NO_ANSWER = 0
SWITCHED = 101


@dataclass(frozen=True)
class FaultLayer:
    """`application` behind the knobs for `where`; `node` is the node's name."""

    application: Application
    where: Where
    knobs: Knobs
    calls: Calls
    tools: Tools
    node: str | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = self.tools.clock.now()
        asked = Asked(environ["REQUEST_METHOD"], _path(environ), self.node, self._owner(environ))
        status = NO_ANSWER
        try:
            answer = self._pass(environ, asked, self.knobs.chosen(self.where, asked))
            status = int(answer.status[:3])
        except Taken:
            status = SWITCHED
            raise
        finally:
            self.calls.add(Call(
                at=self.tools.clock.now(), method=asked.method, path=asked.path,
                query=environ.get("QUERY_STRING", ""), key_owner=asked.owner, status=status,
                where=self.node or self.where, seconds=round(self.tools.clock.now() - began, 6)))
        if wire_of(environ) is not None and not answer.header("Date"):
            answer.headers.append(("Date", formatdate(self.tools.clock.now(), usegmt=True)))
        start_response(answer.status, answer.headers)
        return answer.body

    def _pass(self, environ: dict[str, Any], asked: Asked, chosen: list[tuple[Knob, Chance]]) -> Answer:
        if not chosen:
            chunks, status, headers = run_wsgi_app(self.application, environ)
            return Answer(status, list(headers), chunks)
        (knob, chance), *others = chosen
        exchange = Exchange(environ, asked, knob, chance, self.tools)
        return FAULTS[knob.fault].act(exchange, lambda: self._pass(environ, asked, others))

    def _owner(self, environ: dict[str, Any]) -> str | None:
        """Whose key a request shows; looking leaves no trace in the rows."""
        token = environ.get("HTTP_AUTHORIZATION", "").rpartition("Bearer ")[2]
        return next((key.user.username for key in self.tools.world.api_keys if key.plain_text == token), None)


def _path(environ: dict[str, Any]) -> str:
    """As it was sent, one slash at its beginning and none at its end."""
    sent = environ.get("RAW_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    return "/" + str(sent).partition("?")[0].strip("/")
