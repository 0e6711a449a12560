"""Signed links: downloads and uploads of whoever holds one, once."""
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from portal.demo.tokens import sign
from portal.demo.world import Backup
from tests.demo.wings.conftest import UNEXPECTED, Box, says

NOT_FOUND = (404, "The requested resource was not found on this server.")
REFUSED = (500, UNEXPECTED)


def download(box: Box, token: str) -> TestResponse:
    return box.browser.get("/download/file", query_string={"token": token})


def upload(box: Box, *files: tuple[bytes, str], token: str | None = None, field: str = "files",
           **query: str) -> TestResponse:
    parts = [(field, FileStorage(io.BytesIO(content), name)) for content, name in files]
    boundary, body = encode_multipart(MultiDict(parts))
    return box.browser.post("/upload/file", data=body, content_type=f"multipart/form-data; boundary={boundary}",
                            query_string={"token": token or box.token(), **query})


def test_a_download_is_the_file_with_its_name(box: Box) -> None:
    box.write('/folder/ü "q" \\.bin', b"\0\xff")
    answer = download(box, box.token(file_path='/folder/ü "q" \\.bin'))
    assert (answer.status_code, answer.data) == (200, b"\0\xff")
    assert (answer.headers["Content-Length"], answer.headers["Content-Type"]) == ("2", "application/octet-stream")
    raw = answer.headers["Content-Disposition"].encode("latin-1")
    assert raw == 'attachment; filename="ü \\"q\\" \\\\.bin"'.encode()
    assert not {"Accept-Ranges", "ETag"} & set(answer.headers.keys())


def test_a_link_works_once(box: Box) -> None:
    token = box.token(file_path="/a.txt")
    assert download(box, token).status_code == 200
    assert says(download(box, token)) == NOT_FOUND


def test_a_failed_attempt_spends_the_link(box: Box) -> None:
    token = box.token(file_path="/late.txt")
    assert says(download(box, token)) == REFUSED
    box.write("/late.txt", b"x")
    assert says(download(box, token)) == NOT_FOUND


def test_an_upload_that_fails_spends_the_link(box: Box) -> None:
    token = box.token()
    assert upload(box, (b"x", "a"), token=token, field="wrong").status_code == 400
    assert says(upload(box, (b"x", "a"), token=token)) == NOT_FOUND


def test_a_spent_link_is_remembered_for_an_hour(box: Box) -> None:
    token = box.token(lifetime=10_000, file_path="/a.txt")
    download(box, token)
    box.clock.advance(3599)
    assert says(download(box, token)) == NOT_FOUND
    box.clock.advance(2)
    assert download(box, token).status_code == 200


def test_a_restarted_node_has_forgotten_spent_links(box: Box) -> None:
    token = box.token(file_path="/a.txt")
    download(box, token)
    box.node.restart()
    assert download(box, token).status_code == 200


def test_a_link_ends_after_its_last_second(box: Box) -> None:
    first, second = box.token(file_path="/a.txt"), box.token(file_path="/a.txt")
    box.clock.advance(900)
    assert download(box, first).status_code == 200
    box.clock.advance(1)
    assert says(download(box, second)) == REFUSED


def forged(box: Box) -> list[str]:
    good = box.token(file_path="/a.txt")
    header, payload, signature = good.split(".")
    now = int(box.clock.now())
    claims = {"server_uuid": box.server.uuid, "file_path": "/a.txt", "unique_id": "u"}

    def signed(**more: Any) -> str:
        return sign({"typ": "JWT", "alg": "HS256"}, {**claims, **more}, box.server.node)

    return ["", "x", "a.b.c", f"{header}.{payload}.", f"{header}.{payload}x.{signature}", good[:-2], good + "=",
            "ü.b.c", signed(), signed(exp="soon"), signed(exp=now + 9, file_path=5),
            signed(exp=now + 9, server_uuid=[])]


@pytest.mark.parametrize("number", range(12))
def test_forged_malformed_and_endless_links_are_unexpected_errors(box: Box, number: int) -> None:
    assert says(download(box, forged(box)[number])) == REFUSED


def test_another_nodes_key_is_not_this_nodes(box: Box) -> None:
    token = box.token(file_path="/a.txt")
    box.server.node.daemon_token = "changed"
    assert says(download(box, token)) == REFUSED


def test_a_link_for_an_unknown_server_is_not_found(box: Box) -> None:
    assert says(download(box, box.token(server_uuid="nothing", file_path="/a.txt"))) == NOT_FOUND


def test_folders_are_not_found_and_missing_files_unexpected(box: Box) -> None:
    assert says(download(box, box.token(file_path="/folder"))) == NOT_FOUND
    assert says(download(box, box.token(file_path="/nothing"))) == REFUSED
    assert says(download(box, box.token(file_path="../../etc/passwd"))) == REFUSED


def test_the_eggs_list_does_not_forbid_reading(box: Box) -> None:
    box.server.egg.file_denylist = ["a.txt"]
    assert download(box, box.token(file_path="/a.txt")).data == b"12345"


def test_a_backup_is_downloaded_under_its_uuid(box: Box) -> None:
    box.demo.world.backups.append(Backup(1, "b-1", box.server, "b", [], "wings", box.clock.now()))
    box.post("/backup", {"adapter": "wings", "uuid": "b-1", "ignore": ""})
    box.work()
    answer = box.browser.get("/download/backup", query_string={"token": box.token(backup_uuid="b-1")})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="b-1.tar.gz"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("uuid", ["missing", "", "../../volumes/x", None])
