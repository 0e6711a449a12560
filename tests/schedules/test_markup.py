"""Every page, dialog and refusal of schedules is well-made HTML with labels and ids of their own."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.schedules.support import EMPTY, FORM, PLAYED, at, put
from tests.schedules.test_exchange import FILE
from tests.servers.support import HTMX
from tests.site.test_pages import check

NAME = "<script>\"'&{{ 7 * 7 }}"
WORDS = "/words?minute=0&hour=4&day_of_month=*&month=*&day_of_week=1"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_pages_and_dialogs(own_world: World, headers: dict[str, str]) -> None:
    tasks = (("command", NAME, 0), ("power", "restart", 60), ("backup", "logs/\n*.tmp", 5))
    row = put(own_world, PLAYED, "30 5 * * 1", *tasks, name=NAME, is_processing=True)
    one, task = f"/{row.id}", f"/{row.id}/tasks/{row.tasks[0].id}"
    browser = own_world.browser("owner")
    for rest in (
        "", "/new", "/new?preset=nightly-backup", "/import", one, f"{one}/edit", f"{one}/execute", f"{one}/delete",
        f"{one}/active?on=1", f"{one}/tasks/new", f"{task}/edit", f"{task}/delete",
    ):  # fmt: skip
        answer = browser.get(at(own_world, PLAYED, rest), headers=headers)
        assert answer.status_code == 200
        check(rest, answer.text, is_fragment=bool(headers))
    check("empty", browser.get(at(own_world, EMPTY), headers=headers).text, is_fragment=bool(headers))
    for rest, data in (
        ("/new", FORM | {"hour": "25"}), ("/new", {}), (f"{one}/edit", FORM), (f"{task}/edit", {}),
        (f"{one}/tasks/new", {}), (f"{task}/move", {"direction": "up"}), ("/import", {}),
        ("/import", {"content": FILE}),
    ):  # fmt: skip
        answer = browser.post(at(own_world, PLAYED, rest), data=data, headers=headers)
        assert answer.status_code in (200, 409, 422)
        check(rest, answer.text, is_fragment=bool(headers))


def test_what_is_only_a_part_of_a_page(own_world: World) -> None:
    browser = own_world.browser("owner")
    for rest in (WORDS, f"{WORDS}&fill=1&rhythm=weekly&at=05:30&weekday=3", "/words"):
        check(rest, browser.get(at(own_world, PLAYED, rest), headers=HTMX).text, is_fragment=True)
