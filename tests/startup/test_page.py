"""What the page shows of variables, commands and images, to whom, and when it cannot."""

from __future__ import annotations

import re

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, Bent, row_of, said
from tests.startup.support import COUNTER, PAPER, VALHEIM, api, cards, seen, share, startup, variable

HOSTILE = '"><script>alert(1)</script>'


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="startup-{name}".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_a_page_makes_one_call_and_shows_every_variable(world: World) -> None:
    seen(world, PAPER)
    page = startup(world)

    assert world.calls() == [f"GET {api(world, PAPER, 'startup')}"]
    assert list(cards(page)) == ["MINECRAFT_VERSION", "SERVER_JARFILE", "BUILD_NUMBER"]
    version = said(cards(page)["MINECRAFT_VERSION"])
    assert "Minecraft Version MINECRAFT_VERSION The version of minecraft to download." in version
    assert "May be empty. Text. At most 20 characters." in version
    assert r"Must match the pattern /^([\w\d._-]+)(\.jar)$/" in said(cards(page)["SERVER_JARFILE"])
    assert 'value="latest"' in cards(page)["MINECRAFT_VERSION"]


def test_both_commands_are_there_to_copy(world: World) -> None:
    shown = section(startup(world), "command")

    assert "-jar server.jar" in said(shown)
    assert "-jar {{SERVER_JARFILE}}" in said(shown)
    assert len(re.findall(r'data-copy="java [^"]*"', shown)) == 2


def test_what_is_hidden_is_hidden_in_the_command_too(world: World) -> None:
    row = row_of(world, VALHEIM)
    row.server_values["PASSWORD"] = "hush-hush"
    for who in ("owner", "subuser"):
        page = startup(world, VALHEIM, who)
        assert '-password "[hidden]"' in said(page)
        assert "keeps hidden" in said(page)
        assert "hush-hush" not in page
        assert list(cards(page)) == ["SERVER_NAME", "WORLD"]


def test_the_section_alone_is_a_fragment(own_world: World) -> None:
    answer = own_world.browser("owner").get(f"/servers/{own_world.server(PAPER)}/startup", headers=HTMX)

    assert answer.text.lstrip().startswith('<section id="startup"')
    assert "<!doctype" not in answer.text


def test_without_startup_read_there_is_no_page_and_no_call(world: World) -> None:
    share(world, PAPER, "startup.update", "startup.docker-image", "file.read")
    browser = world.browser("subuser")
    answer = browser.get(f"/servers/{world.server(PAPER)}/startup")

    assert answer.status_code == 403
    assert "startup.read" in said(answer.text)
    assert world.calls() == []
    assert "/startup" not in browser.get(f"/servers/{world.server(PAPER)}/settings").text


@pytest.mark.parametrize("who", ["stranger", "admin", None])
def test_others_find_nothing(who: str | None, world: World) -> None:
    seen(world, PAPER)
    answer = world.browser(who).get(f"/servers/{world.server(PAPER)}/startup")

    assert answer.status_code == (404 if who else 303)
    assert world.calls() == []


def test_with_startup_read_alone_nothing_can_be_changed(world: World) -> None:
    share(world, PAPER, "startup.read")
    page = startup(world, PAPER, "subuser")

    assert "startup.update" in said(page)
    assert "<form" not in page.partition('<section id="startup"')[2]
    assert "Value server.jar" in said(cards(page)["SERVER_JARFILE"])
    assert "Java 21" in section(page, "image")


def test_each_permission_shows_its_own_forms(world: World) -> None:
    share(world, PAPER, "startup.read", "startup.update")
    page = startup(world, PAPER, "subuser")
    assert "<form" in cards(page)["SERVER_JARFILE"]
    assert "<form" not in section(page, "image")

    share(world, PAPER, "startup.read", "startup.docker-image")
    page = startup(world, PAPER, "subuser")
    assert "<form" not in cards(page)["SERVER_JARFILE"]
    assert "<form" in section(page, "image")


def test_what_is_read_only_is_shown_as_such_without_a_form(world: World) -> None:
    card = cards(startup(world, "Rust Weekly"))["RCON_PORT"]

    assert "Read-only" in said(card)
    assert "28016" in said(card)
    assert "<form" not in card


def test_inputs_fit_the_rules(world: World) -> None:
    variable(world, COUNTER, "MODE", "required|string|in:casual,deathmatch", value="casual", default="casual")
    variable(world, COUNTER, "VAC", "required|boolean", value="0", default="1")
    variable(world, COUNTER, "ODD", "required|in:a,b", value="c", default="a")
    variable(world, COUNTER, "TICK", "required|numeric", value="0.5")
    variable(world, COUNTER, "MOTD", "nullable|string", value="one\ntwo")
    shown = cards(startup(world, COUNTER))

    assert re.search(r'<option value="casual" selected>casual \(default\)</option>', shown["MODE"])
    assert '<option value="deathmatch">' in shown["MODE"]
    assert '<option value="0" selected>No (0)</option>' in shown["VAC"]
    assert '<option value="1">Yes (1) (default)</option>' in shown["VAC"]
    assert '<option value="c" selected>c (not one of the choices)</option>' in shown["ODD"]
    assert 'inputmode="numeric"' in shown["SRCDS_MAXPLAYERS"]
    assert 'inputmode="decimal"' in shown["TICK"]
    assert re.search(r"<textarea [^>]*>\none\ntwo</textarea>", shown["MOTD"])