def test_a_missing_backup_has_a_sentence(box: Box, uuid: str | None) -> None:
    answer = box.browser.get("/download/backup", query_string={"token": box.token(backup_uuid=uuid)})
    assert says(answer) == (404, "The requested backup was not found on this server.")


def test_an_upload_stores_its_files_and_says_nothing(box: Box) -> None:
    answer = upload(box, (b"one", "one.txt"), (b"", "empty.txt"), (b"new", "a.txt"), directory="/new/dir")
    assert (answer.status_code, answer.data) == (200, b"")
    assert box.names("/new/dir") == ["one.txt", "empty.txt", "a.txt"]
    assert box.get("/files/contents", file="/new/dir/a.txt").data == b"new"


def test_an_upload_goes_to_the_root_and_replaces(box: Box) -> None:
    upload(box, (b"new", "a.txt"))
    assert box.get("/files/contents", file="/a.txt").data == b"new"


@pytest.mark.parametrize("name", ["../../x.txt", "/etc/x.txt", "folder/x.txt"])
def test_folders_in_the_names_of_uploads_are_dropped(box: Box, name: str) -> None:
    assert upload(box, (b"x", name)).status_code == 200
    assert box.names() == ["x.txt", "a.txt", "folder"]


def test_an_upload_beside_the_folder_is_an_unexpected_error(box: Box) -> None:
    assert says(upload(box, (b"x", "x.txt"), directory="../other")) == REFUSED


def test_each_uploaded_file_is_reported(box: Box) -> None:
    upload(box, (b"x", "x.txt"), (b"y", "y.txt"), directory="/folder/")
    entries = box.demo.world.activity_logs[-2:]
    assert [(entry.event, entry.actor, entry.properties) for entry in entries] == [
        ("server:file.uploaded", box.server.owner, {"file": name, "directory": "/folder"})
        for name in ("x.txt", "y.txt")]


def test_a_file_over_the_nodes_limit_is_refused_and_none_is_stored(box: Box) -> None:
    box.server.node.upload_size = 1
    exact, large = b"x" * 1024 * 1024, b"x" * (1024 * 1024 + 1)
    assert says(upload(box, (exact, "fits.bin"), (large, "large.bin"))) == (
        400, "File large.bin is larger than the maximum file upload size of 1 MB.")
    assert box.names() == ["a.txt", "folder"]
    assert upload(box, (exact, "fits.bin")).status_code == 200


@pytest.mark.parametrize("send", [
    lambda box: box.browser.post("/upload/file", data=b"raw", query_string={"token": box.token()}),
    lambda box: box.browser.post("/upload/file", query_string={"token": box.token()}),
])
def test_uploads_that_are_no_form_are_refused(box: Box, send: Callable[[Box], TestResponse]) -> None:
    assert says(send(box)) == (400, "Failed to get multipart form data from request.")


def test_uploads_without_the_field_are_refused(box: Box) -> None:
    assert says(upload(box, (b"x", "x"), field="file")) == (400, "No files were found on the request body.")


def test_uploads_obey_the_egg_and_the_disk_limit_and_keep_what_came_before(box: Box) -> None:
    box.server.egg.file_denylist = ["*.jar"]
    assert says(upload(box, (b"x", "before.txt"), (b"x", "a.jar"), (b"x", "after.txt"))) == (
        403, "This file cannot be modified: present in egg denylist.")
    assert box.names() == ["before.txt", "a.txt", "folder"]
    box.server.limits.disk = 1
    assert says(upload(box, (b"x" * 1024 * 1024, "big"))) == (
        400, "There is not enough disk space available to perform that action.")


def test_an_upload_over_a_folder_is_an_unexpected_error(box: Box) -> None:
    assert says(upload(box, (b"x", "folder"))) == REFUSED


def test_a_token_for_a_socket_uploads_too(box: Box) -> None:
    """Nothing ties a token to its purpose."""
    assert upload(box, (b"x", "x"), token=box.token(permissions=["websocket.connect"])).status_code == 200


def test_heads_are_not_routed(box: Box) -> None:
    answer = box.browser.head("/download/file", query_string={"token": box.token(file_path="/a.txt")})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/upload/file", "/download/file", "/api/servers/x/files/write", "/no/such/path"])
def test_every_preflight_is_answered(box: Box, path: str) -> None:
    answer = box.browser.options(path, headers={"Origin": "https://portal.example"})
    assert (answer.status_code, answer.data) == (204, b"")
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == box.demo.base
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Access-Control-Allow-Methods"] == "GET, POST, PATCH, PUT, DELETE, OPTIONS"
    assert headers["Access-Control-Max-Age"] == "7200"
    assert "X-CSRF-Token" in headers["Access-Control-Allow-Headers"]
    assert "X-Request-Id" in headers


@pytest.mark.parametrize(("listed", "told"), [
    (["https://portal.example"], "https://portal.example"), (["*"], "*"), (["https://other.example"], None)])
def test_listed_origins_may_read_answers(box: Box, listed: list[str], told: str | None) -> None:
    box.node.config.allowed_origins = listed
    answer = box.browser.get("/download/file", headers={"Origin": "https://portal.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == (told or box.demo.base)
