"""Scenarios of the host's books: money in, corrections, prices, expiry, and servers taken over."""

from __future__ import annotations

from collections.abc import Iterator

from portal import clock
from portal.billing import terms
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.credit import importing
from portal.credit import service as credits
from portal.credit.importing import Entry, Outcome
from portal.credit.service import CreditError
from portal.operator import changing, fleet, writing
from portal.operator.changing import Change
from portal.store import write
from portal.sweep import confirming
from tests.faults.acknowledged import Effect
from tests.faults.lane import Side
from tests.faults.scene import MUCH, Parts, balance, calm, nothing, number, says, trail
from tests.support import money
from tests.support.money import DAY_S

CHANGED = "what = 'term' AND why LIKE 'change %'"


def credited() -> Parts:
    def act(side: Side) -> None:
        for one in range(4):
            side.step(f"credit {one}", lambda: _credit(side, f"bank {one}", 100 + one))  # noqa: B023

    def effects(side: Side) -> Iterator[Effect]:
        for one in range(4):
            yield _entry_of(side, f"credit {one}", f"credit:bank {one}", 100 + one)

    def expect(side: Side) -> Iterator[str]:
        more = balance(side.notes["owner"]) - MUCH
        yield from says(more == 406, f"{more} came in, and not 406")

    return calm, act, act, effects, expect


def _entry_of(side: Side, act: str, key: str, minor: int) -> Effect:
    """A row of the ledger, its line of the trail, and that the balance after it is the sum up to it."""
    mine = "FROM ledger_entry AS mine WHERE idempotency_key = :key AND amount_minor = :minor"
    upto = "SELECT sum(amount_minor) FROM ledger_entry WHERE account_id = mine.account_id AND number <= mine.number"
    found = {
        "entries": number(f"SELECT count(*) {mine}", key=key, minor=minor),
        "balances": number(f"SELECT count(*) {mine} AND balance_after = ({upto})", key=key, minor=minor),
        "lines of the trail": trail(side, "what = 'ledger' AND after LIKE :key", key=f'%"{key}"%'),
    }
    return Effect(act, found)


def _credit(side: Side, reference: str, minor: int) -> None:
    credits.credit(side.notes["owner"], Money(minor, "EUR"), reference, by=None, source="command")


def corrected() -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        _credit(side, "wrong", 300)
        side.notes["wrong"] = number("SELECT max(id) FROM ledger_entry")

    def act(side: Side) -> None:
        for nth, minor in enumerate((100, 150)):
            side.step(f"correct {nth}", lambda: _correct(side, nth, minor), but=(CreditError,))  # noqa: B023

    def effects(side: Side) -> Iterator[Effect]:
        for nth, minor in enumerate((100, 150)):
            yield _entry_of(side, f"correct {nth}", f"correction:{side.notes['wrong']}:{nth + 1}", -minor)

    def expect(side: Side) -> Iterator[str]:
        more = balance(side.notes["owner"]) - MUCH
        yield from says(more == 50, f"{more} are left of the wrong credit, and not 50")

    return prepare, act, act, effects, expect


def _correct(side: Side, nth: int, minor: int) -> None:
    credits.correct(side.notes["wrong"], Money(minor, "EUR"), "too much", by=None, after=nth)


def bank_file_posted() -> Parts:
    def act(side: Side) -> None:
        listed = [
            Entry(one, side.notes["owner" if one % 2 else "subuser"], Money(1000 + one, "EUR"), f"file {one}", "")
            for one in range(6)
        ]
        side.step("post", lambda: _posted(importing.post(listed, side.notes["admin"])))

    def effects(side: Side) -> Iterator[Effect]:
        for one in range(6):
            yield _entry_of(side, "post", f"credit:file {one}", 1000 + one)

    def expect(side: Side) -> Iterator[str]:
        more = balance(side.notes["owner"]) + balance(side.notes["subuser"]) - 2 * MUCH
        yield from says(more == 6015, f"{more} came in, and not 6015")

    return calm, act, act, effects, expect


def _posted(done: Outcome) -> None:
    """The page names each row that was refused: then the whole was not acknowledged."""
    if done.failed:
        raise RuntimeError(str(done.failed))


# --- prices and expiry


