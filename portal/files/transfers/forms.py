"""What a browser without script sends: a form whose last field is the file.

The form does not say how long the file is: that is what its whole length leaves over. Should that be wrong (a field
after the file, another way to end lines), the node gets a form that breaks off, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Event, Field, File, MultipartDecoder

from portal.files.transfers.framing import BadUpload
from portal.files.transfers.incoming import Incoming
from portal.pterodactyl.multipart import PIECE
from portal.web.i18n import _

LONGEST_HEAD = 64 * 1024
"""Bytes; all that may stand before the file."""
MOST_PARTS = 20
"""Fields and the file together; a form of ours has three fields."""
LONGEST_BOUNDARY = 70
"""Characters; RFC 2046."""


@dataclass(frozen=True)
class Form:
    """The fields before the file, the file's name as the browser says it, its supposed length, and its bytes."""

    fields: dict[str, str]
    filename: str
    size_bytes: int
    file: FileOfForm | None

    @classmethod
    def empty(cls, fields: Mapping[str, str] = MappingProxyType({})) -> Form:
        """A form without a file."""
        return cls(dict(fields), "", 0, None)


class FileOfForm:
    """A file's bytes out of a form, as they come in. `is_begun` and `is_cut` as for Incoming."""

    def __init__(self, body: Incoming, events: Iterator[Event]) -> None:
        self._body = body
        self._events = events
        self._ready = b""
        self._has_more = True
        self.is_begun = False

    @property
    def is_cut(self) -> bool:
        """Whether the browser stopped before the form's end."""
        return self._body.is_cut

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end. Raises BadUpload for a form that breaks off, or goes on afterwards."""
        self.is_begun = True
        while not self._ready and self._has_more:
            self._ready = self._next()
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece

    def _next(self) -> bytes:
        event = next(self._events, None)
        if not isinstance(event, Data):
            raise BadUpload(_("The form was cut off."))
        self._has_more = event.more_data
        if not self._has_more and next(self._events, None) is not None:
            raise BadUpload(_("The form holds something after the file."))
        return event.data


def read_form(body: Incoming, content_type: str) -> Form:
    """The form up to its file. Raises BadUpload for one that has none, is broken, or long before the file begins."""
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        raise BadUpload(_("The form cannot be read."))
    decoder = MultipartDecoder(boundary.encode(), LONGEST_HEAD + PIECE, max_parts=MOST_PARTS)
    whole = body.left
    events = _events(decoder, body)
    fields: dict[str, str] = {}
    try:
        for event in events:
            if whole - body.left - len(decoder.buffer) > LONGEST_HEAD:
                raise ValueError("too much stands before the file")
            if isinstance(event, Field):
                fields[event.name] = _value(events)
            elif isinstance(event, File):
                # What is not decoded yet begins with the empty line before the file.
                after = len(decoder.buffer) + body.left - len("\r\n")
                size = after - len(f"\r\n--{boundary}--\r\n")
                return Form(fields, event.filename, max(0, size), FileOfForm(body, events))
    except (ValueError, RequestEntityTooLarge):
        raise BadUpload(_("The form cannot be read.")) from None
    raise BadUpload(_("Choose a file first."))


def _events(decoder: MultipartDecoder, body: Incoming) -> Iterator[Event]:
    """What the form holds, one after the other, up to the end of its last field; waits for the browser in between."""
    while True:
        event = decoder.next_event()
        if event is not NEED_DATA:
            yield event
            continue
        piece = body.take(PIECE)
        if not piece:
            return
        decoder.receive_data(piece)


def _value(events: Iterator[Event]) -> str:
    """The value of the field that was just met."""
    value = b""
    for event in events:
        if not isinstance(event, Data):
            break
        value += event.data
        if len(value) > LONGEST_HEAD:
            break
        if not event.more_data:
            return value.decode(errors="strict")
    raise ValueError("a field without an end")
