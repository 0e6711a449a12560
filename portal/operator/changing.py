"""Price and expiry of one or many servers: what a change would do, and doing exactly that.

`plan` works out each server before and after; `token_of` signs the change together with a digest of that. `apply` works
it out again and does nothing unless it comes to the same: what is confirmed is what was shown.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal import clock, mode
from portal.billing.money import Money
from portal.billing.periods import DAY_S, Period, PeriodError, end_of, payable
from portal.operator import fleet, writing
from portal.operator.fleet import Server
from portal.operator.words import moment, period
from portal.operator.writing import Standing, Step
from portal.sweep import forecast
from portal.sweep.forecast import TooMany

FURTHEST_S: Final = 5 * 366 * DAY_S
"""No expiry is set further ahead than this."""


class ChangeError(Exception):
    """A change that there cannot be; the message is a sentence."""


class Stale(ChangeError):
    """Servers are not as the preview showed them, or it is old or used; `change` and `identifiers` make a new one."""

    def __init__(self, change: Change, identifiers: tuple[str, ...], why: str = "") -> None:
        super().__init__(f"{why or 'Some of these servers have changed meanwhile.'} Nothing was done: look again.")
        self.change, self.identifiers = replace(change, made_at=int(clock.now())), identifiers


@dataclass(frozen=True)
class Change:
    """What is to be changed. `price`: keep, set (amount for each period) or free. `expiry`: keep, at (an instant) or
    move (by days); `spread_days` puts the servers whose expiry is set one after another over so many days.

    A server that gets its first price and keeps its expiry expires after one period from `made_at`.
    """

    price: Literal["keep", "set", "free"] = "keep"
    amount_minor: int = 0
    currency: str = ""
    period_count: int = 1
    period_unit: Literal["days", "months"] = "months"
    expiry: Literal["keep", "at", "move"] = "keep"
    at: int = 0
    move_days: int = 0
    spread_days: int = 0
    why: str = ""
    made_at: int = 0


@dataclass(frozen=True)
class Plan:
    """A change worked out. `steps` are the servers that it changes; `skipped` those that it cannot, with the reason.

    `due_at_once` would be overdue the moment it is done, `earlier` lose time, `lifted` are no longer held as unpaid,
    `unpayable` are paid in a currency that their owner's balance is not kept in. `too_many`: more on one day than the
    guard lets expire (R-43); then it cannot be done like this.
    """

    change: Change
    steps: tuple[Step, ...]
    unchanged: int
    skipped: tuple[tuple[Server, str], ...]
    unknown: tuple[str, ...]
    due_at_once: int
    earlier: int
    lifted: int
    unpayable: int
    too_many: TooMany | None
    digest: str

    @property
    def can_be_done(self) -> bool:
        """Whether there is anything to confirm."""
        return bool(self.steps) and self.too_many is None


def plan(change: Change, identifiers: Sequence[str]) -> Plan:
    """Work a change out for servers, named by identifier. Raises ChangeError when it makes no sense for any."""
    if change.price == "keep" and change.expiry == "keep":
        raise ChangeError("Choose a price or an expiry to set.")
    if change.price == "free" and change.expiry != "keep":
        raise ChangeError("A free server never expires: leave the expiry as it is.")
    if len(identifiers) > fleet.MOST:
        raise ChangeError(f"At most {fleet.MOST} servers are changed at once.")
    if change.price == "set":
        _price(change)
    if change.expiry == "at" and change.at > clock.now() + FURTHEST_S:
        raise ChangeError("That is more than five years ahead.")
    servers = fleet.named(identifiers)
    steps, skipped, unchanged = _steps(change, servers)
    found = {one.known.identifier for one in servers}
    unknown = tuple(one for one in dict.fromkeys(identifiers) if one[:8] not in found)
    moved = {
        one.server.known.uuid: one.after.expires_at
        for one in steps
        if one.after.expires_at is not None and one.after.expires_at != one.before.expires_at
    }
    now = int(clock.now())
    return Plan(
        change, tuple(steps), unchanged, tuple(skipped), unknown,
        due_at_once=sum(one <= now for one in moved.values()),
        earlier=sum(_is_earlier(one) for one in steps),
        lifted=sum(one.lifts for one in steps),
        unpayable=writing.unpayable(steps),
        too_many=forecast.too_many(moved.values(), replaced=moved) if len(moved) > 1 else None,
        digest=_digest(change, steps),
    )  # fmt: skip


def token_of(account_id: int | None, shown: Plan) -> str:
    """What the preview hands back: the change, its servers and the digest of what was shown, signed."""
    servers = [one.server.known.identifier for one in shown.steps]
    said = {"by": account_id, "change": asdict(shown.change), "servers": servers, "digest": shown.digest}
    return str(_signer().dumps({**said, "name": secrets.token_hex(8)}))


@dataclass(frozen=True)
class Shown:
    """What a preview showed: the change, its servers, their digest, and the name of the preview."""

    change: Change
    servers: tuple[str, ...]
    digest: str
    name: str


def read_token(account_id: int | None, token: str) -> Shown:
    """What a token stands for. Raises ChangeError for one that is not this person's."""
    try:
        said: dict[str, Any] = dict(_signer().loads(token))
        shown = Shown(Change(**said["change"]), tuple(said["servers"]), str(said["digest"]), str(said["name"]))
        by = said["by"]
    except (BadSignature, TypeError, KeyError, ValueError):
        raise ChangeError("That preview cannot be read: make it again.") from None
    if by != account_id:
        raise ChangeError("That preview was made by somebody else: make it again.")
    return shown


