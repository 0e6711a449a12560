"""What the parts of Wings' HTTP surface have in common: a call about a server, answers and refusals."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo.wings.node import WingsNode
from portal.demo.wings.process import Process
from portal.demo.world import Server

UNEXPECTED = "An unexpected error was encountered while processing this request"


class WingsError(Exception):
    """A refusal with its HTTP status and sentence; `is_common` ones carry the request's id as well."""

    def __init__(self, status: int, text: str, *, is_common: bool = False,
                 headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.is_common = is_common
        self.headers = headers or {}


def unexpected() -> WingsError:
    """What ends as an error that Wings has no sentence for."""
    return WingsError(500, UNEXPECTED, is_common=True)


def document_of(request: Request) -> dict[str, Any]:
    """The JSON body; 400 for anything that is no object."""
    body = request.get_data(cache=True)
    if not body:
        raise WingsError(400, "The data passed in the request was not in a parsable format. Please try again.")
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise WingsError(400, UNEXPECTED, is_common=True)
    return document


@dataclass(frozen=True)
class NodeCall:
    """One request about a server of a node; `parameters` are the path's other placeholders."""

    node: WingsNode
    request: Request
    server: Server
    process: Process
    parameters: dict[str, str]

    def document(self) -> dict[str, Any]:
        return document_of(self.request)


Handler = Callable[[NodeCall], Response]


@dataclass(frozen=True)
class NodeRoute:
    """`path` comes after `/api/servers/{uuid}`; it may hold one `{placeholder}` for each of its parts."""

    method: str
    path: str
    handler: Handler


def json_answer(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json; charset=utf-8")


def nothing(status: int = 204) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
