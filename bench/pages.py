"""How heavy and how quick the pages are: throttled Chromium, cold cache, the demo panel answering in 15 ms.

    .venv/bin/python bench/pages.py [--quick]

list_kb            everything that the first visit of the server list loads, as it came over the line, in 1000 bytes
list_visible_ms    from the start of the navigation until the first server is painted; median
server_visible_ms  the same for the page of one server
panel_calls        the most calls that one page made of the panel
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Iterator

LATENCY_MS = 15
ROUND_TRIP_MS = 40
BYTES_PER_S = 1_250_000
AIMS = {"list_kb": 27, "list_visible_ms": 400, "other_hosts": 0, "panel_calls": 1}
PHONE = {"width": 360, "height": 740}
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking")

# Two frames after the element is there it has been painted: the first one lays it out, the second follows its paint.
VISIBLE = """
(() => {
  const wanted = %s;
  const seen = () => {
    const one = document.querySelector(wanted);
    if (!one || !one.getBoundingClientRect().height) return requestAnimationFrame(seen);
    requestAnimationFrame(() => setTimeout(() => { window.visibleAfter = performance.now(); }, 0));
  };
  requestAnimationFrame(seen);
})();
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="How heavy and how quick the pages are.")
    parser.add_argument("--quick", action="store_true", help="fewer visits; under 40 s")
    options = parser.parse_args()
    visits = 5 if options.quick else 25
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=list(ARGUMENTS))
        with _demo() as demo:
            figures = _measure(browser, demo, visits)
        figures["panel_calls"] = _panel_calls(browser)
        browser.close()
    for name, value in figures.items():
        aim = f"   aim: at most {AIMS[name]}" if name in AIMS else ""
        print(f"{name:22}{value:>10}{aim}")
    print(json.dumps(figures))
    return 0


def _measure(browser: Browser, demo: dict[str, Any], visits: int) -> dict[str, Any]:
    portal = demo["portal"]
    state = _sign_in(browser, portal, **demo["logins"]["owner"])
    first_row, heading = "li.server .name", "#live .badge"
    server = _first_server(browser, portal, state)
    lists, servers, sizes, others = [], [], [], set()
    parts: dict[str, int] = {}
    for _ in range(visits):
        took, parts, hosts = _visit(browser, f"{portal}/servers", state, first_row)
        lists.append(took)
        sizes.append(sum(parts.values()))
        others |= hosts
        took, _, hosts = _visit(browser, f"{portal}{server}", state, heading)
        servers.append(took)
        others |= hosts
    others.discard(urlsplit(portal).netloc)
    for path, size in parts.items():
        print(f"  {size:>8} bytes  {path}")
    return {
        "list_kb": round(max(sizes) / 1000, 1),
        "list_visible_ms": round(statistics.median(lists)),
        "server_visible_ms": round(statistics.median(servers)),
        "list_visible_ms_worst": round(max(lists)),
        "list_requests": len(parts),
        "other_hosts": len(others),
        "visits": visits,
    }


def _visit(browser: Browser, url: str, state: Any, wanted: str) -> tuple[float, dict[str, int], set[str]]:
    """One visit with an empty cache: ms until visible, bytes on the line by path, hosts."""
    context = browser.new_context(storage_state=state, viewport=PHONE, is_mobile=True, has_touch=True)
    page = context.new_page()
    lines = context.new_cdp_session(page)
    lines.send("Network.enable")
    lines.send("Network.clearBrowserCache")
    lines.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False, "latency": ROUND_TRIP_MS,
            "downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S,
        },
    )
    sizes: dict[str, int] = {}
    asked: dict[str, str] = {}
    lines.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    lines.on(
        "Network.loadingFinished", lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    page.add_init_script(VISIBLE % json.dumps(wanted))
    page.goto(url, wait_until="load")
    page.wait_for_function("window.visibleAfter", timeout=20_000)
    took = float(page.evaluate("window.visibleAfter"))
    page.wait_for_load_state("networkidle")
    context.close()
    asked = {number: one for number, one in asked.items() if not one.startswith("data:") and "/live" not in one}
    parts = {urlsplit(one).path: sizes.get(number, 0) for number, one in asked.items()}
    return took, parts, {urlsplit(one).netloc for one in asked.values()}


def _panel_calls(browser: Browser) -> int:
    """The most calls by one page, counted in the panel's own log; without the worker, so that only pages call."""
    from tests.e2e.stand import PASSWORD, Stand

    most = 0
    for mode in ("own", "service"):
        stand = Stand(mode=mode, worker=False)
        try:
            if mode == "service":
                _read_once(stand)
            state = _sign_in(browser, stand.url, email="owner@example.com", password=PASSWORD)
            context = browser.new_context(storage_state=state, base_url=stand.url)
            context.route_web_socket("**/console/socket", lambda _: None)  # a console's own calls are no page's
            page = context.new_page()
            lobby = stand.server("Lobby")
            pages = ("/servers", "/servers?q=rust", "/servers?page=2", f"/servers/{lobby}", f"/servers/{lobby}/console",
                     f"/servers/{lobby}/power/stop", "/servers/live")  # fmt: skip
            for path in pages:
                for age_s in (0, 30, 120):
                    most = max(most, _calls(stand, page, path, age_s))
            context.close()
        finally:
            stand.close()
    return most


def _calls(stand: Any, page: Page, path: str, age_s: float) -> int:
    stand.age(age_s)
    stand.demo.calls.clear()
    page.goto(path)
    return len(stand.demo.calls)


def _read_once(stand: Any) -> None:
    """One reading of rights and lists, as the worker makes it."""
    from portal import create_app
    from portal.background import directory
    from portal.config import load
    from portal.store import db

    app = create_app(load({"ROOST_INSTANCE": str(stand.instance), "ROOST_LOG_LEVEL": "ERROR"}))
    with app.app_context():
        directory.sync()
        db.engine.dispose()


def _sign_in(browser: Browser, portal: str, *, email: str, password: str) -> Any:
    context = browser.new_context(base_url=portal)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/servers**")
    state = context.storage_state()
    context.close()
    return state


def _first_server(browser: Browser, portal: str, state: Any) -> str:
    context = browser.new_context(storage_state=state, base_url=portal)
    page = context.new_page()
    page.goto("/servers?q=survival+smp")
    path = page.locator("li.server .name").first.get_attribute("href") or ""
    context.close()
    return path


@contextmanager
def _demo() -> Iterator[dict[str, Any]]:
    options = ("--json", "--port", "0", "--panel-port", "0", "--latency-ms", str(LATENCY_MS))
    command = [str(ROOT / "bin" / "demo"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(15)
        time.sleep(0.1)


def _chromium() -> str:
    return shutil.which(os.environ.get("CHROMIUM", "")) or "/usr/bin/chromium"


if __name__ == "__main__":
    sys.exit(main())
