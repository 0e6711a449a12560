"""The call budget: who may still call, and how long the others wait."""

from __future__ import annotations

import threading

import pytest

from portal.pterodactyl import ApiKey, Budgets, CallBudget, Panel, Transport, errors
from portal.pterodactyl import budget as budget_module
from portal.pterodactyl.calls import Purpose
from tests.pterodactyl.fakes import ACCOUNT, APP_KEY, BASE, JSON, KEY, Clock, World, error
from tests.support.wsgi_adapter import WsgiAdapter


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _take(budget: CallBudget, count: int, who: str | None = None, purpose: Purpose = "page") -> int:
    """How many of so many calls were allowed."""
    for made in range(count):
        try:
            budget.take(who, purpose)
        except errors.Busy:
            return made
    return count


def test_a_page_may_use_all_of_it(clock: Clock) -> None:
    assert _take(CallBudget(100, shared=False, clock=clock), 200) == 100


def test_the_minute_slides(clock: Clock) -> None:
    budget = CallBudget(10, shared=False, clock=clock)
    assert _take(budget, 5) == 5
    clock.now += 30
    assert _take(budget, 10) == 5
    with pytest.raises(errors.Busy) as caught:
        budget.take(None, "page")
    assert caught.value.local
    assert caught.value.retry_after_s == pytest.approx(30)
    clock.now += 30
    assert _take(budget, 10) == 5


def test_sync_gets_a_third_less_a_little(clock: Clock) -> None:
    assert _take(CallBudget(100, shared=False, clock=clock), 100, purpose="sync") == 30


def test_live_and_sync_leave_a_tenth_to_pages(clock: Clock) -> None:
    budget = CallBudget(100, shared=False, clock=clock)
    assert _take(budget, 100, purpose="live") == 60
    assert _take(budget, 100, purpose="sync") == 30
    assert _take(budget, 100) == 10


def test_sync_keeps_the_reserve_when_pages_are_many(clock: Clock) -> None:
    budget = CallBudget(100, shared=False, clock=clock)
    assert _take(budget, 85) == 85
    assert _take(budget, 100, purpose="sync") == 5
    assert _take(budget, 100) == 10


def test_one_customer_gets_a_fifth_of_a_shared_key(clock: Clock) -> None:
    budget = CallBudget(100, shared=True, clock=clock)
    assert _take(budget, 100, who="a") == 20
    assert _take(budget, 100, who="b") == 20
    assert _take(budget, 100) == 60


def test_a_customers_own_key_is_all_his(clock: Clock) -> None:
    assert _take(CallBudget(100, shared=False, clock=clock), 200, who="a") == 100


def test_the_wait_of_a_greedy_customer_is_his_own(clock: Clock) -> None:
    budget = CallBudget(100, shared=True, clock=clock)
    _take(budget, 10, who="b")
    clock.now += 20
    _take(budget, 20, who="a")
    clock.now += 10
    with pytest.raises(errors.Busy) as caught:
        budget.take("a", "page")
    assert caught.value.retry_after_s == pytest.approx(50)


def test_the_panel_knows_of_other_processes(clock: Clock) -> None:
    budget = CallBudget(720, shared=False, clock=clock)
    budget.learned(720, 5)
    assert _take(budget, 10) == 5
    clock.now += 60
    assert _take(budget, 10) == 10


def test_what_the_panel_says_leaves_the_reserve_too(clock: Clock) -> None:
    budget = CallBudget(100, shared=False, clock=clock)
    budget.learned(100, 12)
    assert _take(budget, 10, purpose="sync") == 2
    assert _take(budget, 20) == 10


def test_answers_of_parallel_calls_in_any_order(clock: Clock) -> None:
    budget = CallBudget(720, shared=False, clock=clock)
    for remaining in (10, 8, 9):
        budget.learned(720, remaining)
    assert _take(budget, 20) == 8


def test_the_panels_new_minute_is_noticed(clock: Clock) -> None:
    budget = CallBudget(720, shared=False, clock=clock)
    budget.learned(720, 1)
    clock.now += 20
    budget.learned(720, 700)
    assert _take(budget, 100) == 100


def test_a_smaller_limit_of_the_panel_counts(clock: Clock) -> None:
    budget = CallBudget(720, shared=True, clock=clock)
    budget.learned(50, 49)
    assert _take(budget, 100, who="a") == 10
    budget.learned(720, 700)
    assert _take(budget, 200, who="a") == 134


@pytest.mark.parametrize(("limit", "remaining"), [(0, 0), (-1, 5), (10, 11), (10, -1)])
def test_nonsense_teaches_nothing(clock: Clock, limit: int, remaining: int) -> None:
    budget = CallBudget(100, shared=False, clock=clock)
    budget.learned(limit, remaining)
    assert _take(budget, 200) == 100


def test_after_429_no_call_until_then(clock: Clock) -> None:
    budget = CallBudget(100, shared=False, clock=clock)
    budget.blocked(42)
    with pytest.raises(errors.Busy) as caught:
        budget.take(None, "page")
    assert caught.value.retry_after_s == pytest.approx(42)
    clock.now += 42
    assert _take(budget, 1) == 1


