"""Balance and statement: theirs alone, filtered, on paper, as CSV, in pages that cost the same with a million rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from portal.billing import ledger, statement
from portal.billing.ledger import Posting
from portal.billing.money import Money
from portal.billing.statement import Asked, Cursor
from portal.store import db, write
from tests.billing.pages import SERVER
from tests.conftest import World
from tests.servers.support import HTMX, counted_sql, said, see
from tests.support import money
from tests.support.money import DAY_S

Make = Callable[..., World]
BASE = 1_780_000_000


@pytest.fixture
def paying(make_world: Make) -> World:
    return make_world("own", is_ready=True, billing="on", pay_url="https://example.com/pay")


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def post(world: World, who: str, minor: int, kind: str = "credit", **more: object) -> None:
    number = money.account_id(world, who)
    key = f"{who} {kind} {minor} {world.clock.now()} {more}"
    with world.app.app_context(), write() as session:
        ledger.post_in(session, Posting(number, kind, Money(minor, "EUR"), key, **more))  # type: ignore[arg-type]


def rows(world: World, who: str, query: str = "") -> list[list[str]]:
    answer = world.browser(who).get(f"/balance/statement.csv{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    read = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(read, newline="")))


def test_nothing_yet_says_how_to_add_to_it(paying: World) -> None:
    page = see(paying, "owner", "/balance")
    assert "0.00 EUR" in said(page)
    assert "Nothing was paid in or charged yet." in page
    assert 'href="https://example.com/pay"' in page
    assert "Ask your host how to add to your balance." in page


def test_only_the_account_itself_sees_its_balance_and_movements(paying: World) -> None:
    post(paying, "owner", 4321, reference="the owner's transfer")
    for person in ("subuser", "stranger", "admin"):
        for where in ("/balance", "/balance/print", "/balance/statement.csv"):
            page = see(paying, person, where)
            assert "43.21" not in page
            assert "transfer" not in page
    for where in ("/balance", "/balance/print", "/balance/statement.csv"):
        anonymous = paying.browser().get(where)
        assert anonymous.status_code == 303
        assert "43.21" in see(paying, "owner", where)


def test_what_their_servers_need_stands_beside_what_they_have(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=2 * DAY_S)
    money.price(paying, "Creative Plots", 700, expires_in_s=20 * DAY_S)
    money.price(paying, "Skyblock", 900, expires_in_s=50 * DAY_S)
    money.fund(paying, "owner", 1000)
    page = said(see(paying, "owner", "/balance"))
    assert "need within 30 days: 12.00 EUR" in page
    assert "2.00 EUR more than you have" in page
    assert page.index(SERVER) < page.index("Creative Plots") < page.index("Skyblock")
    assert "Your servers" not in see(paying, "subuser", "/balance")


def test_filters_by_kind_server_and_days_of_the_viewers_zone(paying: World) -> None:
    uuid = money.price(paying, SERVER, 500).server.uuid
    post(paying, "owner", 2000, reference="one")
    paying.clock.advance(3 * DAY_S)
    post(paying, "owner", -500, "charge", server_uuid=uuid)
    paying.clock.advance(3 * DAY_S)
    post(paying, "owner", 50, "refund", note="sorry")
    day = day_of(BASE).isoformat()
    assert [row[3] for row in rows(paying, "owner")[1:]] == ["0.50", "-5.00", "20.00"]
    assert [row[3] for row in rows(paying, "owner", "?kind=charge")[1:]] == ["-5.00"]
    assert [row[3] for row in rows(paying, "owner", f"?server={uuid}")[1:]] == ["-5.00"]
    assert [row[3] for row in rows(paying, "owner", f"?until={day}")[1:]] == ["20.00"]
    assert [row[3] for row in rows(paying, "owner", f"?since={day}&until={day}")[1:]] == ["20.00"]
    page = see(paying, "owner", "/balance?kind=refund")
    assert "sorry" in page
    assert "-5.00 EUR" not in page
    piece = paying.browser("owner").get("/balance?kind=refund", headers=HTMX).text
    assert piece.lstrip().startswith('<section id="statement"')


@pytest.mark.parametrize(
    "query",
    ["?since=tomorrow", "?since=2026-02-30", "?since=2026-03-01&until=2026-02-01", "?kind=x&server=y&after=z",
     "?after=9999999999999999999-1", "?until=9999-12-31", "?since=0001-01-01", "?after=-", "?since=" + "9" * 500],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_says_so_and_breaks_nothing(paying: World, query: str) -> None:
    post(paying, "owner", 2000, reference="one")
    browser = paying.browser("owner")
    browser.set_cookie("tz", "Asia/Kathmandu")
    for where in ("/balance", "/balance/print", "/balance/statement.csv"):
        assert browser.get(where + query).status_code == 200
    page = browser.get("/balance" + query).text
    assert ("Enter a date" in page or "first day is after" in page) == ("since" in query and "0001" not in query)


def test_a_day_is_a_day_of_the_viewers_zone(paying: World) -> None:
    at = day_of(BASE)
    with paying.app.app_context():
        post(paying, "owner", 100)
        account = money.account_id(paying, "owner")
        day = Asked(since=at, until=at)
        west, east = ZoneInfo("Pacific/Niue"), ZoneInfo("Pacific/Kiritimati")
        found = {zone: len(statement.page(account, day, zone).lines) for zone in (UTC, west, east)}
    assert found[UTC] == 1
    assert sum(found.values()) < 3, "somewhere it was another day"


def test_pages_hold_every_row_once_also_when_rows_come_between(paying: World) -> None:
    for number in range(1, 131):
        post(paying, "owner", number, reference=f"payment {number}")
        if number % 3 == 0:
            paying.clock.advance(1)
    browser, seen, where = paying.browser("owner"), [], "/balance"
    while where:
        page = browser.get(where).text
        seen += re.findall(r"payment (\d+)<", page)
        post(paying, "owner", 1000 + len(seen), reference="in between")
        older = re.search(r'rel="next" href="([^"]*)#statement"', page)
        where = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(number) for number in range(130, 0, -1)]


def test_the_csv_has_every_row_and_no_formula(paying: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "AT_ONCE", 7)
    for number in range(1, 31):
        post(paying, "owner", 1000 + number, reference=f"=cmd|' /C calc'!A{number}", note='said "so", twice\n')
    post(paying, "owner", -250, "correction", note="-1 day")
    read = rows(paying, "owner")
    assert read[0] == list(statement.COLUMNS)
    assert len(read) == 32
    assert [int(row[0]) for row in read[1:]] == list(range(31, 0, -1))
    assert read[1][3] == "-2.50"
    assert read[1][9] == "'-1 day"
    assert all(row[8].startswith("'=") for row in read[2:])
    assert all(row[9] == 'said "so", twice\n' for row in read[2:])
    total = sum(round(float(row[3]) * 100) for row in read[1:])
    assert total == money.balance(paying, "owner")


def test_on_paper_stands_whose_it_is_and_the_balance_before_and_after(paying: World) -> None:
    post(paying, "owner", 2000, reference="first")
    paying.clock.advance(5 * DAY_S)
    post(paying, "owner", -500, "charge")
    since = day_of(BASE + 2 * DAY_S).isoformat()
    page = see(paying, "owner", f"/balance/print?since={since}")
    assert "owner@example.com" in page
    assert "Balance before the first of these: 20.00 EUR. After the last: 15.00 EUR." in said(page)
    assert "first" not in said(page).split("Balance before")[0].split("Statement")[-1].replace("the first", "")


@pytest.mark.parametrize(
    "asked", [Asked(), Asked(kind="refund"), Asked(server_uuid="rare"), Asked(since=date(2001, 9, 9)),
              Asked(kind="charge", until=date(2001, 9, 9))],
)  # fmt: skip
def test_every_question_is_answered_from_an_index_in_its_order(paying: World, asked: Asked) -> None:
    """Nothing is sorted and nothing is walked that does not fit, so the number of rows does not matter."""
    owner = money.account_id(paying, "owner")
    for after in (None, Cursor(BASE, 5)):
        with paying.app.app_context(), counted_sql(paying) as seen:
            statement.page(owner, asked, UTC, after=after)
        with paying.app.app_context(), db.engine.connect() as connection:
            values = [owner, asked.kind, asked.server_uuid, BASE, 1]
            places = seen[0].count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[0]}", tuple((values * 2)[:places])).fetchall()
        told = " / ".join(str(row[-1]) for row in plan)
        wanted = "_server" if asked.server_uuid else "_kind" if asked.kind else "_at"
        assert f"SEARCH ledger_entry USING INDEX ix_ledger_entry{wanted} (account_id=?" in told
        assert "TEMP B-TREE" not in told


def test_the_servers_of_the_filter_are_found_without_walking_the_rows(paying: World) -> None:
    for name in (SERVER, "Creative Plots"):
        uuid = money.price(paying, name, 500).server.uuid
        for number in range(3):
            post(paying, "owner", 100 + number, "refund", server_uuid=uuid)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        assert list(statement.servers(owner).values()) == ["Creative Plots", SERVER]
        with db.engine.connect() as connection:
            plan = connection.execute(
                text("EXPLAIN QUERY PLAN " + str(statement._SERVERS)), {"account": owner, "most": 5}
            ).fetchall()
    told = " / ".join(str(row[-1]) for row in plan)
    assert "SCAN ledger_entry" not in told
    assert told.count("ix_ledger_entry_server") == 2
