"""Files that a node fetches from elsewhere."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.demo.wings.conftest import UNEXPECTED, Box, says


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802
        self.send_response({"/moved": 302, "/missing": 404}.get(self.path, 200))
        self.send_header("Location", "/plugin.jar")
        self.send_header("Content-Disposition", 'attachment; filename="../told.jar"')
        if self.path != "/endless":
            self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"bytes")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def elsewhere(box: Box) -> Iterator[str]:
    """An address that answers, and that the node's configuration allows."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_address[1]}"
    box.node.config.pull_hosts.append(host)
    yield f"http://{host}"
    server.shutdown()
    thread.join()
    server.server_close()


def pull(box: Box, url: str, **more: object) -> dict[str, object]:
    return {"url": url, "root": "/folder", **more}


def test_a_pull_in_the_background_answers_at_once_and_stores_later(box: Box, elsewhere: str) -> None:
    answer = box.post("/files/pull", pull(box, f"{elsewhere}/plugin.jar?x=1"))
    assert answer.status_code == 202
    assert answer.json is not None
    assert box.get("/files/pull").json == {"downloads": [{"Identifier": answer.json["identifier"], "Progress": 0}]}
    assert box.names("/folder") == []
    box.work()
    assert box.get("/files/contents", file="/folder/plugin.jar").data == b"bytes"
    assert box.get("/files/pull").json == {"downloads": None}


@pytest.mark.parametrize(("more", "name"), [
    ({}, "plugin.jar"), ({"file_name": "mine.jar"}, "mine.jar"), ({"use_header": True}, "told.jar"),
])
def test_a_pull_in_the_foreground_answers_with_the_file(
        box: Box, elsewhere: str, more: dict[str, object], name: str) -> None:
    answer = box.post("/files/pull", pull(box, f"{elsewhere}/plugin.jar", foreground=True, **more))
    assert (answer.status_code, answer.json) == (200, box.entry(name, "/folder"))


@pytest.mark.parametrize("path", ["/moved", "/missing", "/endless", "/"])
def test_redirects_errors_and_answers_without_length_or_name_are_refused(
        box: Box, elsewhere: str, path: str) -> None:
    answer = box.post("/files/pull", pull(box, elsewhere + path, foreground=True))
    assert says(answer) == (500, UNEXPECTED)
    assert box.names("/folder") == []


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/x", "http://[::1]/x", "http://10.0.0.1/x", "http://localhost/x", "http://169.254.169.254/x",
    "https://files.example.com/x", "file:///etc/passwd", "nonsense",
])
def test_no_other_place_can_be_reached(box: Box, url: str) -> None:
    assert says(box.post("/files/pull", pull(box, url, foreground=True))) == (500, UNEXPECTED)
    assert box.post("/files/pull", pull(box, url)).status_code == 202
    box.work()
    assert box.names("/folder") == []


def test_the_forbidden_and_the_disk_limit_count_for_pulls(box: Box, elsewhere: str) -> None:
    body = pull(box, f"{elsewhere}/plugin.jar", foreground=True)
    box.server.egg.file_denylist = ["*.jar"]
    assert says(box.post("/files/pull", body)) == (403, "This file cannot be modified: present in egg denylist.")
    box.server.egg.file_denylist = []
    box.server.limits.disk = 1
    box.files.write("/big", (b"x" * (1024 * 1024 - 8),))
    assert says(box.post("/files/pull", body)) == (
        400, "There is not enough disk space available to perform that action.")


def test_three_at_most_and_a_cancelled_one_makes_room(box: Box) -> None:
    identifiers = []
    for _ in range(3):
        answer = box.post("/files/pull", pull(box, "https://files.example.com/x"))
        assert answer.json is not None
        identifiers.append(answer.json["identifier"])
    body = pull(box, "https://files.example.com/x")
    assert says(box.post("/files/pull", body)) == (
        400, "This server has reached its limit of 3 simultaneous remote file downloads at once. Please wait for one "
             "to complete before trying again.")
    assert box("DELETE", f"/files/pull/{identifiers[0]}").status_code == 204
    assert box("DELETE", "/files/pull/unknown").status_code == 204
    assert box.post("/files/pull", body).status_code == 202
    box.work()
    assert box.get("/files/pull").json == {"downloads": None}


@pytest.mark.parametrize("url", ["http://host:port/", "http://[::1/x", "http://a\nb/"])
def test_what_is_no_address_is_refused(box: Box, url: str) -> None:
    status, text = says(box.post("/files/pull", pull(box, url)))
    assert status == 400
    assert text.startswith("An error occurred while parsing that URL: ")


@pytest.mark.parametrize("body", [{"root": "/"}, {"url": "http://x/"}, {"url": 5, "root": "/"}])
def test_address_and_folder_are_required(box: Box, body: dict[str, object]) -> None:
    assert says(box.post("/files/pull", body)) == (400, UNEXPECTED)


def test_pulling_may_be_switched_off(box: Box) -> None:
    box.node.config.pulls_enabled = False
    assert says(box.post("/files/pull", pull(box, "http://x/"))) == (
        400, "This functionality is not currently enabled on this instance.")