def test_threads_never_take_more_than_there_is(clock: Clock) -> None:
    budget = CallBudget(500, shared=False, clock=clock)
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(_take(budget, 100))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 500


def test_budgets_by_kind_and_key(clock: Clock) -> None:
    budgets = Budgets(clock=clock)
    own, other = budgets.of("client", KEY), budgets.of("client", ApiKey("ptlc_other" + "x" * 38))
    assert budgets.of("client", KEY) is own
    assert own is not other
    assert own is not budgets.of("application", KEY)
    assert (own.limit_per_minute, own.shared) == (720, False)
    app = budgets.of("application", APP_KEY)
    assert (app.limit_per_minute, app.shared) == (240, True)
    assert budgets.of("client", ApiKey("ptlc_service" + "x" * 36, shared=True)).shared


def test_processes_share_the_limit(clock: Clock) -> None:
    assert Budgets(processes=3, clock=clock).of("client", KEY).limit_per_minute == 240


def test_unused_budgets_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_module, "KEPT", 2)
    budgets = Budgets(clock=clock)
    used, unused = (budgets.of("client", ApiKey(letter * 48)) for letter in "ab")
    used.take(None, "page")
    budgets.of("client", ApiKey("c" * 48))
    assert budgets.of("client", ApiKey("a" * 48)) is used
    assert budgets.of("client", ApiKey("b" * 48)) is not unused


def test_a_spent_budget_stops_the_call_before_it_is_made() -> None:
    world = World((200, ACCOUNT), limit=1)
    world.client.account.view()
    with pytest.raises(errors.Busy) as caught:
        world.client.account.view()
    assert world.calls == 1
    assert caught.value.local
    assert caught.value.request == "GET /api/client/account"
    assert (world.records[-1].outcome, world.records[-1].attempt) == ("Busy", 0)


def test_headers_teach_the_budget() -> None:
    told = (("X-RateLimit-Limit", "720"), ("X-RateLimit-Remaining", "1"))
    world = World((200, ACCOUNT, (*JSON, *told)))
    world.client.account.view()
    world.client.account.view()
    with pytest.raises(errors.Busy):
        world.client.account.view()
    assert world.calls == 2


@pytest.mark.parametrize("value", ["", "many", "-1", "1" * 30])
def test_headers_without_sense_teach_nothing(value: str) -> None:
    odd = (("X-RateLimit-Limit", value), ("X-RateLimit-Remaining", value))
    world = World((200, ACCOUNT, (*JSON, *odd)))
    for _ in range(3):
        world.client.account.view()
    assert world.calls == 3


def test_a_route_with_a_limiter_of_its_own_teaches_nothing() -> None:
    told = (("X-RateLimit-Limit", "10"), ("X-RateLimit-Remaining", "0"), ("Retry-After", "300"))
    status, body = error(429, "ThrottleRequestsException", "Too Many Attempts.")
    world = World((status, body, (*JSON, *told)), (200, ACCOUNT))
    path = "/api/client/servers/abcd1234/files/pull"
    with pytest.raises(errors.Busy):
        world.transport.call(KEY, "POST", path, deadline_s=20, effect=True)
    assert world.client.account.view().id == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("9999", 300.0),
        ("99999999999999999999999", 300.0),
        ("-5", 60.0),
        ("1.5", 60.0),
        ("soon", 60.0),
        ("", 60.0),
        ("\u0663", 60.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 300.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", 60.0),
    ],
)
def test_retry_after_of_every_kind(header: str, seconds: float) -> None:
    status, body = error(429, "ThrottleRequestsException", "Too Many Attempts.")
    world = World((status, body, (*JSON, ("Retry-After", header))))
    with pytest.raises(errors.Busy) as caught:
        world.get()
    assert caught.value.retry_after_s == seconds
    with pytest.raises(errors.Busy) if seconds else pytest.raises(errors.PanelError):
        world.get()
    assert world.calls == (1 if seconds else 2)


def test_the_backup_throttle_does_not_stop_the_key() -> None:
    status, body = error(429, "TooManyRequestsHttpException", "Only 2 backups may be generated")
    world = World((status, body, (*JSON, ("Retry-After", "300"))), (200, ACCOUNT))
    with pytest.raises(errors.Busy):
        world.post()
    assert world.client.account.view().id == 2


def test_a_transport_keeps_a_budget_for_each_key(clock: Clock) -> None:
    transport = Transport(
        BASE,
        adapter=WsgiAdapter(World((200, ACCOUNT)).script),
        budget=Budgets(client_per_minute=1, clock=clock),
        clock=clock,
        on_call=lambda record: None,
    )
    panel = Panel(transport)
    panel.client(KEY).account.view()
    with pytest.raises(errors.Busy):
        panel.client(KEY).account.view()
    assert panel.client(ApiKey("ptlc_other" + "x" * 38)).account.view().id == 2
