"""The three questions about each server, and the answers to them that the command line gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import click

from portal import mode
from portal.billing.money import Money, MoneyError, parse
from portal.billing.periods import Period, PeriodError
from portal.data.candidates import Candidate
from portal.data.wishes import FREE, Wish, days_in, wish

DEFAULT_DAYS = 30
Price = Money | Literal["free"]


@dataclass(frozen=True)
class Given:
    """Answers that are not asked for; None: ask."""

    is_yes: bool
    days: int | None
    price: Price | None


def ask(candidate: Candidate, given: Given, *, later_days: int = 0) -> Wish | None:
    """Ask what is not given; None when the server is not to be taken over. Raises click.Abort at the end of answers."""
    question = f"Do you want to migrate server {candidate.title}?"
    if not given.is_yes and not click.confirm(question, default=True):
        return None
    days = given.days or (DEFAULT_DAYS if given.is_yes else _ask_days())
    price = _ask_price() if given.price is None else given.price
    return wish(candidate, price, Period(days, "days"), later_days=later_days)


def _ask_days() -> int:
    text = "How long should the server be active? (in days)"
    days: int = click.prompt(text, default=str(DEFAULT_DAYS), value_proc=_days)
    return days


def _ask_price() -> Price:
    text = f"How much should the server cost? ({mode.currency()})"
    price: Price = click.prompt(text, default="", show_default=False, value_proc=price_in)
    return price


def price_in(text: str) -> Price:
    """The amount that somebody typed, or that it is free. Raises click.BadParameter with the reason."""
    if text.strip().lower() == FREE:
        return "free"
    try:
        return parse(text, mode.currency())
    except MoneyError as wrong:
        hint = "" if text.strip(" 0.,") else " Type free for a server that costs nothing."
        raise click.BadParameter(f"{wrong}{hint}") from None


def _days(text: str) -> int:
    try:
        return days_in(text)
    except PeriodError as wrong:
        raise click.BadParameter(str(wrong)) from None
