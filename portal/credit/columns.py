"""Which column of a bank's file is what: by the names that banks give them, or by those that an administrator gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.credit.table import BadFile, Line

_HEAD = 60
NAMES: dict[str, tuple[str, ...]] = {
    "date": (
        "date", "booking date", "transaction date", "completed date", "date completed (utc)", "value date", "datum",
        "buchungstag", "buchungsdatum", "buchung", "valutadatum", "wertstellung", "date operation", "fecha", "data",
        "boekdatum",
    ),
    "amount": (
        "amount", "paid in", "money in", "credit", "credit amount", "deposit", "betrag", "betrag (eur)", "umsatz",
        "gutschrift", "haben", "montant", "importe", "importo", "bedrag", "bedrag (eur)", "amount (eur)",
        "amount (usd)", "amount (gbp)", "total amount",
    ),
    "text": (
        "reference", "description", "details", "purpose", "payment reference", "message", "memo", "narrative",
        "remittance information", "verwendungszweck", "vorgang/verwendungszweck", "buchungstext", "libelle", "concepto",
        "causale", "mededelingen", "omschrijving", "naam / omschrijving",
    ),
    "payer": (
        "name", "payer", "payer name", "partner name", "counterparty", "sender", "auftraggeber", "zahlungspflichtige*r",
        "auftraggeber/empfaenger", "auftraggeber / beguenstigter", "beguenstigter/zahlungspflichtiger",
        "name zahlungsbeteiligter", "name of payer",
    ),
    "currency": ("currency", "waehrung", "devise", "moneda", "divisa", "payment currency"),
    "id": (
        "transaction id", "transactionid", "bank transaction id", "transaction reference", "unique id", "fitid",
        "umsatz-id", "transaktions-id", "transaktionsnummer",
    ),
    "direction": (
        "soll/haben", "s/h", "soll-/haben-kennzeichen", "direction", "debit/credit", "credit/debit", "cr/dr", "dr/cr",
        "af bij", "kennzeichen",
    ),
    "state": ("state", "status"),
}  # fmt: skip
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})


@dataclass(frozen=True)
class Columns:
    """Where each thing stands, counted from 0. Texts may stand in several columns; what is None is not there."""

    date: int
    amount: int
    text: tuple[int, ...]
    payer: int | None = None
    currency: int | None = None
    id: int | None = None
    direction: int | None = None
    state: int | None = None


@dataclass(frozen=True)
class Chosen:
    """Names of columns that an administrator gave; an empty one is found out."""

    date: str = ""
    amount: str = ""
    text: str = ""
    id: str = ""

def find(lines: Sequence[Line], chosen: Chosen) -> tuple[Columns, int]:
    """The columns, and how many rows the file has up to its head. Raises BadFile with the names that there are."""
    for place, line in enumerate(lines[:_HEAD]):
        found = _columns([_plain(cell) for cell in line.cells], chosen)
        if found is not None:
            return found, place + 1
    widest = max(lines[:_HEAD], key=lambda one: sum(bool(cell) for cell in one.cells))
    names = ", ".join(cell[:40] for cell in widest.cells if cell)
    raise BadFile(
        f"The file has no row that names a column for the date, one for the amount and one for the text. "
        f"Say which they are; it has: {names[:600]}."
    )


def _columns(head: list[str], chosen: Chosen) -> Columns | None:
    places: dict[str, list[int]] = {}
    for part, names in NAMES.items():
        given = _plain(getattr(chosen, part, ""))
        places[part] = [place for place, name in enumerate(head) if (name == given if given else name in names)]
        if given and not places[part]:
            return None
    if not (places["date"] and places["amount"] and places["text"]):
        return None
    if len(places["amount"]) > 1:
        raise BadFile("More than one column could be the amount: say which is.")
    first = {part: found[0] if found else None for part, found in places.items()}
    return Columns(
        date=places["date"][0], amount=places["amount"][0], text=tuple(places["text"]), payer=first["payer"],
        currency=first["currency"], id=first["id"], direction=first["direction"], state=first["state"],
    )  # fmt: skip


def _plain(name: str) -> str:
    return " ".join(name.lower().translate(_PLAIN).split())
