"""What a signed request asks for: its body, read by hand and strictly, as JSON or as a form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from portal.billing.money import Money, MoneyError, parse
from portal.credit import service
from portal.credit.service import Credited, CreditError

LONGEST_BODY = 4096
NEEDED = ("account", "amount", "currency", "reference")
KNOWN = (*NEEDED, "note")


class BadBody(Exception):
    """The body is not what docs/credit.md says; the message is a sentence."""


@dataclass(frozen=True)
class Wanted:
    """A credit that somebody asks for."""

    account: str
    amount: Money
    reference: str
    note: str


def read(body: bytes, mimetype: str) -> Wanted:
    """What a body asks for. Raises BadBody; CreditError for an amount or a currency that there cannot be."""
    fields = _form(body) if mimetype == "application/x-www-form-urlencoded" else _object(body)
    unknown = sorted(set(fields) - set(KNOWN))
    if unknown:
        raise BadBody(f"There is no field {unknown[0][:40]}; there are {', '.join(KNOWN)}.")
    for name in NEEDED:
        if name not in fields:
            raise BadBody(f"The field {name} is missing.")
    try:
        amount = parse(fields["amount"], fields["currency"])
    except MoneyError as wrong:
        raise CreditError("amount", str(wrong)) from None
    return Wanted(fields["account"], amount, fields["reference"], fields.get("note", ""))


def carry_out(wanted: Wanted) -> Credited:
    """Do it. Raises CreditError."""
    account = service.payee(wanted.account)
    return service.credit(
        account.id, wanted.amount, wanted.reference, by=None, source="program", note=wanted.note
    )


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=10,
                          errors="strict")  # fmt: skip
    except ValueError:
        raise BadBody("The body is no form that can be read.") from None
    return _once(pairs)


def _object(body: bytes) -> dict[str, str]:
    def plain(value: str) -> Any:
        raise BadBody(f'Numbers such as {value[:20]} are written as text: "12.50".')

    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_float=plain, parse_int=plain, parse_constant=plain
        )
    except (ValueError, RecursionError):
        raise BadBody("The body is no JSON object that can be read.") from None
    if not isinstance(found, dict):
        raise BadBody("The body is no JSON object.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, str]:
    """Fields that stand there once, each a text. Raises BadBody."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadBody("A field stands there twice.")
    for name, value in pairs:
        if not isinstance(value, str):
            raise BadBody(f"The field {name[:40]} must be a text.")
    return fields
