"""Which texts are e-mail addresses by RFC 5322: a name without a dot behind it is a domain too."""
from __future__ import annotations

import re

_ATOM = r"[^\x00-\x20\x7f()<>\[\]:;@\\,.\"]+"
_QUOTED = r"\"(?:[^\x00\x0a\x0d\x80-\uffff\"\\]|\\[\x01-\x7f])*\""
_COMMENT = r"(?:\([^()]*\))?"
_LOCAL = rf"{_COMMENT}(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED}){_COMMENT}"
_REFUSED = r"\x00-\x20\x7f()<>\[\]:;@\\,.\"'`/"
_LABEL = rf"[^{_REFUSED}\-](?:[^{_REFUSED}]{{0,61}}[^{_REFUSED}\-])?"
_LITERAL = r"\[(?:IPv6:[0-9a-f:.]+|\d{1,3}(?:\.\d{1,3}){3})\]"
_ADDRESS = re.compile(rf"{_LOCAL}@{_COMMENT}(?P<domain>{_LABEL}(?:\.{_LABEL})*|{_LITERAL}){_COMMENT}", re.IGNORECASE)
_LONGEST_DOMAIN = 253


def is_email(text: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(found["domain"]) <= _LONGEST_DOMAIN
