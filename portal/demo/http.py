"""Requests as controllers see them and the answers they give."""
from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from werkzeug.formparser import parse_form_data
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response

from portal.demo import pages, php
from portal.demo.errors import PanelError, bad_request

_FILES_BY_UUID = re.compile(r"/api/client/servers/[a-z0-9-]{36}/files.*", re.IGNORECASE)
SESSION_COOKIE = "pterodactyl_session"
READING_METHODS = ("GET", "HEAD", "OPTIONS")
_HOST = re.compile(r"https?://([^/:]+)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_METHOD = re.compile(r"[A-Za-z]+")
_QUALITY = re.compile(r";\s*q=([\d.]+)", re.IGNORECASE)


class Request:
    """One request after the panel's global middlewares: strings trimmed, empty ones null."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._http = WerkzeugRequest(environ)
        self.body = self._http.get_data(cache=True)
        self.ip = environ.get("REMOTE_ADDR") or "127.0.0.1"
        self.host_url = re.sub(r":\d+$", "", self._http.host_url.rstrip("/"))  # as behind a proxy (recorded)
        sent = _raw_path(environ)
        self.raw_path = sent.strip("/")
        self.path = unquote(sent.rstrip("/").removeprefix("/"))
        self.query_string = environ.get("QUERY_STRING", "")
        self.method = self._method()

    def _method(self) -> str:
        """A POST may stand for another method: the header counts first, then the body's field, then the query's."""
        named: Any = None
        if self._http.method == "POST":
            named = self.header("X-HTTP-Method-Override")
            if not named and (b"_method" in self.body or "_method" in self.query_string):
                with suppress(PanelError):
                    named = self._body_fields().get("_method") or self.query.get("_method")
        return named.upper() if isinstance(named, str) and _METHOD.fullmatch(named) else self._http.method

    @property
    def url(self) -> str:
        return f"{self.host_url}/{self.raw_path}"

    def header(self, name: str) -> str:
        return self._http.headers.get(name, "")

    @property
    def bearer_token(self) -> str | None:
        _, found, token = self.header("Authorization").rpartition("Bearer ")
        return (token.partition(",")[0] or None) if found else None

    @property
    def is_json(self) -> bool:
        return any(mark in self.header("Content-Type") for mark in ("/json", "+json"))

    @property
    def is_from_browser_session(self) -> bool:
        """A cookie of the panel, or a page of its own host: then a request that changes something needs a token."""
        page = _HOST.match(self.header("Referer") or self.header("Origin"))
        own = _HOST.match(self.host_url)
        is_own_page = page is not None and own is not None and page[1].lower() == own[1].lower()
        return is_own_page or SESSION_COOKIE in self._http.cookies

    @property
    def is_preflight(self) -> bool:
        """A browser's question whether a page of another origin may ask; answered before anything else."""
        return self.method == "OPTIONS" and "Access-Control-Request-Method" in self._http.headers

    @property
    def expects_json(self) -> bool:
        first = self._first_accepted()
        if any(mark in first.lower() for mark in ("/json", "+json")):
            return True
        is_ajax = self.header("X-Requested-With") == "XMLHttpRequest" and not self.header("X-PJAX")
        return is_ajax and first in ("", "*", "*/*")

    def _first_accepted(self) -> str:
        """The media type of the best quality; of equals the one that was named first."""
        accepted = [part for part in self.header("Accept").split(",") if part.strip()]
        best = max(accepted, key=_quality, default="")
        return best.partition(";")[0].strip()

    @cached_property
    def query(self) -> dict[str, Any]:
        return self._normalise(php.nest_pairs(parse_qsl(self.query_string, keep_blank_values=True)))

    @cached_property
    def input(self) -> dict[str, Any]:
        """Query and body together; the body wins."""
        return self.query | self._normalise(self._body_fields())

    def require_valid_json(self) -> None:
        if self.is_json and self.body:
            self._json()

    def _normalise(self, values: dict[str, Any]) -> dict[str, Any]:
        trimmed = not _FILES_BY_UUID.fullmatch("/" + self.path)
        return {key: php.normalise(value, trim=trimmed, key=key) for key, value in values.items()}

    def _body_fields(self) -> dict[str, Any]:
        if self.is_json:
            document = self._json() if self.body else {}
            return document if isinstance(document, dict) else {}
        if self._http.method in ("GET", "HEAD"):
            return {}
        _, form, _ = parse_form_data(self._http.environ | {"wsgi.input": BytesIO(self.body)})
        return php.nest_pairs(form.items(multi=True))

    def _json(self) -> Any:
        try:
            document = json.loads(self.body.decode(), parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            reason = "Malformed UTF-8 characters, possibly incorrectly encoded"
            raise _malformed(reason) from error
        except RecursionError as error:
            raise _malformed("Maximum stack depth exceeded") from error
        except ValueError as error:
            # PHP meets the end of the text as a control character inside the string.
            is_control = any(sign in str(error) for sign in ("control character", "Unterminated string"))
            reason = "Control character error, possibly incorrectly encoded" if is_control else "Syntax error"
            raise _malformed(reason) from error
        if _SURROGATE.search(self.body) and _HALF_PAIR.search(json.dumps(document, ensure_ascii=False)):
            raise _malformed("Single unpaired high surrogate in Unicode escape")
        return document


def _raw_path(environ: dict[str, Any]) -> str:
    """The path as it was sent, still percent-encoded; servers name it differently or not at all."""
    sent = environ.get("RAW_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    return str(sent).partition("?")[0]


def _quality(accepted: str) -> float:
    stated = _QUALITY.search(accepted)
    return float(stated[1]) if stated else 1.0


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _malformed(reason: str) -> PanelError:
    return bad_request(f"The JSON data passed in the request appears to be malformed: {reason}")


def json_response(document: Any, status: int = 200) -> Response:
    response = Response(json.dumps(document), status)
    response.headers["Content-Type"] = "application/json"
    return response


def no_content() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def options_response(allowed: list[str]) -> Response:
    return Response("", 200, {"Allow": ",".join(allowed)}, content_type="text/html; charset=UTF-8")


def html_response(page: str, status: int, content_type: str = "text/html; charset=UTF-8") -> Response:
    return Response(page, status, content_type=content_type)


def error_response(error: PanelError, request: Request) -> Response:
    """JSON for whoever expects it; else a page, or a redirect where a browser would go back to its form."""
    if request.expects_json:
        response = json_response({"errors": error.entries()}, error.status)
    elif error.status == 401 and error.code == "AuthenticationException":
        response = _redirect(f"{request.host_url}/auth/login")
    elif error.redirects_back:
        response = _redirect(request.header("Referer") or request.host_url)
    else:
        response = html_response(pages.error_page(error.status), error.status)
    response.headers.extend(error.headers)
    return response


def _redirect(url: str) -> Response:
    response = html_response(pages.redirect_page(url), 302, "text/html; charset=utf-8")
    response.headers["Location"] = url
    response.autocorrect_location_header = False
    return response
