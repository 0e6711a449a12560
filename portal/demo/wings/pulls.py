"""Files that a node fetches from elsewhere into a server's folder (`router/downloader/downloader.go`).

The stand-in asks nobody's name server and reaches no other machine: all but the hosts that its configuration names fail
as if they were out of reach.
"""
from __future__ import annotations

import http.client
import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from portal.demo.wings.extracting import pieces_of
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.paths import joined
from portal.demo.wings.rules import Rules

AT_ONCE = 3

_TIMEOUT_SECONDS = 15.0


class PullFailed(Exception):
    """Why nothing came; only logged where nobody waits for it."""


@dataclass(eq=False)
class Pull:
    """One download; `folder` below the server's root, `file_name` "": told from the answer or the address."""

    identifier: str
    rules: Rules
    url: str
    folder: str
    file_name: str
    uses_header: bool
    is_cancelled: bool = False
    total: int = 0
    got: int = 0

    @property
    def progress(self) -> float:
        return self.got / self.total if self.total else 0.0

    def run(self, allowed_hosts: list[str]) -> Path:
        """Fetch it now; raises PullFailed, FileRefusal, OSError."""
        files = self.rules.process.files
        with _answer(self.url, allowed_hosts) as answer:
            if answer.status != 200:
                raise PullFailed(f"downloader: got bad response status from endpoint: {answer.status}, expected 200")
            self.total = int(answer.headers.get("Content-Length") or 0)
            if self.total < 1:
                raise PullFailed("downloader: request is missing ContentLength")
            self.rules.require_space(self.total)
            name = joined("/", self.folder, self._name(answer))
            self.rules.require_names(name)
            return self._write(files, name, answer)

    def _write(self, files: Filesystem, name: str, answer: http.client.HTTPResponse) -> Path:
        return files.write(name, self._pieces(answer))

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        for piece in pieces_of(answer):
            if self.is_cancelled:
                raise PullFailed("downloader: cancelled")
            self.got += len(piece)
            yield piece

    def _name(self, answer: http.client.HTTPResponse) -> str:
        if self.file_name:
            return self.file_name
        told = re.search(r'filename="?([^";]+)', answer.headers.get("Content-Disposition", ""))
        if self.uses_header and told:
            return told[1].rpartition("/")[2]
        return unquote(urlsplit(self.url).path).rstrip("/").rpartition("/")[2]


@contextmanager
def _answer(url: str, allowed_hosts: list[str]) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(url)
    if parts.netloc not in allowed_hosts:
        raise PullFailed(_why_not(parts))
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path or '/'}?{parts.query}".rstrip("?"))
        yield connection.getresponse()
    except http.client.HTTPException as error:
        raise PullFailed(f"downloader: failed to download file: {error}") from error
    finally:
        connection.close()


def _why_not(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        is_inside = not ipaddress.ip_address(host).is_global
    except ValueError:
        is_inside = host == "localhost" or host.endswith(".localhost")
    return ("downloader: destination resolves to internal network location" if is_inside else
            f"downloader: failed to resolve or reach {host}")
