"""Regular expressions as PHP writes them: `/pattern/flags`."""
from __future__ import annotations

import re
from functools import lru_cache

from portal.demo.errors import crashed

_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_WITHOUT_MEANING_HERE = "uADSXJ"
# What Python spells otherwise.
_TRANSLATED = (
    (r"\z", r"\Z"), (r"\h", r"[ \t]"), (r"\R", r"(?:\r\n|\n|\r)"), ("(?<", "(?P<"),
    ("(?P<=", "(?<="), ("(?P<!", "(?<!"),
    ("[:alnum:]", "a-zA-Z0-9"), ("[:alpha:]", "a-zA-Z"), ("[:digit:]", "0-9"), ("[:upper:]", "A-Z"),
    ("[:lower:]", "a-z"), ("[:xdigit:]", "0-9a-fA-F"), ("[:space:]", r"\s"), ("[:word:]", r"\w"),
)


def matches(pattern: str, text: str) -> bool:
    """`preg_match`; without the flag `u` it looks at bytes.  A pattern that PHP refuses ends in a crash."""
    expression, is_unicode = _compile(pattern)
    if not is_unicode:
        text = _bytewise(text)
    return expression.search(text) is not None


@lru_cache(maxsize=256)
def _compile(pattern: str) -> tuple[re.Pattern[str], bool]:
    pattern = pattern.lstrip()
    delimiter = pattern[:1]
    body, found, flags = pattern[1:].rpartition(_CLOSING.get(delimiter, delimiter)) if delimiter else ("", "", "")
    if not found or delimiter.isalnum() or delimiter == "\\" or set(flags.strip()) - set(_FLAGS) - set(
            _WITHOUT_MEANING_HERE):
        raise crashed("ErrorException")
    for theirs, ours in _TRANSLATED:
        body = body.replace(theirs, ours)
    is_unicode = "u" in flags
    options = re.RegexFlag(0) if is_unicode else re.ASCII
    for flag in flags:
        options |= _FLAGS.get(flag, re.RegexFlag(0))
    if "A" in flags:
        body = rf"\A(?:{body})"
    if "D" in flags and body.endswith("$"):
        body = body[:-1] + r"\Z"
    try:
        return re.compile(body if is_unicode else _bytewise(body), options), is_unicode
    except re.error as error:
        raise crashed("ErrorException") from error


def _bytewise(text: str) -> str:
    return text.encode(errors="surrogatepass").decode("latin-1")
