"""The walk of docs/install.md: from a clean clone to a customer who signed in by a link and sees the right servers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.deploy.browser import Browser
from tests.deploy.machine import HOST, NGINX, ROOT, DemoPanel, Machine

pytestmark = [pytest.mark.nginx, pytest.mark.slow]

GUIDE = ROOT / "docs/install.md"
OWNER = "owner@example.com"


def commands() -> list[str]:
    """The commands that the guide tells to run."""
    section = GUIDE.read_text().split("## The five commands", 1)[1]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1].strip().splitlines()


@pytest.fixture
def clean(folder: Path) -> Iterator[Machine]:
    """A machine on which the first two commands have been run, with a virtual environment of its own to come."""
    machine = Machine(folder, own_venv=True)
    yield machine
    machine.close()


def test_the_guide_needs_at_most_five_commands() -> None:
    assert len(commands()) <= 5


def test_what_the_guide_installs_is_what_is_needed() -> None:
    packages = commands()[0].split()
    assert {"git", "python3-venv", "nginx", "certbot", "python3-certbot-nginx"} <= set(packages)
    assert NGINX
    assert shutil.which("git")


def test_the_first_customer_signs_in_by_a_link_and_sees_the_right_servers(clean: Machine, panel: DemoPanel) -> None:
    _, fetch, install, certificate, people = commands()
    assert fetch.endswith(" /opt/roost")
    assert not (clean.tree / ".venv").exists()
    assert not (clean.tree / "instance/config.toml").exists()

    assert install == "/opt/roost/bin/install"
    done = clean.install(
        "--non-interactive", ROOST_PANEL_URL=panel.url, ROOST_APPLICATION_KEY=panel.keys["application"],
        ROOST_USE_SERVICE_KEY="true", ROOST_SERVICE_KEY=panel.keys["service"], ROOST_PORTAL_URL=f"https://{HOST}",
        ROOST_SETUP_ADMIN="admin@example.com",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"https://{HOST}/invite/" in done.stdout, "the administrator's own link"
    for key in panel.keys.values():
        assert key not in done.stdout + done.stderr
    clean.start()

    assert certificate == f"certbot --nginx -d {HOST}"
    assert people.split()[0] == "roost"
    links = dict(line.split("\t") for line in clean.roost(*people.split()[1:]).splitlines())
    assert OWNER in links

    browser = clean.browser()
    link = urlsplit(links[OWNER])
    assert (link.scheme, link.netloc) == ("https", HOST)
    form = dict.fromkeys(("password", "again"), "a long enough pass phrase")
    assert browser.submit(link.path, form).headers["Location"] == "/servers"
    assert servers_shown(browser) == servers_of_the_panel(panel)
    assert browser.get(link.path).status == 410, "the link is used up"
    assert clean.browser().get("/servers").headers["Location"].startswith("/login")


def servers_shown(browser: Browser) -> set[str]:
    """The names in the list, on all its pages."""
    names: set[str] = set()
    for number in range(1, 20):
        found = re.findall(r'class="name"[^>]*><bdi>([^<]+)</bdi>', browser.get(f"/servers?page={number}").text)
        if not found or names.issuperset(map(unescape, found)):
            break
        names |= set(map(unescape, found))
    return names


def servers_of_the_panel(panel: DemoPanel) -> set[str]:
    """What the panel itself shows to the same person."""
    address = f"{panel.url}/api/client?per_page=100"
    headers = {"Authorization": f"Bearer {panel.keys['owner']}", "Accept": "application/json"}
    with urlopen(Request(address, headers=headers), timeout=60) as answer:
        found = json.load(answer)
    assert found["meta"]["pagination"]["total_pages"] == 1
    return {one["attributes"]["name"] for one in found["data"]}
