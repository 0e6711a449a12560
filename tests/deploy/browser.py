"""A browser of few words: HTTPS to loopback under the portal's name, cookies, forms. It follows no redirect."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import ssl
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """Status, headers (the last one of a name) and the whole body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        plain = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        return plain.decode()

    @property
    def token(self) -> str:
        """The CSRF token of the page's form."""
        found = FIELD.search(self.text)
        assert found is not None, self.text[:500]
        return unescape(found[1])


class Browser:
    """Asks from `source`; each request has a connection of its own, unless `stays`."""

    def __init__(self, port: int, host: str, source: str = "127.0.0.1", *, stays: bool = False) -> None:
        self.port, self.host, self.source, self.stays = port, host, source, stays
        self.cookies: dict[str, str] = {}
        self.context = ssl.create_default_context()
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.connection: http.client.HTTPSConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        """GET; names of headers are written with underscores."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """POST of a form."""
        sent = {"Content_Type": "application/x-www-form-urlencoded"} | headers
        return self.ask("POST", path, urlencode(form or {}).encode(), sent)

    def submit(self, page: str, form: dict[str, str], to: str | None = None) -> Answer:
        """Open a page, and send its form with its token."""
        return self.post(to or page, form | {"csrf_token": self.get(page).token})

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request. Raises OSError or HTTPException when there is no whole answer."""
        connection = self.connection or self.connect()
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()} | {"Host": self.host}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            return self.answer(connection)
        finally:
            if self.stays:
                self.connection = connection
            else:
                connection.close()

    def answer(self, connection: http.client.HTTPConnection) -> Answer:
        """What comes to what was asked there."""
        answer = connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers, content)

    def close(self) -> None:
        """Close the connection that stayed."""
        if self.connection is not None:
            self.connection.close()

    def connect(self) -> http.client.HTTPSConnection:
        """A new connection, on which nothing has been asked yet."""
        plain = socket.create_connection(("127.0.0.1", self.port), 70, (self.source, 0))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=70)
        connection.sock = self.context.wrap_socket(plain, server_hostname=self.host)
        return connection