def test_nothing_stored_means_the_default_and_is_said(world: World) -> None:
    variable(world, COUNTER, "UNSET", "nullable|string", default="of the egg", value=None)
    variable(world, COUNTER, "CLEARED", "nullable|string", default="of the egg", value="")
    shown = cards(startup(world, COUNTER))

    assert "Nothing is set: the default is used." in said(shown["UNSET"])
    assert 'value="of the egg"' in shown["UNSET"]
    assert 'name="default"' not in shown["UNSET"]
    assert "Nothing is set" not in said(shown["CLEARED"])
    assert "Use the default: of the egg" in said(shown["CLEARED"])


def test_rules_that_roost_does_not_know_are_shown_as_they_are(world: World) -> None:
    variable(world, COUNTER, "ODD", "required|exists:things,id|regex:/^(a|b)$/")
    card = said(cards(startup(world, COUNTER))["ODD"])

    assert "The panel also checks: exists:things,id" in card
    assert "Must match the pattern /^(a|b)$/" in card


def test_nothing_that_a_host_writes_becomes_markup(world: World) -> None:
    row = row_of(world, COUNTER)
    row.egg.docker_images[HOSTILE] = f"example.org/{HOSTILE}"
    row.startup += f" {HOSTILE}"
    about = dict.fromkeys(("called", "description", "default", "value"), HOSTILE)
    variable(world, COUNTER, "BAD", f"in:{HOSTILE}", **about)
    page = startup(world, COUNTER)

    assert "<script>alert" not in page
    assert page.count("alert(1)") >= 8


def test_ids_are_unique_and_every_field_has_its_label(own_world: World) -> None:
    variable(own_world, COUNTER, "WITH SPACE", "string")
    variable(own_world, COUNTER, "WITH-DASH", "string")
    page = startup(own_world, COUNTER)
    ids = re.findall(r'\bid="([^"]*)"', page)

    assert len(ids) == len(set(ids))
    assert all(" " not in one for one in ids)
    assert set(re.findall(r'<label for="([^"]*)"', page)) == {one for one in ids if one.startswith("value-")} | {
        "docker-image"
    }


def test_no_variables_is_no_failure(world: World) -> None:
    row_of(world, COUNTER).egg.variables.clear()
    page = said(startup(world, COUNTER))

    assert "No variables" in page
    assert "./game/cs2.sh" in page


@pytest.mark.parametrize(
    ("condition", "status", "text"),
    [("panel-gateway", 503, "The panel cannot be reached"), ("panel-maintenance", 503, "working on the panel"),
     ("rate-limited", 429, "Too much at once"), ("node-down", 200, "-jar server.jar")],
)  # fmt: skip
def test_a_page_that_cannot_be_read_says_why_and_is_no_empty_list(
    condition: str, status: int, text: str, world: World
) -> None:
    seen(world, PAPER)
    for _ in range(6 if condition == "rate-limited" else 0):
        world.browser("owner").get(f"/servers/{world.server(PAPER)}/startup")
    world.demo.set_condition(condition)
    path = f"/servers/{world.server(PAPER)}/startup"
    for _ in range(7 if condition == "rate-limited" else 1):
        answer = world.browser("owner").get(path)

    assert answer.status_code == status
    assert text in said(answer.text)
    assert "No variables" not in answer.text
    if status != 200:
        assert int(answer.headers["Retry-After"]) > 0
        assert "is not known now" in said(answer.text)
        assert f'hx-get="{path}"' in answer.text
    fragment = world.browser("owner").get(path, headers=HTMX)
    assert fragment.status_code == 200
    assert text in said(fragment.text)


def test_nonsense_is_no_empty_list(world: World) -> None:
    seen(world, PAPER)
    Bent(world, lambda path, body: {"object": "list", "data": 7} if path.endswith("/startup") else body)
    answer = world.browser("owner").get(f"/servers/{world.server(PAPER)}/startup")

    assert answer.status_code == 503
    assert "does not understand" in said(answer.text)


@pytest.mark.parametrize(
    ("name", "label"),
    [("Unpaid", "Suspended"), ("New Adventure", "Installing"), ("Yesterday's World", "Restoring"),
     ("On the Move", "Moving"), ("Broken Pack", "Install failed")],
)  # fmt: skip
def test_a_server_in_a_state_that_forbids_it_says_which(name: str, label: str, world: World) -> None:
    answer = world.browser("owner").get(f"/servers/{world.server(name)}/startup")

    assert answer.status_code == 409
    assert f"<h2>{label}</h2>" in answer.text
    assert "Try again" not in said(answer.text)
