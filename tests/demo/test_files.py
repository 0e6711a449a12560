from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import StubNode, server_called


@pytest.fixture
def files(ask: Asker) -> str:
    return ask.server("Uno") + "/files"


@pytest.fixture
def node(demo: Demo) -> StubNode:
    return StubNode(demo, server_called(demo, "Uno"))


def _claims(url: str) -> dict[str, Any]:
    part = url.rpartition("token=")[2].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_written_bytes_come_back_as_text(ask: Asker, files: str, demo: Demo) -> None:
    content = "größe\x00\n".encode()
    assert ask.post("kim", f"{files}/write?file=/deep/er.txt", data=content).status_code == 204
    answer = ask.get("kim", f"{files}/contents?file=/deep/er.txt")
    assert (answer.data, answer.headers["Content-Type"]) == (content, "text/plain; charset=UTF-8")
    assert [(entry.event, entry.properties) for entry in demo.world.activity_logs[-2:]] == [
        ("server:file.write", {"file": "/deep/er.txt"}), ("server:file.read", {"file": "/deep/er.txt"})]


def test_a_listing_has_the_panels_shape(ask: Asker, files: str) -> None:
    document = ask.get("kim", f"{files}/list").json
    found = {item["attributes"]["name"]: item for item in document["data"]}
    assert document["object"] == "list"
    assert found["a.txt"]["object"] == "file_object"
    assert {name: found["a.txt"]["attributes"][name] for name in ("size", "is_file", "is_symlink", "mode_bits")} == {
        "size": 5, "is_file": True, "is_symlink": False, "mode_bits": "644"}
    assert found["folder"]["attributes"]["is_file"] is False


def test_what_a_node_leaves_out_of_an_entry_has_a_default(ask: Asker, files: str, node: StubNode) -> None:
    node.answer = [{"name": "x", "created": "2024-05-01T12:30:00.123456789+02:00", "modified": "2024-05-01T12:30:00Z"}]
    assert ask.get("kim", f"{files}/list?directory=").json["data"][0]["attributes"] == {
        "name": "x", "mode": None, "mode_bits": None, "size": None, "is_file": True, "is_symlink": False,
        "mimetype": "application/octet-stream", "created_at": "2024-05-01T12:30:00+02:00",
        "modified_at": "2024-05-01T12:30:00+00:00"}
    assert node.asked == [("GET", "/files/list-directory", {"directory": "/"}, b"")]


@pytest.mark.parametrize(("method", "path", "body", "status"), [
    ("GET", "/list", None, 500), ("POST", "/compress", {"files": ["a"]}, 500),
    ("GET", "/contents?file=a", None, 200), ("POST", "/copy", {"location": "a"}, 204),
    ("POST", "/delete", {"root": "/", "files": ["a"]}, 204),
])
def test_a_node_that_answers_no_json_crashes_only_what_reads_it(ask: Asker, files: str, demo: Demo, method: str,
                                                                path: str, body: Any, status: int) -> None:
    demo.set_condition("node-garbage")
    answer = ask("kim", method, files + path, body)
    assert answer.status_code == status
    if status == 500:
        assert says(answer)[1] == "TypeError"


def test_what_is_too_large_for_the_editor_is_refused(ask: Asker, files: str, demo: Demo) -> None:
    demo.panel.services.config.max_edit_size = 5
    assert ask.get("kim", f"{files}/contents?file=a.txt").data == b"12345"
    demo.panel.services.config.max_edit_size = 4
    assert says(ask.get("kim", f"{files}/contents?file=a.txt")) == (
        400, "FileSizeTooLargeException",
        "The file you are attempting to open is too large to view in the file editor.")
    assert demo.world.activity_logs[-1].event == "server:file.read"


@pytest.mark.parametrize(("path", "permission", "method", "body"), [
    ("/list", "file.read", "GET", None), ("/contents?file=a.txt", "file.read-content", "GET", None),
    ("/download?file=a.txt", "file.read-content", "GET", None),
    ("/rename", "file.update", "PUT", {"root": "/", "files": [{"from": "no", "to": "where"}]}),
    ("/copy", "file.create", "POST", {"location": "/a.txt"}),
    ("/compress", "file.archive", "POST", {"files": ["a.txt"]}),
    ("/decompress", "file.create", "POST", {"file": "a.txt"}),
    ("/delete", "file.delete", "POST", {"root": "/", "files": ["no"]}),
    ("/create-folder", "file.create", "POST", {"name": "new"}),
    ("/chmod", "file.update", "POST", {"root": "/", "files": [{"file": "a.txt", "mode": "600"}]}),
    ("/pull", "file.create", "POST", {"url": "https://example.org/x"}), ("/upload", "file.create", "GET", None),
])
def test_each_route_takes_its_own_permission(ask: Asker, files: str, demo: Demo, path: str, permission: str,
                                             method: str, body: Any) -> None:
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["file.sftp"]
    assert says(ask("lee", method, files + path, {} if method != "GET" else None))[:2] == (
        403, "AccessDeniedHttpException")
    subuser.permissions = [permission]
    assert ask("lee", method, files + path, body).status_code not in (403, 404, 422)


