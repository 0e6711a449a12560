"""Every event of the panel's log and every act of Roost's own has a sentence, whatever stands beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.activity import acts, events, groups
from portal.activity.sentences import Props, plain
from portal.files.attempts import WORDS
from tests.conftest import World
from tests.site.conftest import modules
from tests.support.replay import shared_root

LIST = Path(__file__).with_name("events.txt")
LISTED = LIST.read_text(encoding="utf-8").split()
CONTRACT = shared_root() / "contract" / "client-api.md"
WORD = re.compile(r"[a-z_]+\.[a-z_]+")
ELSEWHERE = {
    "account.admin", "account.create", "account.disable", "account.enable", "account.import", "account.invite",
    "account.key", "account.link", "account.no_admin", "account.no_key", "account.password", "account.sign_out",
    "backup.confirm", "data.sync", "mail.retry",
}  # fmt: skip
"""Acts that concern no server."""


@pytest.fixture
def app(own_world: World) -> Iterator[None]:
    with own_world.app.test_request_context():
        yield


def contract_events() -> set[str]:
    """The events that section 4.12 names, written out."""
    text = CONTRACT.read_text(encoding="utf-8").partition("## 4.12")[2].partition("\n## ")[0]
    text = text[text.index("Events written by this API") :]
    found: set[str] = set()
    before = ""
    for token in re.findall(r"`([^`]+)`", text):
        full = re.fullmatch(r"((?:server|user|auth|event)[:.][a-z.<>|-]+)", token)
        if not full and not (token.startswith(".") and before):
            continue
        name = token if full else f"{before}{token}"
        stem, _dot, last = name.rpartition(".") if "." in name else ("", "", name)
        before = stem or before
        for one in last.replace("<signal>", "start|stop|restart|kill").split("|"):
            found.add(f"{stem}.{one}" if stem else one)
    return found


@pytest.mark.skipif(not CONTRACT.is_file(), reason="no contract: set ROOST_SHARED to the folder that holds it")
def test_the_list_of_events_is_the_contracts() -> None:
    found = contract_events()
    assert len(found) > 65
    assert found <= set(LISTED), sorted(found - set(LISTED))
    # As it is spelt right, for the day on which the panel does; and one that the panel keeps but never lists.
    assert set(LISTED) - found == {"server:backup.restore-failed", "server:file.upload"}


def test_every_event_has_a_sentence_and_no_other_has() -> None:
    assert set(LISTED) == events.KNOWN
    assert len(LISTED) == len(set(LISTED))


@pytest.mark.usefixtures("app")
def test_every_sentence_ends_and_says_what_it_is_about() -> None:
    names = ("name", "file", "files", "directory", "command", "allocation", "old", "new", "variable", "email", "url",
             "identifier", "fingerprint", "action", "payload")  # fmt: skip
    props = Props({name: f"<{name}>" for name in names})
    for event in LISTED:
        said = plain(events.told(event, props))
        assert said[0].isupper(), event
        assert said.endswith("."), event
        assert "%(" not in said and "not told" not in said or event.startswith("server:subuser."), event
    assert plain(events.told("server:startup.edit", props)) == "Changed the variable <variable> from <old> to <new>."
    assert plain(events.told("server:allocation.notes", props)).count("<") == 3


@pytest.mark.usefixtures("app")
def test_flags_and_counts_change_a_sentence() -> None:
    def said(event: str, **values: Any) -> str:
        return plain(events.told(event, Props(values)))

    assert said("server:backup.start", name="a", locked=True) == "Started the locked backup a."
    assert said("server:backup.start", name="a", locked=False) == "Started the backup a."
    assert said("server:backup.delete", name="a", failed=True) == "Deleted the failed backup a."
    assert "after deleting all files" in said("server:backup.restore", name="a", truncate=True)
    assert "deleting" not in said("server:backup.restore", name="a", truncate=False)
    assert said("server:schedule.update", name="a", active=False) == "Changed the schedule a, which is not active."
    assert said("server:subuser.create", email="a@b.c", permissions=["x", "y"]) == (
        "Added the subuser a@b.c with 2 permissions."
    )
    assert "from 1 permission to 2 permissions" in said("server:subuser.update", email="a", old=["x"], new=["x", "y"])
    assert said("server:task.create", name="a", action="command", payload="say hi") == (
        "Added a task to the schedule a: command say hi."
    )
    moved = said("server:file.rename", directory="/", files=[{"from": "a", "to": "b"}])
    assert moved == "Renamed or moved in /: a → b."
    many = said("server:file.delete", directory="/", files=[str(number) for number in range(9)])
    assert many == "Deleted in /: 0, 1, 2, 3, 4 and 4 more."
    assert said("server:settings.description", old="", new="x") == "Changed the description from (empty) to x."
    assert said("server:allocation.notes", allocation="a:1", old=None, new="x") == (
        "Changed the notes of a:1 from (empty) to x."
    )
    assert said("server:allocation.notes", old="") == "Changed the notes of (not told) from (empty) to (not told)."


@pytest.mark.usefixtures("app")
def test_details_have_words_for_what_the_panel_keeps_and_its_own_for_the_rest() -> None:
    rows = Props({"old": None, "new": "", "directory": "/", "some_news": 1}).rows()
    assert rows == (("Before", "(empty)"), ("After", "(empty)"), ("Folder", "/"), ("some_news", "1"))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "value",
    [None, True, 7, 10**5000, 1.5, float("nan"), "", "x" * 100_000, "a\x00b\u202ec\nd\ud800", [], {}, ["a", None, 3],
     [["deep", [["deeper", [["deepest"]]]]]], {"from": "a"}, {"from": "a", "to": ["b"]}, {"": {"": {"": {"": {}}}}},
     list(range(10_000)), {str(number): number for number in range(1000)}],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_whatever_stands_beside_an_event_there_is_a_sentence(value: Any) -> None:
    keys = ("name", "file", "files", "directory", "command", "allocation", "old", "new", "variable", "email", "url",
            "identifier", "fingerprint", "action", "payload", "permissions", "locked", "failed", "truncate", "active",
            "ip", "\u202e\x00")  # fmt: skip
    for event in (*LISTED, "server:some.news", "\x00\ud800" * 300, ""):
        for values in (dict.fromkeys(keys, value), {}):
            props = Props(values)
            said = plain(events.told(event, props))
            assert 5 < len(said) < 800, event
            assert said.endswith("."), event
            assert not re.search(r"[\x00-\x1f\u202e\ud800]", said)
            assert all(len(name) < 100 and len(text) < 2200 for name, text in props.rows())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=6), one, max_size=4), max_leaves=12,
)  # fmt: skip


def test_made_up_properties_are_no_error(own_world: World) -> None:
    keys = st.sampled_from(["name", "files", "old", "permissions", "payload", "ip", "directory"]) | st.text(max_size=8)

    @given(st.sampled_from(LISTED), st.dictionaries(keys, JSON, max_size=6))
    def tell(event: str, values: dict[str, Any]) -> None:
        props = Props(values)
        assert plain(events.told(event, props)).endswith(".")
        assert props.rows() is not None

    with own_world.app.test_request_context():
        tell()


@pytest.mark.usefixtures("app")
def test_an_unknown_event_is_said_to_be_unknown_by_its_name() -> None:
    assert plain(events.told("server:mount.add", Props({}))) == (
        "Something that this portal has no words for: server:mount.add."
    )


def words_in_the_tree() -> tuple[set[str], set[str], list[str]]:
    """Every word that the audit is told: as they stand, as beginnings, and places where nobody can tell."""
    whole, beginnings, unclear = set(WORDS.values()), set(), []
    for path, tree in modules().items():
        if path.startswith(("portal/demo/", "portal/audit/", "portal/pterodactyl/")):
            continue
        for node in ast.walk(tree):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name not in ("acting", "record", "record_in") or not isinstance(node, ast.Call):
                continue
            place = 2 if name == "record_in" else 1
            if len(node.args) <= place:
                continue
            word = node.args[place]
            options = [word.body, word.orelse] if isinstance(word, ast.IfExp) else [word]
            for one in options:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    whole.add(one.value)
                elif isinstance(one, ast.JoinedStr) and isinstance(one.values[0], ast.Constant):
                    beginnings.add(str(one.values[0].value))
                elif not (isinstance(one, ast.Name) and one.id == "action") and not isinstance(one, ast.Subscript):
                    unclear.append(f"{path}:{one.lineno}")
    return {one for one in whole if WORD.fullmatch(one)}, beginnings, unclear


def test_every_act_that_the_audit_keeps_of_a_server_has_a_sentence() -> None:
    whole, beginnings, unclear = words_in_the_tree()
    assert len(whole) > 25
    assert unclear == []
    assert whole - ELSEWHERE <= set(acts.ACTS), sorted(whole - ELSEWHERE - set(acts.ACTS))
    for one in beginnings:
        assert [word for word in acts.ACTS if word.startswith(one)], one


@pytest.mark.usefixtures("app")
def test_every_act_is_a_sentence_of_a_group_and_its_events_are_known() -> None:
    for word, act in acts.ACTS.items():
        said = plain(acts.told(word, "/plugins: a.jar"))
        assert said[0].isupper(), word
        assert said.endswith("."), word
        assert "%(" not in said, word
        assert set(act.events) <= events.KNOWN, word
        assert any(groups.has_action(group, word) for group in groups.GROUPS), word
    assert plain(acts.told("allocation.create", "")) == "Added the allocation."
    assert plain(acts.told("task.delete", "")) == "Deleted a task of a schedule."
    assert plain(acts.told("what.ever", "x")) == "Something that this page has no words for: what.ever."


@pytest.mark.usefixtures("app")
def test_every_event_of_a_server_belongs_to_one_group() -> None:
    for event in LISTED:
        if event.startswith("server"):
            holding = [name for name in groups.GROUPS if groups.has_event(name, event)]
            assert len(holding) == 1, event
            asks = groups.GROUPS[holding[0]].asks
            assert asks is not None
            assert asks in event


@pytest.mark.usefixtures("app")
def test_the_reason_of_a_refusal_is_no_name_of_ours() -> None:
    assert acts.reason("ServerOffline: say hi") == ("The server was not running.", "say hi")
    assert acts.reason("Refused: a: b") == ("", "a: b")
    assert acts.reason("Refused") == ("", "")
    assert acts.reason("Something: else") == ("", "Something: else")
    assert acts.reason("say: hi") == ("", "say: hi")
