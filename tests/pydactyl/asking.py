"""Makes the calls, theirs and ours, and notes which route of the panel each reached last."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import requests

from portal.pterodactyl import ApiKey, Budgets, Panel, Transport
from tests.pydactyl import theirs
from tests.pydactyl.calls import Call, Given
from tests.pydactyl.our_calls import Mine
from tests.pydactyl.stand import Stand

Routes = dict[str, set[str]]
"""By the name of a method of theirs: `GET /api/client/servers/*`."""


class Asking:
    """Both libraries before one stand."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.routes: Routes = defaultdict(set)
        budget = Budgets(client_per_minute=100_000, application_per_minute=100_000)
        self.transport = Transport(stand.base, budget=budget)
        panel = Panel(self.transport)
        self.client = panel.client(ApiKey(stand.customer_key))
        self.api = panel.application(ApiKey(stand.demo.keys["application"]))

    def close(self) -> None:
        """Everything is let go."""
        self.transport.close()
        self.stand.close()

    def theirs(self, name: str, arguments: Given) -> Any:
        """A call of py-dactyl, by the client whose key it needs, through groups that were made for it."""
        client = self.stand.customer if name.startswith("client.") else self.stand.application
        args, named = arguments
        answer = theirs.called(client, name)(*args, **named)
        self.routes[name].add(_route(self.stand))
        return answer

    def fault(self, call: Call) -> str:
        """What is wrong with a call of theirs; nothing if it is as it should be."""
        arguments = call.arguments(self.stand)
        answer = self.theirs(call.name, arguments)
        if call.until is not None:
            until = call.until
            self.stand.wait(lambda: until(call.take(self.theirs(call.name, arguments))))
            answer = self.theirs(call.name, arguments)
        status = call.status or (call.kind if isinstance(call.kind, int) else 0)
        if status and (not isinstance(answer, requests.Response) or answer.status_code != status):
            return f"{answer!r} instead of a response of status {status}"
        found = call.take(answer)
        if not isinstance(call.kind, int) and not isinstance(found, call.kind):
            return f"{type(found).__name__} instead of {call.kind.__name__}"
        self.stand.notes[call.keep or "last"] = found
        return "" if call.proof(self.stand, found) else f"no effect, or another one; the answer was {found!r}"

    def ours(self, call: Mine) -> Any:
        """A call of our library."""
        args, named = call.arguments(self.stand)
        found: Any = self
        for part in call.ours.split("."):
            found = getattr(found, part)
        answer = found(*args, **named)
        self.routes[call.theirs].add(_route(self.stand))
        self.stand.notes[call.keep or "last"] = call.take(answer)
        if not call.ends(self.stand):
            raise AssertionError("it had no effect")
        return answer


def asked_for(method: str, path: str) -> str:
    """The route of a request: what names a thing is a star."""
    return f"{method} " + "/".join(part if re.fullmatch("[a-z-]*", part) else "*" for part in path.split("/"))


def _route(stand: Stand) -> str:
    method, path, _ = stand.log[-1]
    return asked_for(method, path)