@pytest.mark.parametrize(("method", "path", "body", "failures"), [
    ("GET", "/list?directory[]=x", None, [("directory", "string", "The directory must be a string.")]),
    ("GET", "/contents?file=", None, [("file", "required", "The file field is required.")]),
    ("GET", "/download?file[]=x", None, [("file", "string", "The file must be a string.")]),
    ("PUT", "/rename", {"root": None, "files": {}}, [
        ("root", "required", "The root field is required."), ("files", "required", "The files field is required.")]),
    ("PUT", "/rename", {"root": 5, "files": [{"from": "a"}]}, [
        ("root", "string", "The root must be a string."),
        ("files.0.to", "required", "The files.0.to field is required.")]),
    ("POST", "/compress", {"files": "a"}, [("files", "array", "The files must be an array.")]),
    ("POST", "/delete", {"root": "/", "files": ["a", 5]}, [("files.1", "string", "The files.1 must be a string.")]),
    ("POST", "/decompress", {"root": 1}, [
        ("root", "string", "The root must be a string."), ("file", "required", "The file field is required.")]),
    ("POST", "/chmod", {"root": "/", "files": [{"file": "a", "mode": "rwx"}]}, [
        ("files.0.mode", "numeric", "The files.0.mode must be a number.")]),
    ("POST", "/pull", {"url": "x", "use_header": "yes", "foreground": None}, [
        ("url", "url", "The url format is invalid."),
        ("use_header", "boolean", "The use header field must be true or false."),
        ("foreground", "boolean", "The foreground field must be true or false.")]),
])
def test_what_is_not_valid_is_said_for_each_field(ask: Asker, files: str, method: str, path: str, body: Any,
                                                  failures: list[tuple[str, str, str]]) -> None:
    answer = ask("kim", method, files + path, body)
    assert answer.status_code == 422
    assert [(error["meta"]["source_field"], error["meta"]["rule"], error["detail"])
            for error in answer.json["errors"]] == failures


def test_names_keep_their_blanks_by_uuid_and_lose_them_by_short_id(ask: Asker, demo: Demo, node: StubNode) -> None:
    server = server_called(demo, "Uno")
    for known_as in (server.identifier, server.uuid):
        ask.post("kim", f"/api/client/servers/{known_as}/files/copy", {"location": " a "})
    assert [body for *_, body in node.asked] == [{"location": "a"}, {"location": " a "}]


@pytest.mark.parametrize("body", [{"root": None, "name": "x"}, {"root": "", "name": "x"}])
def test_a_folder_in_no_folder_crashes_the_panel(ask: Asker, files: str, body: Any) -> None:
    assert says(ask.post("kim", f"{files}/create-folder", body))[:2] == (500, "TypeError")


def test_a_folder_without_a_root_goes_to_the_top(ask: Asker, files: str, node: StubNode, demo: Demo) -> None:
    assert ask.post("kim", f"{files}/create-folder", {"name": "x"}).status_code == 204
    assert node.asked == [("POST", "/files/create-directory", {}, {"name": "x", "path": "/"})]
    assert demo.world.activity_logs[-1].properties == {"name": "x", "directory": None}


def test_the_path_of_a_download_is_decoded_twice(ask: Asker, files: str) -> None:
    url = ask.get("kim", f"{files}/download?file=%2F100%2525%252B.txt").json["attributes"]["url"]
    claims = _claims(url)
    assert url.startswith("https://box.example.org:8443/download/file?token=")
    assert (claims["file_path"], claims["exp"] - claims["iat"]) == ("/100%+.txt", 900)
    assert says(ask.get("kim", f"{files}/download?file=%25FF"))[:2] == (500, "CannotEncodeContent")


def test_an_upload_says_nothing_but_the_server_and_is_not_logged(ask: Asker, files: str, demo: Demo) -> None:
    before = len(demo.world.activity_logs)
    url = ask.get("kim", f"{files}/upload").json["attributes"]["url"]
    assert url.startswith("https://box.example.org:8443/upload/file?token=")
    assert _claims(url).keys() & {"file_path", "permissions", "backup_uuid"} == set()
    assert _claims(url)["server_uuid"] == server_called(demo, "Uno").uuid
    assert len(demo.world.activity_logs) == before


