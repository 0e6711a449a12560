"""Scenarios of people and of the background process that pay for servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal import clock
from portal.billing import auto, ledger, renewing, switching, terms
from portal.billing.ledger import Posting
from portal.billing.money import Money
from portal.billing.renewing import AlreadyRenewed
from portal.store import write
from tests.faults.acknowledged import Effect
from tests.faults.lane import Side
from tests.faults.scene import (
    MUCH,
    PRICE,
    Parts,
    balance,
    calm,
    no_acts,
    number,
    overdue,
    says,
    tell_trail,
    trail,
)
from tests.faults.settling import chores, settle

KNOWN = (AlreadyRenewed,)


def renewed(periods: int, *people: str) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        shown = terms.of(side.fleet.uuids[0])
        assert shown is not None
        wanted = renewing.offer(shown, periods)
        side.notes["until"] = wanted.to_expiry
        side.notes["tokens"] = [(side.notes[one], renewing.token_of(side.notes[one], wanted)) for one in people]

    def act(side: Side) -> None:
        for account, token in side.notes["tokens"]:
            side.step(f"renew {account}", lambda: renewing.renew(account, token), but=KNOWN)  # noqa: B023
        chores(side, "dispatch", "mail")

    def effects(side: Side) -> Iterator[Effect]:
        for account, _ in side.notes["tokens"]:
            yield renewal_of(side, f"renew {account}", account, periods)

    def expect(side: Side) -> Iterator[str]:
        spent = sum(MUCH - balance(account) for account, _ in side.notes["tokens"])
        yield from says(spent == periods * PRICE, f"{spent} were charged for {periods} periods")
        shown = terms.of(side.fleet.uuids[0])
        yield from says(shown is not None and shown.expires_at == side.notes["until"], "the expiry is another one")
        yield from says(number("SELECT count(*) FROM renewal") == 1, "there is not one renewal")

    return prepare, act, act, effects, expect


def renewal_of(side: Side, act: str, account: int, periods: int = 1, **more: int) -> Effect:
    """What one renewal of the first server by an account leaves in the store."""
    who = {"account": account, "uuid": side.fleet.uuids[0]}
    mine = "FROM renewal WHERE account_id = :account AND server_uuid = :uuid AND NOT is_automatic"
    charge = "FROM ledger_entry WHERE kind = 'charge' AND account_id = :account AND amount_minor = :minor"
    until = f"SELECT count(*) FROM term WHERE server_uuid = :uuid AND expires_at = (SELECT to_expiry {mine})"
    found = {
        "renewals": number(f"SELECT count(*) {mine}", **who),
        "charges": number(f"SELECT count(*) {charge}", account=account, minor=-periods * PRICE),
        "times the price": (MUCH - balance(account)) // (periods * PRICE),
        "expiries": number(until, **who),
        "lines of the trail": trail(
            side, "what = 'term' AND why = 'renewed' AND account_id = :account AND server_uuid = :uuid", **who
        ),
    }
    return Effect(act, found | more)


def renewed_in_browser() -> Parts:
    """The same over the pages, as somebody clicks them."""
    prepare, _, _, _, expect = renewed(1, "owner")

    def act(side: Side) -> None:
        address = f"/servers/{side.fleet.uuids[0][:8]}/billing"
        browser = side.world.browser("owner")
        _, token = side.notes["tokens"][0]
        side.look("look", lambda: _whole(browser.get(address)))
        side.step("renew", lambda: _whole(browser.post(f"{address}/renew", data={"token": token})))
        side.step("switch", lambda: _whole(browser.post(f"{address}/auto", data={"wanted": "on"})))
        side.look("balance", lambda: _whole(browser.get("/balance")))

    def again(side: Side) -> None:
        for account, token in side.notes["tokens"]:
            side.step("renew", lambda: renewing.renew(account, token), but=KNOWN)  # noqa: B023

    def effects(side: Side) -> Iterator[Effect]:
        owner = side.notes["owner"]
        yield renewal_of(side, "renew", owner)
        switched = {
            "servers": number("SELECT count(*) FROM term WHERE auto_renew_by = :owner", owner=owner),
            "lines of the trail": trail(side, "what = 'term' AND why = 'automatic renewal'"),
        }
        yield Effect("switch", switched)

    return prepare, act, again, effects, expect


def _whole(answer: Any) -> None:
    if answer.status_code >= 400:
        raise RuntimeError(f"answered {answer.status_code}")


def renewed_by_itself(count: int, funds: int) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        chosen = side.fleet.uuids[:count]
        side.fleet.expire(chosen, int(clock.now()) + 12 * 3600)
        tell_trail(side)
        for uuid in chosen:
            switching.switch_auto(side.notes["owner"], uuid, wanted=True)
        taken = Money(funds - MUCH, "EUR")
        if taken.minor:
            with write() as session:
                ledger.post_in(session, Posting(side.notes["owner"], "correction", taken, "taken", note="test"))

    def act(side: Side) -> None:
        side.world.clock.advance(300)
        chores(side, "directory", "sweep", "mail")

    def again(side: Side) -> None:
        """What failed oddly waits for hours, so that it does not fail with every round."""
        side.world.clock.advance(auto.AGAIN_S)

    def expect(side: Side) -> Iterator[str]:
        can = min(count, funds // PRICE)
        had = balance(side.notes["owner"])
        yield from says(had == funds - can * PRICE, f"{funds - had} were charged for {can} servers")
        made = number("SELECT count(*) FROM renewal WHERE is_automatic")
        yield from says(made == can, f"{made} were renewed and not {can}")
        told = number("SELECT count(*) FROM mail WHERE kind IN ('renewed', 'not_renewed')")
        yield from says(told == count, f"{told} messages for {count} servers")

    return prepare, act, again, no_acts, expect


def paid_again() -> Parts:
    """A suspended server is paid, comes back and is started."""

    def prepare(side: Side) -> None:
        calm(side)
        overdue(side, 2)
        side.fleet.sweep()
        settle(side)
        shown = terms.of(side.fleet.uuids[0])
        assert shown is not None
        side.notes["token"] = renewing.token_of(side.notes["owner"], renewing.offer(shown, 1))

    def renew(side: Side) -> None:
        side.step("renew", lambda: renewing.renew(side.notes["owner"], side.notes["token"]), but=KNOWN)

    def act(side: Side) -> None:
        renew(side)
        chores(side, "dispatch", "reconcile", "directory")

    def effects(side: Side) -> Iterator[Effect]:
        uuid = side.fleet.uuids[0]
        released = "SELECT count(*) FROM hold WHERE server_uuid = :uuid AND release_reason = 'paid'"
        wished = "SELECT count(DISTINCT server_uuid) FROM intent WHERE server_uuid = :uuid AND NOT wants_suspended"
        more = {"released holds": number(released, uuid=uuid), "wishes": number(wished, uuid=uuid)}
        yield renewal_of(side, "renew", side.notes["owner"], **more)

    def expect(side: Side) -> Iterator[str]:
        held = [uuid for uuid, status in side.ask("look").items() if status == "suspended"]
        yield from says(held == [side.fleet.uuids[1]], f"suspended are {held}")
        yield from says(balance(side.notes["owner"]) == MUCH - PRICE, "it was not charged once")
        started = [one for one in side.ask("writes") if one.endswith("/power")]
        yield from says(len(started) <= 1, f"it was started {len(started)} times")

    return prepare, act, renew, effects, expect
