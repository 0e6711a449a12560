"""A file on its way from a node or an object store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Final
from urllib.parse import unquote, urlsplit

from portal.pterodactyl.text import clean

_PLAIN = re.compile(r'(?:^|;)\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]+)', re.IGNORECASE)
_EXTENDED = re.compile(r"(?:^|;)\s*filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)", re.IGNORECASE)
LONGEST_NAME: Final = 200


class Download:
    """An open download: use it in a `with`, and iterate for its pieces of at most 1 MiB as they come, once.

    `size_bytes` is None where the other side does not say it. Iterating raises NodeUnreachable when the file is cut,
    ends early, is silent for too long or takes longer than allowed: what came until then is not the file.
    """

    def __init__(self, name: str, size_bytes: int | None, read: Callable[[], bytes], close: Callable[[], None]) -> None:
        self.name = name
        self.size_bytes = size_bytes
        self._read = read
        self._close = close

    def __enter__(self) -> Download:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._read():
            yield piece

    def close(self) -> None:
        """Let go of the connection, whether or not everything was read."""
        self._close()


def length_of(headers: Mapping[str, str]) -> int | None:
    """How long the body is said to be, in bytes."""
    text = headers.get("content-length", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def name_of(headers: Mapping[str, str], url: str) -> str:
    """The file's name as the other side gives it, else as the address ends; one safe line without slashes."""
    said = _disposed(headers.get("content-disposition", "")) or unquote(urlsplit(url).path)
    name = clean(re.split(r"[/\\]", said)[-1], LONGEST_NAME)
    return name if name.strip(" .") else "download"


def _disposed(header: str) -> str:
    if found := _EXTENDED.search(header):
        return unquote(found[1])
    if not (found := _PLAIN.search(header)):
        return ""
    text = found[1]
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    else:
        text = text.strip('"')
    try:
        return text.encode("latin-1").decode("utf-8")  # `http.client` takes headers for latin-1, Wings sends UTF-8
    except UnicodeError:
        return text