def test_a_json_body_is_written_as_it_came_but_must_be_json(ask: Asker, files: str, node: StubNode) -> None:
    headers = {"Content-Type": "application/json"}
    assert ask.post("kim", f"{files}/write?file=/a", data=b'{ "a":1 }', headers=headers).status_code == 204
    assert node.asked == [("POST", "/files/write", {"file": "/a"}, b'{ "a":1 }')]
    assert says(ask.post("kim", f"{files}/write?file=/a", data=b"{", headers=headers))[:2] == (
        400, "BadRequestHttpException")


def test_the_query_names_the_file_and_the_body_is_what_is_validated(ask: Asker, files: str, node: StubNode) -> None:
    assert ask.post("kim", f"{files}/write?file=/query", {"file": "/body"}).status_code == 204
    assert node.asked[0][2] == {"file": "/query"}
    assert ask.post("kim", f"{files}/write", {"file": "/body"}).status_code == 204
    assert node.asked[1][2] == {"file": "/body"}
    assert ask.post("kim", f"{files}/write?file=/query", {"file": 5}).status_code == 422
    assert says(ask.post("kim", f"{files}/write?file[]=/query", {"file": "/body"}))[:2] == (500, "TypeError")


def test_a_multipart_body_arrives_empty(ask: Asker, files: str, node: StubNode) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    ask.post("kim", f"{files}/write?file=/a", data=b"--x--", headers=headers)
    assert node.asked[0][3] == b""


def test_form_fields_reach_the_node_as_lists(ask: Asker, files: str, node: StubNode, demo: Demo) -> None:
    ask.post("kim", f"{files}/delete", data={"root": "/", "files[0]": "a", "files[1]": "b"})
    assert node.asked[0][3] == {"root": "/", "files": ["a", "b"]}
    assert demo.world.activity_logs[-1].properties == {"directory": "/", "files": ["a", "b"]}


def test_a_pull_hands_flags_on_as_they_were_given_and_leaves_out_the_rest(ask: Asker, files: str,
                                                                          node: StubNode) -> None:
    ask.post("kim", f"{files}/pull", {"url": "https://example.org/x", "use_header": "1", "foreground": False})
    ask.post("kim", f"{files}/pull", {"url": "https://example.org/x", "directory": "/d", "filename": "f"})
    assert [body for *_, body in node.asked] == [
        {"url": "https://example.org/x", "root": "/", "use_header": "1", "foreground": False},
        {"url": "https://example.org/x", "root": "/d", "file_name": "f"}]


@pytest.mark.parametrize(("method", "path", "body", "properties"), [
    ("PUT", "/rename", {"root": "/", "files": [{"from": "a", "to": "b"}]},
     {"directory": "/", "files": [{"from": "a", "to": "b"}]}),
    ("POST", "/compress", {"files": ["a"]}, {"directory": None, "files": ["a"]}),
    ("POST", "/decompress", {"root": "/d", "file": "a.zip"}, {"directory": "/d", "files": "a.zip"}),
    ("POST", "/pull", {"url": "https://example.org/x"}, {"directory": None, "url": "https://example.org/x"}),
])
def test_what_is_logged(ask: Asker, files: str, node: StubNode, demo: Demo, method: str, path: str, body: Any,
                        properties: dict[str, Any]) -> None:
    assert ask("kim", method, files + path, body).status_code < 300
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == (f"server:file.{path[1:]}", properties)


def test_changed_modes_are_not_logged(ask: Asker, files: str, demo: Demo) -> None:
    before = len(demo.world.activity_logs)
    body = {"root": "/", "files": [{"file": "a.txt", "mode": "0600"}]}
    assert ask.post("kim", f"{files}/chmod", body).status_code == 204
    assert len(demo.world.activity_logs) == before


def test_what_the_node_refuses_keeps_its_status_and_is_not_logged(ask: Asker, files: str, node: StubNode,
                                                                  demo: Demo) -> None:
    node.status, node.answer, node.headers = 409, {"error": "Full."}, {"X-Request-Id": "r1"}
    before = len(demo.world.activity_logs)
    assert says(ask.post("kim", f"{files}/compress", {"files": ["a"]})) == (
        409, "DaemonConnectionException", "An error occurred on the remote host: Full.. (request id: r1)")
    assert len(demo.world.activity_logs) == before
