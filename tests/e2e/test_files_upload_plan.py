"""How files are put together for sending: the parts of the script that touch neither page nor network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.stand import ROOT

MIB = 1024 * 1024


@pytest.fixture
def plan(browser: Browser) -> Any:
    """Runs an expression with the scripts on an empty page: `plan(expression, argument)`."""
    page: Page = browser.new_page()
    for name in ("upload_tree", "upload_plan", "upload_queue"):
        page.add_script_tag(path=str(Path(ROOT, "static", f"{name}.js")))
    yield page.evaluate
    page.close()


def waiting(name: str, size: int, directory: str = "/", **more: Any) -> dict[str, Any]:
    return {"name": name, "size": size, "directory": directory, "isReplacing": False, "isFolder": False,
            "isAlone": False} | more  # fmt: skip


def batch(plan: Any, *items: dict[str, Any]) -> list[str]:
    found: list[str] = plan("items => window.roostUploadPlan.batchOf(items).map(one => one.name)", list(items))
    return found


def test_nothing_waits(plan: Any) -> None:
    assert batch(plan) == []


def test_at_most_25_small_files_of_one_folder_go_together(plan: Any) -> None:
    items = [waiting(f"{number}", 10, "/a" if number % 2 else "/b") for number in range(80)]
    assert batch(plan, *items) == [f"{number}" for number in range(0, 50, 2)]


def test_a_batch_is_at_most_8_mib(plan: Any) -> None:
    assert batch(plan, waiting("a", 5 * MIB), waiting("b", 4 * MIB), waiting("c", 3 * MIB)) == ["a", "c"]


def test_a_large_file_goes_by_itself(plan: Any) -> None:
    assert batch(plan, waiting("large", 8 * MIB + 1), waiting("b", 1)) == ["large"]
    assert batch(plan, waiting("b", 1), waiting("large", 8 * MIB + 1), waiting("c", 1)) == ["b", "c"]


def test_what_replaces_goes_apart_from_what_must_not(plan: Any) -> None:
    items = [waiting("a", 1, isReplacing=True), waiting("b", 1), waiting("c", 1, isReplacing=True)]
    assert batch(plan, *items) == ["a", "c"]


def test_folders_and_what_was_refused_together_go_by_themselves(plan: Any) -> None:
    assert batch(plan, waiting("a", 0, isFolder=True), waiting("b", 1)) == ["a"]
    assert batch(plan, waiting("a", 1, isAlone=True), waiting("b", 1)) == ["a"]
    assert batch(plan, waiting("b", 1), waiting("a", 1, isAlone=True), waiting("c", 1)) == ["b", "c"]


def test_two_of_the_same_name_never_go_together(plan: Any) -> None:
    assert batch(plan, waiting("a", 1), waiting("a", 2), waiting("b", 1)) == ["a", "b"]


def test_bytes_on_their_way_belong_to_the_files_in_their_order(plan: Any) -> None:
    code = """sent => {
      const items = [{ size: 10 }, { size: 0 }, { size: 5 }];
      window.roostUploadPlan.spread(items, sent);
      return items.map(one => one.sent);
    }"""
    assert [plan(code, sent) for sent in (0, 7, 12, 99)] == [[0, 0, 0], [7, 0, 0], [10, 0, 2], [10, 0, 5]]


def test_a_tree_has_each_folder_once_with_its_path(plan: Any) -> None:
    code = """items => {
      const shown = ({ path, items, folders }) => [path, items.map(one => one.name), [...folders.values()].map(shown)];
      return window.roostUploadPlan.treesOf(items).map(shown);
    }"""
    items = [{"root": "/", "folder": folder, "name": name} for folder, name in
             (([], "a"), (["x", "y"], "b"), (["x"], "c"), (["x", "y"], "d"))]  # fmt: skip
    inner = ["/x/y", ["b", "d"], []]
    assert plan(code, items) == [["/", ["a"], [["/x", ["c"], [inner]]]]]
    assert plan(code, [{"root": "/r", "folder": ["f"], "name": "n"}]) == [["/r", [], [["/r/f", ["n"], []]]]]


@pytest.mark.parametrize(("name", "may"), [
    ("a.txt", True), ("%2e%2e", True), ("...", True), (" a ", True), ("ü🦜", True), ("\u202ea", True),
    ("ü" * 127, True),
    ("", False), (".", False), ("..", False), (" .. ", False), ("a/b", False), ("a\nb", False), ("a\x00", False),
    ("ü" * 128, False), ("\x9b", False),
])  # fmt: skip
def test_names_that_a_node_takes(plan: Any, name: str, may: bool) -> None:
    assert plan("name => window.roostUploadTree.isName(name)", name) is may


def queue(plan: Any, script: str) -> Any:
    """Runs a queue against a portal that `script` plays: `answers` by kind of question, `asked` is what was asked."""
    return plan("""async script => {
      const asked = [], wait = ms => new Promise(resolve => setTimeout(resolve, ms));
      const nothing = { kind: "ok", present: [], sizes: {}, folders: [], limit_bytes: null, sftp: null, at_once: 2 };
      const wire = {
        check: async (path, names) => (asked.push(["check", path, names]), nothing),
        makeFolder: async (path, name) => (asked.push(["folder", path, name]), { kind: "ok" }),
        send: (path, files) => {
          asked.push(["send", path, files.map(one => one.name)]);
          const ends = files.map(one => ({ name: one.name, state: "done", why: "" }));
          return { answer: Promise.resolve({ kind: "ok", files: ends }), cut() {} };
        },
        isReadable: async () => true,
        renew: async () => asked.push(["renew"]),
      };
      let ended = 0;
      const hooks = { changed() {}, arrived() {}, ended: () => (ended += 1), ask: async items => new Set(items) };
      const queue = window.roostUploadQueue.make(wire, hooks);
      const file = (name, folder = [], size = 1) => ({ file: { size }, name, folder });
      const over = async () => { while (!ended) await wait(5); };
      const states = () => Object.fromEntries(queue.seen().items.map(one => [one.name, one.why || one.state]));
      const run = new (Object.getPrototypeOf(async () => {}).constructor)(
        "queue", "wire", "hooks", "file", "over", "states", "asked", "nothing", script);
      return await run(queue, wire, hooks, file, over, states, asked, nothing);
    }""", script)


def test_only_folders_that_are_there_are_looked_into(plan: Any) -> None:
    asked = queue(plan, """
      wire.check = async (path, names) => (asked.push(["check", path, names]),
        { ...nothing, folders: names.filter(one => one === "there") });
      queue.add("/", [file("a", ["there"]), file("b", ["new", "deep"])]);
      await over();
      return asked;
    """)
    assert asked == [
        ["check", "/", ["there", "new"]], ["check", "/there", ["a"]],
        ["send", "/there", ["a"]], ["send", "/new/deep", ["b"]],
    ]  # fmt: skip


def test_a_file_that_the_answer_does_not_name_is_unknown(plan: Any) -> None:
    states = queue(plan, """
      wire.send = () => ({ answer: Promise.resolve({ kind: "ok", files: [{ name: "a", state: "done" }] }), cut() {} });
      queue.add("/", [file("a"), file("b")]);
      await over();
      return states();
    """)
    assert states == {"a": "done", "b": "unknown"}


def test_many_refusals_in_a_row_end_the_rest(plan: Any) -> None:
    found = queue(plan, """
      let sent = 0;
      wire.send = () => (sent += 1, { answer: Promise.resolve({ kind: "refused", why: "no" }), cut() {} });
      queue.add("/", Array.from({ length: 100 }, (_, number) => file(`${number}`)));
      await over();
      return [sent, Object.values(states()).every(one => one === "no")];
    """)
    assert found[0] < 10
    assert found[1]


def test_a_token_is_renewed_but_not_for_ever(plan: Any) -> None:
    asked, states = queue(plan, """
      wire.check = async () => ({ kind: "token", why: "old" });
      queue.add("/", [file("a")]);
      await over();
      return [asked, states()];
    """)
    assert asked == [["renew"]] * 3
    assert states == {"a": "old"}


def test_a_present_file_of_another_size_is_asked_about_though_its_answer_was_lost(plan: Any) -> None:
    questions, states = queue(plan, """
      const questions = [];
      hooks.ask = async items => (questions.push(items.map(one => one.name)), new Set());
      let sent = 0;
      wire.send = () => (sent += 1, queue.resume(), { answer: Promise.resolve({ kind: "lost" }), cut() {} });
      wire.check = async () => (setTimeout(queue.resume), sent
        ? { ...nothing, present: ["whole", "half"], sizes: { whole: 9, half: 4 } } : nothing);
      queue.add("/", [file("whole", [], 9), file("half", [], 9)]);
      const timer = setInterval(queue.resume, 20);
      await over();
      clearInterval(timer);
      return [questions, states()];
    """)
    assert questions == [["half"]]
    assert states == {"whole": "done", "half": "skipped"}


def test_where_nobody_can_look_it_is_asked_once_before_anything_is_replaced(plan: Any) -> None:
    """In the folder and in all below it; only what was answered for is sent, and as replacing."""
    sent, asked = plan(
        """async () => {
          const sent = [], asked = [];
          const wire = {
            check: async () => ({ kind: "ok", blind: true, present: [], folders: [], at_once: 2 }),
            send: (directory, batch, isReplacing) => {
              sent.push(...batch.map((one) => [directory, one.name, isReplacing]));
              const files = batch.map((one) => ({ name: one.name, state: "done" }));
              return { cut: () => {}, answer: Promise.resolve({ kind: "ok", files }) };
            },
          };
          let end;
          const ended = new Promise((resolve) => (end = resolve));
          const queue = window.roostUploadQueue.make(wire, {
            changed: () => {}, arrived: () => {}, ended: end,
            ask: async (items) => {
              asked.push(items.map((one) => [one.name, one.isUnseen]));
              return new Set(items.filter((one) => one.name !== "b"));
            },
          });
          const item = (name, ...folder) => ({ name, folder, file: new File(["x"], name) });
          await queue.add("/", [item("a"), item("b"), item("c", "deep", "er")]);
          await ended;
          return [sent, asked];
        }"""
    )
    assert sent == [["/", "a", True], ["/deep/er", "c", True]]
    assert asked == [[["a", True], ["b", True], ["c", True]]]