def prices_changed(change: Change, count: int) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        first = terms.of(side.fleet.uuids[0])
        assert first is not None
        assert first.expires_at is not None
        side.notes["moved"] = first.expires_at + change.move_days * DAY_S

    def chosen(side: Side) -> list[str]:
        return [uuid[:8] for uuid in side.fleet.uuids[:count]]

    def plan(side: Side) -> changing.Plan:
        made = Change(**{**change.__dict__, "made_at": int(clock.now())})
        return changing.plan(made, chosen(side))

    def act(side: Side) -> None:
        def apply() -> None:
            shown = plan(side)
            if shown.steps:
                changing.apply(side.notes["admin"], changing.token_of(side.notes["admin"], shown))

        side.step("change", apply)
        side.step("confirm", lambda: confirming.confirm(side.notes["admin"]))

    def effects(side: Side) -> Iterator[Effect]:
        yield Effect("change", {"servers": there(side), "lines of the trail": trail(side, CHANGED)}, count)
        yield Effect("confirm", {"lines of the trail": trail(side, "what = 'confirm'")})

    def there(side: Side) -> int:
        if change.expiry == "move":
            mine = "SELECT count(*) FROM term WHERE server_uuid = :uuid AND expires_at = :until"
            return number(mine, uuid=side.fleet.uuids[0], until=side.notes["moved"])
        if change.price == "free":
            return number("SELECT count(*) FROM term WHERE kind = 'free'")
        return number("SELECT count(*) FROM price WHERE amount_minor = :minor", minor=change.amount_minor)

    def expect(side: Side) -> Iterator[str]:
        yield from says(there(side) <= count, f"{there(side)} servers were changed, and not {count}")
        if change.expiry == "keep":
            yield from says(not plan(side).steps, "the change is not there in whole")
        priced = number("SELECT count(*) FROM term WHERE kind = 'priced'")
        yield from says(priced == 24 - (count if change.price == "free" else 0), f"{priced} servers have a price")

    again = act if change.expiry == "keep" else nothing
    return prepare, act, again, effects, expect


def prices_undone() -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        made = Change(price="set", amount_minor=700, currency="EUR", made_at=int(clock.now()))
        shown = changing.plan(made, [uuid[:8] for uuid in side.fleet.uuids])
        changing.apply(side.notes["admin"], changing.token_of(side.notes["admin"], shown))

    def act(side: Side) -> None:
        last = writing.last()
        if last is not None and last.can_be_undone:
            side.step("undo", lambda: writing.undo(side.notes["admin"], last.id))

    def left() -> int:
        return number("SELECT count(*) FROM term JOIN price ON price.id = price_id WHERE amount_minor = 700")

    def effects(side: Side) -> Iterator[Effect]:
        undone = trail(side, "what = 'term' AND why LIKE 'undo of change %'")
        yield Effect("undo", {"servers": 24 - left(), "lines of the trail": undone}, 24)

    def expect(_side: Side) -> Iterator[str]:
        yield from says(left() == 0, f"{left()} prices are not undone")

    return prepare, act, act, effects, expect


# --- taking over


def taken_over(count: int) -> Parts:
    def prepare(side: Side) -> None:
        side.fleet.sync()
        side.notes["admin"] = money.account_id(side.world, "admin")

    def act(side: Side) -> None:
        said = ["data", "migrate-servers", "--yes", "--days", "30", "--price", "5", "--limit", str(count)]
        said += ["--spread", "28"]
        left = count - number("SELECT count(*) FROM term")
        if left > 0:
            said[said.index("--limit") + 1] = str(left)
            side.step("migrate", lambda: _command(side, *said))

    def effects(side: Side) -> Iterator[Effect]:
        found = {
            "servers": number("SELECT count(*) FROM term WHERE kind = 'priced' AND auto_renew_by IS NULL"),
            "prices": number("SELECT count(*) FROM price"),
            "servers of the trail": number("SELECT count(DISTINCT server_uuid) FROM audit_change WHERE what = 'term'"),
        }
        yield Effect("migrate", found, count)

    def expect(side: Side) -> Iterator[str]:
        made = number("SELECT count(*) FROM term WHERE kind = 'priced'")
        yield from says(made == count, f"{made} were imported and not {count}")
        yield from says(side.ask("writes") == [], "the panel was written to")

    return prepare, act, act, effects, expect


def _command(side: Side, *said: str) -> None:
    done = side.world.app.test_cli_runner().invoke(args=list(said))
    if done.exit_code:
        raise RuntimeError(done.output[-300:])


def priced_one_by_one() -> Parts:
    """One server after the other, each with its own price, as a script of the host does it."""

    def act(side: Side) -> None:
        for place, uuid in enumerate(side.fleet.uuids[:4]):
            side.step(f"price {place}", lambda: _price(uuid, 900 + place))  # noqa: B023

    def effects(side: Side) -> Iterator[Effect]:
        for place, uuid in enumerate(side.fleet.uuids[:4]):
            mine = {"uuid": uuid, "minor": 900 + place}
            is_it = "SELECT count(*) FROM term JOIN price ON price.id = price_id WHERE term.server_uuid = :uuid"
            found = {
                "prices": number(
                    "SELECT count(*) FROM price WHERE server_uuid = :uuid AND amount_minor = :minor", **mine
                ),
                "servers": number(f"{is_it} AND amount_minor = :minor", **mine),
                "lines of the trail": trail(side, "what = 'term' AND server_uuid = :uuid", uuid=uuid),
            }
            yield Effect(f"price {place}", found)

    def expect(side: Side) -> Iterator[str]:
        shown = [terms.of(uuid) for uuid in side.fleet.uuids[:4]]
        costs = [one.price.amount.minor for one in shown if one is not None and one.price is not None]
        yield from says(costs == [900, 901, 902, 903], f"the prices are {costs}")

    return calm, act, act, effects, expect


def _price(uuid: str, minor: int) -> None:
    server = fleet.one(uuid[:8])
    assert server is not None
    with write() as session:
        terms.set_price_in(session, server.known, Money(minor, "EUR"), Period(30, "days"), by=None, why="test")
