"""Fetching a signed address and using it, in one call; names of downloads."""

from __future__ import annotations

import io
from typing import Any

import pytest

from portal.pterodactyl import CallBudget, Panel, Transport, errors
from portal.pterodactyl.downloads import length_of, name_of
from tests.pterodactyl.fakes import BASE, JSON, KEY, SECRET, Script, World, error
from tests.pterodactyl.objects import signed
from tests.support.wsgi_adapter import WsgiAdapter

S3 = "https://bucket.s3.test/uuid/backup.tar.gz?X-Amz-Signature=abc&X-Amz-Credential=a%2Fb"
FILE = (200, b"\x1f\x8bfile", (("Content-Length", "6"), ("Content-Disposition", 'attachment; filename="b.tar.gz"')))


class Two:
    """A panel and a machine with files, each behind an adapter of its own."""

    def __init__(self, panel: Any, node: Any) -> None:
        self.panel = WsgiAdapter(Script(panel))
        self.node_app = Script(node)
        self.node = WsgiAdapter(self.node_app)
        budget = CallBudget(100, shared=False)
        transport = Transport(BASE, adapter=self.panel, stream_adapter=self.node, budget=budget)
        self.client = Panel(transport).client(KEY)


@pytest.mark.parametrize("name", ["files", "backups"])
def test_a_download_is_asked_for_and_opened(name: str) -> None:
    two = Two((200, signed(S3)), FILE)
    with getattr(two.client, name).open_download("aec8fd53", "b-1") as download:
        assert (download.name, download.size_bytes, b"".join(download)) == ("b.tar.gz", 6, b"\x1f\x8bfile")
    assert two.node.requests[0].url == S3
    assert len(two.panel.requests) == 1


def test_the_key_goes_to_the_panel_only() -> None:
    two = Two((200, signed(S3)), FILE)
    with two.client.backups.open_download("x", "b"):
        pass
    two.client.files.upload("x", "/", "a", io.BytesIO(b"x"), 1)
    assert all(SECRET in str(sent.headers) for sent in two.panel.requests)
    for sent in two.node.requests:
        assert "authorization" not in sent.headers
        assert SECRET not in str(sent.headers) + str(sent.url)


def test_an_upload_is_asked_for_and_sent() -> None:
    two = Two((200, signed()), (200, b"", ()))
    two.client.files.upload("x", "/world", "level.dat", io.BytesIO(b"abc"), 3)
    seen = two.node_app.seen[0]
    assert seen["QUERY_STRING"] == "token=eyJ.a.b&directory=%2Fworld"
    body = seen["wsgi.input"].read()
    assert len(body) == int(seen["CONTENT_LENGTH"])
    assert b'name="files"; filename="level.dat"' in body
    assert b"\r\n\r\nabc\r\n--" in body


def test_the_deadline_of_a_stream_is_passed_on() -> None:
    two = Two((200, signed()), FILE)
    for name in ("files", "backups"):
        with pytest.raises(errors.NodeUnreachable):
            getattr(two.client, name).open_download("x", "b", deadline_s=0.0)
    with pytest.raises(errors.NodeUnreachable):
        two.client.files.upload("x", "/", "a", io.BytesIO(b"x"), 1, deadline_s=0.0)
    assert (len(two.panel.requests), len(two.node.requests)) == (3, 0)


@pytest.mark.parametrize("said", ["5", "7"])
def test_a_file_of_another_length_than_said_is_no_file(said: str) -> None:
    two = Two((200, signed()), (200, b"6bytes", (("Content-Length", said),)))
    with two.client.files.open_download("x", "/a") as download, pytest.raises(errors.NodeUnreachable):
        b"".join(download)


def test_an_address_that_is_refused_is_not_used() -> None:
    two = Two(error(403, "AccessDeniedHttpException", "This action is unauthorized."), FILE)
    with pytest.raises(errors.NotAllowed):
        two.client.files.open_download("x", "/a")
    with pytest.raises(errors.NotAllowed):
        two.client.files.upload("x", "/", "a", io.BytesIO(b"x"), 1)
    assert two.node.requests == []


def test_streams_count_nothing_against_the_keys_minute() -> None:
    world = World((200, signed()), FILE, limit=1)
    with world.client.files.open_download("x", "/a") as download:
        assert b"".join(download) == b"\x1f\x8bfile"
    assert [record.path for record in world.records] == ["/api/client/servers/x/files/download"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a.txt"', "a.txt"),
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a \\"b\\\\.txt"', ".txt"),
        ("attachment; filename=\"x\"; filename*=UTF-8''%C3%A4.txt", "ä.txt"),
        ('attachment; filename="ä.txt"'.encode().decode("latin-1"), "ä.txt"),
        ('attachment; filename="\xe4.txt"', "ä.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="a\x00\x1b[1mb"', "a[1mb"),
        ('attachment; filename=".."', "download"),
        ('attachment; filename=""', "backup.tar.gz"),
        ("attachment", "backup.tar.gz"),
        ("", "backup.tar.gz"),
        ('attachment; filename="unfinished', "unfinished"),
        (f'attachment; filename="{"x" * 500}"', "x" * 199 + "…"),
    ],
)
def test_the_name_of_a_download_is_one_safe_word(header: str, name: str) -> None:
    headers = {"content-disposition": header} if header else {}
    assert name_of(headers, S3) == name


def test_an_address_without_a_name_is_a_download() -> None:
    assert name_of({}, "http://node.test/?token=x") == "download"
    assert name_of({}, "http://node.test/a%2F..%2F%2e%2e") == "download"


@pytest.mark.parametrize(
    ("text", "length"), [("5", 5), (" 5 ", 5), ("0", 0), ("-1", None), ("5, 5", None), ("٥", None), ("9" * 30, None)]
)
def test_a_length_is_a_number_or_unknown(text: str, length: int | None) -> None:
    assert length_of({"content-length": text}) == length


def test_an_answer_of_the_panel_is_json_for_all_but_contents() -> None:
    with pytest.raises(errors.BadAnswer):
        World((200, b"x", (("Content-Type", "text/plain"),))).client.files.upload_url("x")
    with pytest.raises(errors.BadAnswer):
        World((200, {}, JSON)).client.files.contents("x", "/a")
