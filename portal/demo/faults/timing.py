"""Faults of time: an answer that is late, never comes, or comes byte by byte."""
from __future__ import annotations

import math

from portal.demo.faults.exchange import Answer, Ask, Exchange
from portal.demo.wire import Cut

_TAIL = 1.16
"""The exponent of the heavy tail: one in five waits is longer than four times the shortest."""


def latency(exchange: Exchange, ask: Ask) -> Answer:
    exchange.wait(_seconds(exchange))
    return ask()


def _seconds(exchange: Exchange) -> float:
    low, high = float(exchange.settings["seconds"]), float(exchange.settings["most"])
    kind = exchange.settings["distribution"]
    if kind == "uniform":
        return exchange.chance.between(low, max(low, high))
    if kind == "heavy":
        longer: float = (1 - exchange.chance.between(0, 0.999999)) ** (-1 / _TAIL)
        return min(low * longer, max(low, high))
    return low


def hang(exchange: Exchange, ask: Ask) -> Answer:
    exchange.have_effect(ask)
    exchange.wait(math.inf)
    raise Cut("fin")


def drip(exchange: Exchange, ask: Ask) -> Answer:
    answer, seconds = ask(), float(exchange.settings["seconds"])
    wire = exchange.wire
    if wire is not None:
        wire.pause = lambda: exchange.wait(seconds)
        return answer
    body = answer.read()
    exchange.wait(seconds * len(body))
    answer.body = [body]
    return answer
