"""Two addresses for whatever watches the portal. They need no session, ask no panel and say nothing of it."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response
from flask.typing import ResponseReturnValue

from portal.health import readiness
from portal.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """This process answers; touches nothing."""
    return make_response("ok\n", 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"})


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Whether the store can be written, its schema is ours, the disk has room and the clock makes sense."""
    because = readiness.problems()
    answer = jsonify(ready=False, because=because) if because else jsonify(ready=True)
    answer.status_code = 503 if because else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


for _view in (healthz, readyz):
    _view.is_quiet = True  # type: ignore[attr-defined]  # asked every few seconds: no line of the request log for each
