"""Faults that break: connections that end, statuses that say no, and addresses that lead elsewhere."""
from __future__ import annotations

import json
from http import HTTPStatus

from portal.demo.faults.exchange import Answer, Ask, Exchange
from portal.demo.wire import Cut


def refuse(_exchange: Exchange, _ask: Ask) -> Answer:
    """Where it has an address of its own, that listens no more meanwhile; who gets here has no socket."""
    raise Cut


def reset(exchange: Exchange, ask: Ask) -> Answer:
    exchange.have_effect(ask)
    raise Cut(exchange.settings["ending"])


def cut(exchange: Exchange, ask: Ask) -> Answer:
    """After the effect, in the middle of the answer.  Without a socket there is no middle: all of it is lost."""
    answer, wire = ask(), exchange.wire
    if wire is None:
        answer.discard()
        raise Cut(exchange.settings["ending"])
    wire.cut_at, wire.ending = exchange.settings["at"], exchange.settings["ending"]
    return answer


def status(exchange: Exchange, ask: Ask) -> Answer:
    exchange.have_effect(ask)
    return _refusal(exchange, exchange.settings["status"], exchange.settings["code"], exchange.settings["detail"])


def throttle(exchange: Exchange, _ask: Ask) -> Answer:
    answer = _refusal(exchange, 429, "ThrottleRequestsException", "Too Many Attempts.")
    retry_after = exchange.settings["retry_after"]
    if retry_after:
        answer.headers.append(("Retry-After", retry_after))
    return answer


def redirect(exchange: Exchange, _ask: Ask) -> Answer:
    to = exchange.settings["to"]
    page = f'<!DOCTYPE html><title>Redirecting to {to}</title><a href="{to}">{to}</a>'
    return _answer(exchange.settings["status"], page, "text/html; charset=utf-8", [("Location", to)])


def _refusal(exchange: Exchange, number: int, code: str, detail: str) -> Answer:
    """In the form of whoever is asked: the panel's list of errors, Wings' object, S3's XML; or a bare page."""
    detail = detail or _phrase(number)
    form = exchange.settings["form"]
    if form == "html":
        page = (f"<html>\r\n<head><title>{number} {_phrase(number)}</title></head>\r\n<body>\r\n"
                f"<center><h1>{number} {_phrase(number)}</h1></center>\r\n</body>\r\n</html>\r\n")
        return _answer(number, page, "text/html")
    if form == "empty":
        return _answer(number, "", "text/html")
    if exchange.knob.where == "store":
        return _answer(number, f"<Error><Code>{code}</Code><Message>{detail}</Message></Error>", "application/xml")
    if exchange.knob.where == "node":
        return _answer(number, json.dumps({"error": detail}), "application/json; charset=utf-8")
    entry = {"code": code, "status": str(number), "detail": detail}
    return _answer(number, json.dumps({"errors": [entry]}), "application/json")


def _answer(number: int, text: str, content_type: str, more: list[tuple[str, str]] | None = None) -> Answer:
    body = text.encode()
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), *(more or [])]
    return Answer(f"{number} {_phrase(number)}", headers, [body])


def _phrase(number: int) -> str:
    try:
        return HTTPStatus(number).phrase
    except ValueError:
        return "Unknown"
