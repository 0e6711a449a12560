"""Retention rules: what they take away, what they never do, how a person sets one."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pterodactyl.models import Backup
from portal.server_backups import keeping, retention
from portal.server_backups.keeping import DAY_S, Rule
from portal.store import restored
from tests.conftest import World
from tests.server_backups.support import PLAYED, SHARED, add, left, post, see, server, share
from tests.servers.support import audit_of, row_of, said

NOW = 1_700_000_000.0


def one(number: int, age_s: int, state: str, locked: bool) -> Backup:
    at = datetime.fromtimestamp(NOW - age_s, UTC)
    is_done = state == "done"
    ended = None if state == "in progress" else at
    return Backup(f"{number:08}-0", is_done, locked, f"n{number}", (), None, int(is_done), at, ended)


@st.composite
def lists(draw: st.DrawFn) -> list[Backup]:
    states = st.sampled_from(["done", "done", "done", "failed", "in progress"])
    parts = draw(st.lists(st.tuples(st.integers(0, 40 * 86_400), states, st.booleans()), max_size=14))
    return [one(number, *part) for number, part in enumerate(parts)]


RULES = st.one_of(
    st.integers(1, 6).map(lambda number: Rule(keep_count=number)),
    st.integers(1, 30).map(lambda number: Rule(keep_days=number)),
)


@given(lists(), RULES, st.integers(0, 60 * 86_400))
def test_what_must_stay_stays(backups: list[Backup], rule: Rule, later_s: int) -> None:
    now = NOW + later_s
    gone = [going.backup for going in keeping.due(backups, rule, now)]
    good = keeping.good(backups)

    assert all(each.state == "done" and not each.is_locked for each in gone)
    assert good[:1] == [] or good[0] not in gone
    if rule.keep_count is not None:
        assert not set(gone) & set(good[: rule.keep_count])
        assert set(gone) == {each for each in good[rule.keep_count :] if not each.is_locked}
    else:
        old = now - (rule.keep_days or 0) * DAY_S
        assert set(gone) == {each for each in good[1:] if not each.is_locked and each.created_at.timestamp() <= old}
    for each in gone:  # a newer one is confirmed
        assert any(other.created_at >= each.created_at and other not in gone for other in good)


@given(lists(), RULES, st.integers(0, 60 * 86_400))
def test_what_is_announced_is_what_goes(backups: list[Backup], rule: Rule, later_s: int) -> None:
    """What the page says today, on a clock that moved on: exactly that is due, and in that order."""
    announced = keeping.plan(backups, rule, NOW)
    then = [going.backup for going in keeping.due(backups, rule, NOW + later_s)]

    assert then == [going.backup for going in announced if going.at is not None and going.at <= NOW + later_s]


@given(lists(), RULES)
def test_one_deletion_changes_nothing_for_the_others(backups: list[Backup], rule: Rule) -> None:
    due = [going.backup for going in keeping.due(backups, rule, NOW)]
    if due:
        rest = [each for each in backups if each is not due[0]]
        assert [going.backup for going in keeping.due(rest, rule, NOW)] == due[1:]


@given(lists(), st.integers(1, 6))
def test_the_next_one_announced_goes_when_another_is_done(backups: list[Backup], count: int) -> None:
    plan = keeping.plan(backups, Rule(keep_count=count), NOW)
    newer = one(99, -1, "done", False)

    assert {going.backup for going in keeping.due([*backups, newer], Rule(keep_count=count), NOW + 3)} == {
        going.backup for going in plan
    }


@given(lists(), st.integers(1, 30), st.integers(0, 60 * 86_400))
def test_the_last_good_one_that_is_too_old_is_announced_for_when_another_is_done(
    backups: list[Backup], days: int, later_s: int
) -> None:
    rule, now = Rule(keep_days=days), NOW + later_s
    newer = one(99, -later_s - 1, "done", False)

    assert {going.backup for going in keeping.due([*backups, newer], rule, now + 3)} >= {
        going.backup for going in keeping.plan(backups, rule, now) if going.at is None or going.is_due(now)
    }
    assert {going.backup for going in keeping.due([*backups, newer], rule, now)} == {
        going.backup for going in keeping.plan(backups, rule, now) if going.at is None or going.is_due(now)
    }


def test_a_list_that_has_one_twice_keeps_as_many_as_it_should() -> None:
    new, old = one(1, 0, "done", False), one(2, 60, "done", False)

    assert keeping.due([old, new, new], Rule(keep_count=2), NOW) == ()


def set_rule(world: World, number: int, unit: str, who: str = "owner", on: str = PLAYED) -> None:
    """Set a rule as a person does: what goes at once is shown first."""
    answer = post(world, "/retention", who, on=on, number=number, unit=unit)
    assert answer.status_code == 200, said(answer.text)
    if found := re.search(r'name="agreed" value="(\w+)"', answer.text):
        answer = post(world, "/retention", who, on=on, number=number, unit=unit, agreed=found[1])
    assert "The rule is set" in said(answer.text)


def test_what_goes_at_once_is_shown_before_the_rule_is_set(world: World) -> None:
    for days in range(5):
        add(world, f"day {days}", age_s=days * DAY_S + 60)
    answer = post(world, "/retention", number=3, unit="count")
    assert "2 backups go at once by this rule: day 4" in said(answer.text)
    assert audit_of(world, "backup.retention") == []
    agreed = re.search(r'name="agreed" value="(\w+)"', answer.text)
    assert agreed
    again = post(world, "/retention", number=2, unit="count", agreed=agreed[1])
    assert "3 backups go at once" in said(again.text)
    set_rule(world, 3, "count")
    shown = said(see(world).text)

    assert "Keep the newest 3." in shown
    assert "by you." in shown
    assert re.search(r"Goes the next time that the portal looks, within an hour: day 4 .* day 3 ", shown)
    assert re.search(r"After that: day 2 .*as soon as another backup is done", shown)
    assert audit_of(world, "backup.retention") == [("done", "keep the newest 3")]
    assert len(left(world)) == 5


def test_days_are_announced_with_their_time(world: World) -> None:
    add(world, "newest", age_s=60)
    add(world, "older", age_s=6 * DAY_S)
    set_rule(world, 7, "days")
    shown = said(see(world).text)

    assert "Keep 7 days." in shown
    assert re.search(r"Goes next: older .*in 24 hours", shown)
    assert "newest" not in shown.partition("Goes next:")[2].partition("Looked")[0]


def test_the_last_good_one_is_announced_although_it_is_kept(world: World) -> None:
    add(world, "only", age_s=30 * DAY_S)
    set_rule(world, 7, "days")

    assert re.search(r"Goes next: only .*as soon as another backup is done", said(see(world).text))


def test_all_that_goes_is_named(world: World) -> None:
    for number in range(40):
        add(world, f"n{number:02}", age_s=number * 3600 + 60)
    shown = said(post(world, "/retention", number=1, unit="count").text)
    assert all(f"n{number:02}" in shown for number in range(1, 40))
    set_rule(world, 9, "days")
    announced = said(see(world).text).partition("Goes next:")[2]

    assert all(f"n{number:02}" in announced for number in range(1, 40))


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_rule_that_somebody_changed_meanwhile_is_not_set_over(is_removed: bool, world: World) -> None:
    add(world, "a", SHARED)
    set_rule(world, 9, "days", on=SHARED)
    share(world, "backup.read", "backup.delete")
    stale = re.search(r'name="before" value="([^"]+)"', see(world, name=SHARED, rest="/retention").text)
    assert stale
    world.clock.advance(5)
    if is_removed:
        post(world, "/retention/remove", "subuser", on=SHARED)
    else:
        set_rule(world, 30, "days", "subuser", SHARED)
    before = html.unescape(stale[1])
    answer = post(world, "/retention", on=SHARED, is_page=True, number=2, unit="count", before=before)

    assert answer.status_code == 409
    assert ("Somebody removed the rule meanwhile." if is_removed else "keep 30 days") in said(answer.text)
    assert 'value="2"' in answer.text
    with world.app.app_context():
        kept = retention.kept(row_of(world, SHARED).uuid)
    assert (kept.rule if kept else None) == (None if is_removed else Rule(keep_days=30))
    again = re.search(r'name="before" value="([^"]+)"', answer.text)
    assert again
    before = html.unescape(again[1])
    answer = post(world, "/retention", on=SHARED, is_page=True, number=2, unit="count", before=before)
    assert answer.status_code == 303


def test_enter_sets_the_rule_and_does_not_remove_it(world: World) -> None:
    """A browser presses the first button of a form when somebody presses Enter in a field."""
    add(world, "a")
    set_rule(world, 2, "count")
    for rest in ("/retention", "/new"):
        first = re.search(r"<button[^>]*>", see(world, rest=rest).text)
        assert first
        assert "formaction" not in first[0]
        assert "name=" not in first[0]


def test_a_rule_of_a_store_that_was_put_back_is_said_to_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add(world, "a")
    set_rule(world, 2, "count")
    monkeypatch.setattr(restored, "since", world.clock.now)

    assert "Nothing is deleted just now. The portal was put back" in said(see(world).text)


def test_a_rule_is_taken_back(world: World) -> None:
    add(world, "a")
    set_rule(world, 2, "count")
    assert "Remove the rule" in see(world, rest="/retention").text
    assert "The rule was removed." in said(post(world, "/retention/remove").text)

    assert "No rule is set" in said(see(world).text)
    assert audit_of(world, "backup.retention") == [("done", "keep the newest 2"), ("done", "removed")]
    assert "There is no rule any more." in said(post(world, "/retention/remove").text)


def test_there_is_one_rule_for_a_server(world: World) -> None:
    add(world, "a")
    set_rule(world, 2, "count")
    set_rule(world, 9, "days")
    with world.app.app_context():
        kept = retention.kept(row_of(world, PLAYED).uuid)

    assert kept
    assert kept.rule == Rule(keep_days=9)


@pytest.mark.parametrize(
    ("number", "unit"),
    [("0", "count"), ("101", "count"), ("3651", "days"), ("x", "days"), ("", "count"), ("3", "weeks"),
     ("1" * 30, "days")],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_said_beside_the_field(number: str, unit: str, world: World) -> None:
    server(world)
    world.calls()
    answer = post(world, "/retention", number=number, unit=unit)

    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert world.calls() == []


def test_who_may_not_delete_sees_the_rule_but_sets_none(world: World) -> None:
    add(world, "a", SHARED)
    set_rule(world, 2, "count", on=SHARED)
    share(world, "backup.read")
    shown = see(world, "subuser", SHARED).text

    assert "Keep the newest 2." in said(shown)
    assert "by somebody else." in said(shown)
    assert 'id="rule"' not in shown


def test_who_may_not_see_backups_sets_no_rule(world: World) -> None:
    add(world, "a", SHARED)
    share(world, "backup.delete")

    assert post(world, "/retention", "subuser", on=SHARED, number=2, unit="count").status_code == 403
    assert world.calls() == []


def test_it_works_without_script(world: World) -> None:
    add(world, "a", age_s=60)
    add(world, "b", age_s=DAY_S)
    answer = post(world, "/retention", is_page=True, number=1, unit="count")
    assert "<h1" in answer.text
    assert "1 backup goes at once" in said(answer.text)
    agreed = re.search(r'name="agreed" value="(\w+)"', answer.text)
    assert agreed
    assert post(world, "/retention", is_page=True, number=1, unit="count", agreed=agreed[1]).status_code == 303
    assert post(world, "/retention/remove", is_page=True).status_code == 303
