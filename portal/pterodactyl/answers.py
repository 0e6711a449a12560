"""From the bytes that came back to a success or to the exception they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.pterodactyl import jsonbody, refusals
from portal.pterodactyl.calls import Answer
from portal.pterodactyl.errors import BadAnswer, PanelError, PanelUnreachable
from portal.pterodactyl.keys import ApiKey

A_PAGE = "a web page came instead of an answer"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status, the kept headers, the content type in lower case and the whole body."""

    status: int
    headers: Mapping[str, str]
    kind: str
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether this is HTML, whatever the content type says."""
        return "html" in self.kind or self.body.lstrip()[:1] == b"<"


def understand(raw: RawAnswer, request: str, key: ApiKey, *, as_text: bool = False) -> Answer | PanelError:
    """A success to an Answer, everything else to the exception it means.

    `as_text`: a success is a plain text, of which nothing but the content type is looked at.
    """
    if not 200 <= raw.status < 300:
        return _refused(raw, request, key)
    if as_text:
        return _text(raw, request)
    if not raw.body.strip():
        return Answer(raw.status, None, raw.headers, request)
    if raw.is_page:
        return PanelUnreachable(A_PAGE, fault="page", status=raw.status, request=request)
    if "json" not in raw.kind:
        return BadAnswer("the answer is not JSON", status=raw.status, request=request)
    try:
        return Answer(raw.status, jsonbody.parse(raw.body), raw.headers, request)
    except (ValueError, OverflowError) as error:
        return BadAnswer(_why(error), status=raw.status, request=request)


def _text(raw: RawAnswer, request: str) -> Answer | PanelError:
    if "html" in raw.kind:
        return PanelUnreachable(A_PAGE, fault="page", status=raw.status, request=request)
    if raw.status != 200 or not raw.kind.startswith("text/plain"):
        return BadAnswer("the answer is not a plain text", status=raw.status, request=request)
    return Answer(raw.status, None, raw.headers, request, raw.body)


def _refused(raw: RawAnswer, request: str, key: ApiKey) -> PanelError:
    if raw.status < 300:
        return BadAnswer("the panel never says this", status=raw.status, request=request)
    if raw.status < 400:
        return BadAnswer("the panel redirected the call", happened=False, status=raw.status, request=request)
    if raw.status < 500 and raw.status not in (*refusals.TOO_LONG, 429) and raw.is_page:
        return PanelUnreachable(A_PAGE, fault="page", status=raw.status, request=request)
    try:
        document = jsonbody.parse(raw.body.replace(key.secret.encode("ascii"), b"[key]"))
    except (ValueError, OverflowError):
        document = None
    refusal = refusals.read_refusal(raw.status, document, raw.headers, request)
    if refusal is None:
        return refusals.without_envelope(raw.status, raw.headers, request)
    return refusals.meaning(refusal)


def _why(error: Exception) -> str:
    """A sentence for the log that quotes nothing of the answer."""
    if isinstance(error, UnicodeError):
        return "the answer is not valid Unicode"
    return "the answer is not valid JSON"
