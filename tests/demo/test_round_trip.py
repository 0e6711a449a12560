"""One file's bytes on every way that the client API and the node offer together."""
from __future__ import annotations

import io
import random

from werkzeug.test import Client, TestResponse

from portal.demo import Demo, ManualClock
from tests.demo.conftest import Asker
from tests.demo.stub_node import server_called

CONTENT = random.Random(1).randbytes(300_000)


def _at_node(demo: Demo, method: str, url: str, **options: object) -> TestResponse:
    node = server_called(demo, "Uno").node
    return Client(demo.daemons[node.uuid]).open(url.removeprefix(node.connection_address), method=method, **options)


def _downloaded(ask: Asker, demo: Demo, path: str) -> bytes:
    url = ask.get("kim", f"{ask.server('Uno')}/files/download?file={path}").json["attributes"]["url"]
    answer = _at_node(demo, "GET", url)
    assert answer.status_code == 200
    return answer.data


def test_uploaded_archived_unpacked_backed_up_and_restored_it_is_the_same(ask: Asker, demo: Demo,
                                                                         clock: ManualClock) -> None:
    server_called(demo, "Uno").feature_limits.backups = 1
    files, backups = ask.server("Uno") + "/files", ask.server("Uno") + "/backups"
    url = ask.get("kim", f"{files}/upload").json["attributes"]["url"]
    sent = _at_node(demo, "POST", f"{url}&directory=/folder", data={"files": (io.BytesIO(CONTENT), "data.bin")})
    assert sent.status_code < 300
    assert _downloaded(ask, demo, "/folder/data.bin") == CONTENT

    archive = ask.post("kim", f"{files}/compress", {"root": "/", "files": ["folder"]}).json["attributes"]["name"]
    ask.post("kim", f"{files}/delete", {"root": "/", "files": ["folder"]})
    assert ask.post("kim", f"{files}/decompress", {"root": "/", "file": archive}).status_code == 204
    assert _downloaded(ask, demo, "/folder/data.bin") == CONTENT

    uuid = ask.post("kim", backups, {"ignored": "*.tar.gz"}).json["attributes"]["uuid"]
    clock.advance(60)
    ask.post("kim", f"{files}/write?file=/folder/data.bin", data=b"spoilt")
    assert ask.post("kim", f"{backups}/{uuid}/restore", {"truncate": True}).status_code == 204
    clock.advance(60)
    assert _downloaded(ask, demo, "/folder/data.bin") == CONTENT
    names = {item["attributes"]["name"] for item in ask.get("kim", f"{files}/list").json["data"]}
    assert archive not in names