def apply(account_id: int | None, token: str) -> writing.Done:
    """Do what a preview showed, a few servers at a time. Raises ChangeError, Stale; then nothing was done."""
    shown = read_token(account_id, token)
    change = shown.change
    if not 0 <= int(clock.now()) - change.made_at <= writing.GOOD_FOR_S:
        raise Stale(change, shown.servers, "That preview is older than an hour.")
    now = plan(change, shown.servers)
    if now.digest != shown.digest or not now.can_be_done:
        raise Stale(change, shown.servers)
    try:
        return writing.write_steps(
            account_id, now.steps, said=in_words(change), why=change.why, preview=shown.name
        )
    except writing.Used:
        raise Stale(change, shown.servers, "That preview was confirmed before.") from None


def in_words(change: Change) -> str:
    """What a change says, on one line, for the list of changes and the trail."""
    parts = []
    if change.price == "free":
        parts.append("free")
    if change.price == "set":
        amount, each = _price(change)
        parts.append(f"price {amount} for {period(each)}")
    if change.expiry == "at":
        parts.append(f"expiry {moment(change.at)}")
    if change.expiry == "move":
        parts.append(f"expiry moved by {change.move_days} days")
    if change.spread_days and change.price != "free":
        parts.append(f"spread over {change.spread_days} days")
    return ", ".join(parts)


def _price(change: Change) -> tuple[Money, Period]:
    try:
        amount = Money(change.amount_minor, change.currency)
        each = Period(change.period_count, change.period_unit)
        payable(each)
    except ValueError as wrong:
        raise ChangeError(str(wrong)) from None
    if amount.minor <= 0:
        raise ChangeError("A price is more than zero; a server that costs nothing is free.")
    return amount, each


def _steps(change: Change, servers: list[Server]) -> tuple[list[Step], list[tuple[Server, str]], int]:
    steps: list[Step] = []
    skipped: list[tuple[Server, str]] = []
    unchanged, place = 0, 0
    count = sum(one.gone_at is None for one in servers)
    for one in servers:
        try:
            after = _after(change, one, place=place, count=count)
        except (ChangeError, PeriodError) as wrong:
            skipped.append((one, str(wrong)))
            continue
        place += 1
        before = writing.standing(one)
        if before == after:
            unchanged += 1
        else:
            steps.append(Step(one, before, after, _lifts(one, after)))
    return steps, skipped, unchanged


def _after(change: Change, server: Server, *, place: int, count: int) -> Standing:
    if server.gone_at is not None:
        raise ChangeError("the panel has it no more")
    before = writing.standing(server)
    if change.price == "free":
        return Standing("free", None, None, None, 0, None)
    if change.price == "set":
        amount, each = _price(change)
        after = replace(before, kind="priced", amount=amount, period=each)
        if before.kind != "priced":
            end = end_of(change.made_at, each, 1, mode.zone())
            after = replace(after, anchor=change.made_at, periods=1, expires_at=end)
        elif before.period != each:
            after = replace(after, anchor=before.expires_at, periods=0)
    elif before.kind != "priced":
        raise ChangeError("it has no price, and only a price makes an expiry")
    else:
        after = before
    return _moved(change, before, after, place=place, count=count)


def _moved(change: Change, before: Standing, after: Standing, *, place: int, count: int) -> Standing:
    """The standing with its new expiry. A server whose expiry stays is not spread."""
    shift = place * change.spread_days // max(1, count) * DAY_S
    assert after.expires_at is not None
    if change.expiry == "at":
        expires_at = change.at + shift
    elif change.expiry == "move":
        expires_at = after.expires_at + change.move_days * DAY_S + shift
    elif before.kind == "priced" or not shift:
        return after
    else:
        expires_at = after.expires_at + shift
    if expires_at > change.made_at + FURTHEST_S:
        raise ChangeError("that is more than five years ahead")
    if expires_at < 0:
        raise ChangeError("that is before there were such dates")
    if expires_at == before.expires_at and before.kind == "priced" and after.period == before.period:
        return after
    return replace(after, expires_at=expires_at, anchor=expires_at, periods=0)


def _lifts(server: Server, after: Standing) -> bool:
    is_due = after.expires_at is not None and after.expires_at <= clock.now()
    return "unpaid" in server.holds and not is_due


def _is_earlier(step: Step) -> bool:
    before, after = step.before.expires_at, step.after.expires_at
    return before is not None and after is not None and after < before and before > clock.now()


def _digest(change: Change, steps: Sequence[Step]) -> str:
    content = [
        [one.server.known.uuid, repr(one.before), repr(one.after), one.lifts, one.server.auto_renew_by]
        for one in steps
    ]  # fmt: skip
    return hashlib.sha256(json.dumps([asdict(change), content]).encode()).hexdigest()[:32]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="price change")
