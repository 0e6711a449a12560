"""The signature of a program that credits: HMAC-SHA256 with `credit_key` over the time, a point and the body.

    Roost-Timestamp: 1767225600
    Roost-Signature: sha256=<64 hexadecimal digits>

It is good for five minutes to either side. Whoever catches a request and sends it again within them reaches the same
reference, which credits once.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from portal import clock

WINDOW_S = 300
TIME_HEADER = "Roost-Timestamp"
SIGNATURE_HEADER = "Roost-Signature"


def sign(key: str, timestamp: int, body: bytes) -> str:
    """The value of the signature's header."""
    return f"sha256={hmac.new(key.encode(), b'%d.' % timestamp + body, hashlib.sha256).hexdigest()}"


def is_right(key: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether a request was signed with the key, just now, for exactly this body. Takes as long whatever is wrong."""
    said = int(timestamp) if re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII) else 0
    is_same = hmac.compare_digest(sign(key, said, body).encode(), signature.encode("utf-8", "replace"))
    return is_same and str(said) == timestamp and abs(clock.now() - said) <= WINDOW_S
