"""What tests of the console page do and look at: its lines, its words about the connection, and a game that counts."""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType

from playwright.sync_api import Locator, Page, TimeoutError, expect

from portal.demo.wings.process import Process
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.stand import Stand

LIVE_MS = PATIENCE_MS
BACK_MS = 60_000
"""A page waits 30 s at most between two tries."""
COUNTED = re.compile(r"^count (\d+) ")


def process_of(stand: Stand, name: str) -> Process:
    """What runs on the node."""
    return stand.demo.processes[next(one.uuid for one in stand.demo.world.servers if one.name == name)]


class Counting:
    """A game that prints `count 1`, `count 2`, ... at an even pace until the block ends, whatever the network does."""

    def __init__(self, stand: Stand, name: str, *, rate: float = 20) -> None:
        self.printed = 0
        self._console = process_of(stand, name).console
        self._pause = 1 / rate
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Counting:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(60)

    def _count(self) -> None:
        began = time.monotonic()
        while not self._over.wait(max(0.0, began + self.printed * self._pause - time.monotonic())):
            self._console.print(f"count {self.printed + 1} of the sheep")
            self.printed += 1


def view(page: Page) -> Locator:
    """The lines' place."""
    return page.locator("[data-console] [data-log]").first


def open_console(page: Page, stand: Stand, name: str) -> None:
    """Go there, and wait until it is live."""
    page.goto(f"/servers/{stand.server(name)}/console")
    expect_live(page)


def expect_live(page: Page, timeout: float = LIVE_MS) -> None:
    """The page says that it is live."""
    expect(page.locator("[data-console]").first).to_have_attribute("data-phase", "live", timeout=timeout)


def lines(page: Page) -> list[str]:
    """What stands in the console, line by line."""
    found: list[str] = view(page).locator(".l:not(.mark)").evaluate_all("all => all.map(line => line.textContent)")
    return found


def marks(page: Page, kind: str = "gap") -> list[str]:
    """What the page says between the lines; `gap`: something is missing there."""
    return view(page).locator(f".mark.{kind}").all_inner_texts()


def counted(page: Page) -> list[int]:
    """The numbers that stand there."""
    return [int(found[1]) for line in lines(page) if (found := COUNTED.match(line))]


def expect_line(page: Page, text: str, timeout: float = PATIENCE_MS) -> None:
    """A line with that text comes."""
    script = "([log, text]) => log.textContent.includes(text)"
    try:
        page.wait_for_function(script, arg=[view(page).element_handle(), text], timeout=timeout, polling=50)
    except TimeoutError:
        *_, last = ["nothing", *lines(page)]
        said = page.locator("[data-said]").first.inner_text()
        raise AssertionError(f"no line with {text!r}; the last one is {last[:200]!r}, the page says {said!r}") from None


def expect_whole(page: Page, printed: int, timeout: float = BACK_MS) -> None:
    """Everything that was counted stands there, each once and in order, and nobody says that something is missing."""
    expect_line(page, f"count {printed} of", timeout)
    got = counted(page)
    assert got == list(range(1, printed + 1)), _what_is_wrong(got, printed)
    assert marks(page) == []


def _what_is_wrong(got: list[int], printed: int) -> str:
    missing = sorted(set(range(1, printed + 1)) - set(got))
    twice = sorted({one for one in got if got.count(one) > 1})
    unordered = [(one, after) for one, after in zip(got, got[1:], strict=False) if after < one]
    return f"of {printed}: missing {missing[:20]}, twice {twice[:20]}, out of order {unordered[:10]}"


def send(page: Page, command: str) -> None:
    """Type a command and press enter."""
    box = page.get_by_role("textbox", name=re.compile("command", re.IGNORECASE))
    box.fill(command)
    box.press("Enter")
