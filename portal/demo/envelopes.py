"""The shapes of answers: item, list, null resource, page."""
from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.demo import php
from portal.demo.errors import crashed
from portal.demo.http import Request

Row = TypeVar("Row")
JSON = dict[str, Any]
MODEL_PER_PAGE = 15
_PAGE = re.compile(r"\+?[1-9]\d{0,17}")

NULL_RESOURCE: JSON = {"object": "null_resource", "attributes": None}


def item(kind: str, attributes: JSON) -> JSON:
    return {"object": kind, "attributes": attributes}


def listing(items: Sequence[JSON]) -> JSON:
    return {"object": "list", "data": list(items)}


@dataclass(frozen=True)
class Paging:
    """How one endpoint pages: default size, cap (None: none), and whether page links keep the query."""

    default: int
    cap: int | None
    keeps_query: bool


def paginate(rows: Sequence[Row], request: Request, paging: Paging, transform: Callable[[Row], JSON]) -> JSON:
    page = _page(request)
    per_page = _per_page(request.query.get("per_page"), paging, len(rows))
    shown = rows[(page - 1) * per_page:page * per_page]
    total_pages = max(math.ceil(len(rows) / per_page), 1)
    links = {}
    if page > 1:
        links["previous"] = _link(request, paging, page - 1)
    if page < total_pages:
        links["next"] = _link(request, paging, page + 1)
    pagination = {"total": len(rows), "count": len(shown), "per_page": per_page, "current_page": page,
                  "total_pages": total_pages, "links": links}
    return {**listing([transform(row) for row in shown]), "meta": {"pagination": pagination}}


def _page(request: Request) -> int:
    text = str(request.input.get("page"))
    return int(text) if _PAGE.fullmatch(text) else 1


def _per_page(asked: Any, paging: Paging, total: int) -> int:
    """`min(asked, cap)` and `paginate()` as PHP computes them, oddities included."""
    if asked is None:
        return paging.default
    if isinstance(asked, dict) or not php.is_numeric(asked):
        if paging.cap is not None and (isinstance(asked, dict) or asked >= str(paging.cap)):
            return paging.cap
        raise crashed("ErrorException" if isinstance(asked, str) and php.begins_numeric(asked) else "TypeError")
    if paging.cap is not None and float(asked) > paging.cap:
        return paging.cap
    size = int(min(float(asked), sys.maxsize)) or MODEL_PER_PAGE
    if size < 0 and total:
        raise crashed("QueryException")  # an OFFSET without a LIMIT
    return size


def _link(request: Request, paging: Paging, page: int) -> str:
    kept = {key: value for key, value in request.query.items() if key != "page"} if paging.keeps_query else {}
    return f"{request.url}?{php.build_query(kept | {'page': page})}"
