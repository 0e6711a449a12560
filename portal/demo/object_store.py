"""A bucket of an S3 look-alike for backups: objects on disk, and links to them that are signed for five minutes.

Signatures are the real ones (version 4, in the query, only the host among the headers), so a link bears no change.
"""
from __future__ import annotations

import hashlib
import hmac
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.sax.saxutils import escape

from werkzeug.test import EnvironBuilder
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from portal.demo.clock import Clock
from portal.demo.storage import Storage

LINK_SECONDS = 300
CONTENT_TYPE = "application/x-gzip"

_ALGORITHM = "AWS4-HMAC-SHA256"
_ACCESS_KEY = "AKIADEMOPANEL0000000"
_MOMENT = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"[0-9A-Za-z-]+")


class _Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(eq=False)
class ObjectStore:
    """`base` is the address it is served under, without a slash at its end; `secret` signs the links."""

    storage: Storage
    clock: Clock
    secret: str
    base: str = "http://127.0.0.1"
    bucket: str = "backups"
    region: str = "us-east-1"

    def presigned_url(self, server_uuid: str, backup_uuid: str, seconds: int = LINK_SECONDS) -> str:
        """Works for everybody who has it, again and again, until its time is over."""
        path = f"/{self.bucket}/{server_uuid}/{backup_uuid}.tar.gz"
        date = datetime.fromtimestamp(int(self.clock.now()), UTC).strftime(_MOMENT)
        query = {
            "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{_ACCESS_KEY}/{self._scope(date)}", "X-Amz-Date": date,
            "X-Amz-SignedHeaders": "host", "X-Amz-Expires": str(seconds),
        }
        signature = self._signature("GET", path, query, urlsplit(self.base).netloc)
        return f"{self.base}{path}?{urlencode({**query, 'X-Amz-Signature': signature}, quote_via=quote)}"

    def put(self, server_uuid: str, backup_uuid: str, source: Path) -> None:
        """Take a copy; an object of that name is replaced."""
        shutil.copyfile(source, self._place(server_uuid, backup_uuid))

    def delete(self, server_uuid: str, backup_uuid: str) -> None:
        """Nothing happens where there is no such object."""
        self._place(server_uuid, backup_uuid).unlink(missing_ok=True)

    def fetch(self, url: str) -> Response | None:
        """What this address answers to GET, or None: it is no address of this store."""
        if not url.startswith(f"{self.base}/{self.bucket}/"):
            return None
        parts = urlsplit(url)
        builder = EnvironBuilder(parts.path, base_url=self.base, query_string=parts.query)
        return Response.from_app(self, builder.get_environ())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except _Refusal as refusal:
            response = Response(
                f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{refusal.code}</Code>'
                f"<Message>{escape(str(refusal))}</Message><Resource>{escape(request.path)}</Resource></Error>",
                refusal.status, content_type="application/xml")
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        self._require_signature(request)
        found = re.fullmatch(rf"/{re.escape(self.bucket)}/([^/]+)/([^/]+)\.tar\.gz", request.path)
        place = self._place(*found.groups()) if found and all(map(_NAME.fullmatch, found.groups())) else None
        if place is None or not place.is_file():
            raise _Refusal(404, "NoSuchKey", "The specified key does not exist.")
        response = send_file(place, request.environ, mimetype=CONTENT_TYPE, conditional=True)
        response.headers["Content-Type"] = CONTENT_TYPE
        return response

    def _require_signature(self, request: Request) -> None:
        query = dict(parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True))
        signature = query.pop("X-Amz-Signature", None)
        if signature is not None and "Authorization" in request.headers:
            raise _Refusal(400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query "
                           "parameter, Signature query string parameter or the Authorization header should be "
                           "specified")
        if signature is None:
            raise _Refusal(403, "AccessDenied", "Access Denied")
        expected = self._signature(request.method, request.path, query, request.headers.get("Host", ""))
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise _Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the "
                           "signature you provided. Check your key and signing method.")
        signed_at = datetime.strptime(query["X-Amz-Date"], _MOMENT).replace(tzinfo=UTC).timestamp()
        if self.clock.now() > signed_at + int(query["X-Amz-Expires"]):
            raise _Refusal(403, "AccessDenied", "Request has expired")

    def _signature(self, method: str, path: str, query: dict[str, str], host: str) -> str:
        """Signature version 4; query and path as they were before they were escaped."""
        date = query.get("X-Amz-Date", "")
        canonical = "\n".join((
            method, quote(path, safe="/~"), urlencode(sorted(query.items()), quote_via=quote, safe="~"),
            f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"))
        scope = self._scope(date)
        text = "\n".join((_ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()))
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _scope(self, date: str) -> str:
        return f"{date[:8]}/{self.region}/s3/aws4_request"

    def _place(self, server_uuid: str, backup_uuid: str) -> Path:
        return self.storage.folder("objects", self.bucket, server_uuid) / f"{backup_uuid}.tar.gz"
