from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from typing import Any

import pytest
from werkzeug.test import Client

from portal.demo import Demo, ManualClock
from portal.demo.world import Backup
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import StubNode, server_called


@pytest.fixture
def path(ask: Asker, demo: Demo) -> str:
    server_called(demo, "Uno").feature_limits.backups = 3
    demo.panel.services.config.backup_throttle_limit = 10
    return ask.server("Uno") + "/backups"


def _make(ask: Asker, path: str, **body: Any) -> str:
    answer = ask.post("kim", path, body)
    assert answer.status_code == 200, answer.text
    uuid: str = answer.json["attributes"]["uuid"]
    return uuid


def _finish(demo: Demo, uuid: str, *, is_successful: bool = True) -> Backup:
    backup = next(backup for backup in demo.world.backups if backup.uuid == uuid)
    backup.is_successful, backup.completed_at = is_successful, demo.clock.now()
    return backup


def test_a_new_backup_is_in_progress_and_later_the_archives_own_checksum(ask: Asker, path: str, demo: Demo,
                                                                         clock: ManualClock) -> None:
    made = ask.post("kim", path, {"ignored": "*.log\n\ncache/*\n"}).json
    uuid = made["attributes"]["uuid"]
    assert made == {"object": "backup", "attributes": {
        "uuid": uuid, "is_successful": False, "is_locked": False, "name": "Backup at 2026-05-28 20:26:40",
        "ignored_files": ["*.log", "cache/*"], "checksum": None, "bytes": 0,
        "created_at": "2026-05-28T20:26:40+00:00", "completed_at": None}}
    clock.advance(60)
    done = ask.get("kim", f"{path}/{uuid}").json["attributes"]
    url = ask.get("kim", f"{path}/{uuid}/download").json["attributes"]["url"]
    server = server_called(demo, "Uno")
    archive = Client(demo.daemons[server.node.uuid]).get(url.removeprefix(server.node.connection_address))
    assert done["checksum"] == f"sha1:{hashlib.sha1(archive.data, usedforsecurity=False).hexdigest()}"
    assert done["bytes"] == len(archive.data)
    with tarfile.open(fileobj=io.BytesIO(archive.data)) as packed:
        assert {name.strip("/") for name in packed.getnames()} >= {"a.txt"}


@pytest.mark.parametrize("name", [None, "", "  ", "0"])
def test_a_name_that_php_holds_to_be_empty_is_replaced(ask: Asker, path: str, name: str | None) -> None:
    assert ask.post("kim", path, {"name": name}).json["attributes"]["name"] == "Backup at 2026-05-28 20:26:40"


@pytest.mark.parametrize(("body", "field", "rule", "detail"), [
    ({"name": 5}, "name", "string", "The name must be a string."),
    ({"name": "x" * 192}, "name", "max", "The name may not be greater than 191 characters."),
    ({"ignored": ["a"]}, "ignored", "string", "The ignored must be a string."),
    ({"is_locked": "yes"}, "is_locked", "boolean", "The is locked field must be true or false."),
])
def test_refused_bodies(ask: Asker, path: str, body: dict[str, Any], field: str, rule: str, detail: str) -> None:
    answer = ask.post("kim", path, body)
    assert says(answer) == (422, "ValidationException", detail)
    assert answer.json["errors"][0]["meta"] == {"source_field": field, "rule": rule}


@pytest.mark.parametrize(("method", "tail", "permission", "body"), [
    ("GET", "", "backup.read", None), ("POST", "", "backup.create", {}), ("GET", "/{b}", "backup.read", None),
    ("GET", "/{b}/download", "backup.download", None), ("POST", "/{b}/lock", "backup.delete", None),
    ("POST", "/{b}/restore", "backup.restore", {"truncate": False}), ("DELETE", "/{b}", "backup.delete", None),
])
def test_each_route_takes_its_own_permission(ask: Asker, path: str, demo: Demo, method: str, tail: str,
                                             permission: str, body: Any) -> None:
    StubNode(demo, server_called(demo, "Uno"))
    backup = _finish(demo, _make(ask, path))
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["backup.other"]
    assert says(ask("lee", method, path + tail.format(b=backup.uuid), body)) == (
        403, "AccessDeniedHttpException", "This action is unauthorized.")
    subuser.permissions = [permission]
    assert ask("lee", method, path + tail.format(b=backup.uuid), body).status_code in (200, 204)


def test_locking_at_once_takes_the_right_to_delete(ask: Asker, path: str, demo: Demo) -> None:
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["backup.create"]
    assert ask.post("lee", path, {"is_locked": True}).json["attributes"]["is_locked"] is False
    assert demo.world.activity_logs[-1].properties["locked"] is True
    subuser.permissions = ["backup.create", "backup.delete"]
    assert ask.post("lee", path, {"is_locked": "1"}).json["attributes"]["is_locked"] is True


def test_the_throttle_comes_before_the_limit_and_counts_what_was_deleted(ask: Asker, path: str, demo: Demo,
                                                                        clock: ManualClock) -> None:
    demo.panel.services.config.backup_throttle_limit = 2
    server_called(demo, "Uno").feature_limits.backups = 1
    StubNode(demo, server_called(demo, "Uno"))
    _finish(demo, _make(ask, path), is_successful=False)
    clock.advance(100)
    assert ask("kim", "DELETE", f"{path}/{_make(ask, path)}").status_code == 204
    clock.advance(50)
    _make(ask, path)
    refused = ask.post("kim", path, {})
    assert says(refused) == (429, "TooManyRequestsHttpException",
                             "Only 2 backups may be generated within a 600 second span of time.")
    assert refused.headers["Retry-After"] == "600"
    clock.advance(551)
    assert says(ask.post("kim", path, {})) == (
        400, "TooManyBackupsException", "Cannot create a new backup, this server has reached its limit of 1 backups.")


def test_no_limit_means_no_backups_and_failed_ones_do_not_count(ask: Asker, path: str, demo: Demo) -> None:
    server = server_called(demo, "Uno")
    server.feature_limits.backups = 1
    _finish(demo, _make(ask, path), is_successful=False)
    _make(ask, path)
    assert ask.get("kim", path).json["meta"]["backup_count"] == 1
    server.feature_limits.backups = 0
    assert says(ask.post("kim", path, {}))[2].endswith("limit of 0 backups.")


def test_pages_lose_their_query_and_are_at_most_50_long(ask: Asker, path: str, demo: Demo) -> None:
    for _ in range(3):
        _finish(demo, _make(ask, path), is_successful=False)
    meta = ask.get("kim", f"{path}?per_page=1&page=2").json["meta"]
    assert meta == {"backup_count": 0, "pagination": {
        "total": 3, "count": 1, "per_page": 1, "current_page": 2, "total_pages": 3,
        "links": {"previous": f"http://localhost{path}?page=1", "next": f"http://localhost{path}?page=3"}}}
    sizes = [ask.get("kim", f"{path}?per_page={asked}").json["meta"]["pagination"]["per_page"]
             for asked in ("300", "nonsense", "0")]
    assert [ask.get("kim", path).json["meta"]["pagination"]["per_page"], *sizes] == [20, 50, 50, 15]


@pytest.mark.parametrize(("condition", "status"), [("node-down", 504), ("node-refuses", 403)])
def test_what_the_node_does_not_take_leaves_no_row(ask: Asker, path: str, demo: Demo, condition: str,
                                                   status: int) -> None:
    demo.set_condition(condition)
    before = len(demo.world.activity_logs)
    assert says(ask.post("kim", path, {}))[:2] == (status, "DaemonConnectionException")
    assert (demo.world.backups, len(demo.world.activity_logs)) == ([], before)


def test_the_node_is_told_patterns_line_by_line(ask: Asker, path: str, demo: Demo) -> None:
    node = StubNode(demo, server_called(demo, "Uno"))
    uuid = _make(ask, path, ignored=" a\n\nb ")
    assert node.asked == [("POST", "/backup", {}, {"adapter": "wings", "uuid": uuid, "ignore": "a\nb"})]


def test_the_lock_goes_on_and_off(ask: Asker, path: str, demo: Demo) -> None:
    uuid = _make(ask, path)
    states = [ask.post("kim", f"{path}/{uuid}/lock").json["attributes"]["is_locked"] for _ in range(2)]
    assert states == [True, False]
    assert [entry.event for entry in demo.world.activity_logs[-2:]] == ["server:backup.lock", "server:backup.unlock"]


def test_a_locked_backup_stays_unless_it_failed(ask: Asker, path: str, demo: Demo) -> None:
    backup = _finish(demo, _make(ask, path, is_locked=True))
    assert says(ask("kim", "DELETE", f"{path}/{backup.uuid}")) == (
        400, "BackupLockedException", "Cannot delete a backup that is marked as locked.")
    backup.is_successful = False
    assert ask("kim", "DELETE", f"{path}/{backup.uuid}").status_code == 204
    assert demo.world.activity_logs[-1].properties == {"name": backup.name, "failed": True}
    assert says(ask.get("kim", f"{path}/{backup.uuid}")) == (
        404, "NotFoundHttpException", "The requested resource could not be found on the server.")


def test_a_node_that_knows_no_such_backup_does_not_keep_it(ask: Asker, path: str, demo: Demo) -> None:
    node = StubNode(demo, server_called(demo, "Uno"))
    uuid = _make(ask, path)
    node.status = 500
    assert ask("kim", "DELETE", f"{path}/{uuid}").status_code == 500
    node.status = 404
    assert ask("kim", "DELETE", f"{path}/{uuid}").status_code == 204


@pytest.mark.parametrize(("body", "rule"), [({}, "required"), ({"truncate": None}, "required"),
                                            ({"truncate": "true"}, "boolean"), ({"truncate": 2}, "boolean")])
def test_a_restore_must_say_whether_it_truncates(ask: Asker, path: str, demo: Demo, body: Any, rule: str) -> None:
    backup = _finish(demo, _make(ask, path))
    answer = ask.post("kim", f"{path}/{backup.uuid}/restore", body)
    assert (answer.status_code, answer.json["errors"][0]["meta"]["rule"]) == (422, rule)


def test_a_restore_needs_a_server_and_a_backup_that_are_ready(ask: Asker, path: str, demo: Demo) -> None:
    uuid, server = _make(ask, path), server_called(demo, "Uno")
    assert says(ask.post("kim", f"{path}/{uuid}/restore", {"truncate": True})) == (
        400, "BadRequestHttpException", "This backup cannot be restored at this time: not completed or failed.")
    server.status = "reinstall_failed"
    assert says(ask.post("kim", f"{path}/{uuid}/restore", {"truncate": True}))[2] == (
        "This server is not currently in a state that allows for a backup to be restored.")


def test_a_restore_begins_when_the_node_agrees_and_ends_when_it_reports(ask: Asker, path: str, demo: Demo,
                                                                       clock: ManualClock) -> None:
    uuid, server = _make(ask, path), server_called(demo, "Uno")
    clock.advance(60)
    ask.post("kim", f"{ask.server('Uno')}/files/write?file=/late.txt", data=b"x")
    demo.set_condition("node-down")
    assert ask.post("kim", f"{path}/{uuid}/restore", {"truncate": 1}).status_code == 504
    assert server.status is None
    demo.set_condition(None)
    assert ask.post("kim", f"{path}/{uuid}/restore", {"truncate": 1}).status_code == 204
    assert server.status == "restoring_backup"
    assert demo.world.activity_logs[-1].properties["truncate"] == 1
    assert says(ask.get("kim", path))[1] == "ServerStateConflictException"
    clock.advance(60)
    names = {item["attributes"]["name"] for item in ask.get("kim", f"{ask.server('Uno')}/files/list").json["data"]}
    assert (server.status, "late.txt" in names, "a.txt" in names) == (None, False, True)


def test_a_backup_in_the_object_store_is_fetched_from_there(ask: Asker, path: str, demo: Demo) -> None:
    demo.panel.services.config.backup_disk = "s3"
    node = StubNode(demo, server_called(demo, "Uno"))
    backup = _finish(demo, _make(ask, path))
    url = ask.get("kim", f"{path}/{backup.uuid}/download").json["attributes"]["url"]
    assert f"/{backup.server.uuid}/{backup.uuid}.tar.gz?" in url
    assert "X-Amz-Expires=300" in url
    ask.post("kim", f"{path}/{backup.uuid}/restore", {"truncate": False})
    assert node.asked[-1][3] == {"adapter": "s3", "truncate_directory": False, "download_url": url}
    backup.server.status = None
    assert ask("kim", "DELETE", f"{path}/{backup.uuid}").status_code == 204
    assert len(node.asked) == 2


def test_a_download_is_a_token_for_the_backup_whatever_its_state(ask: Asker, path: str, demo: Demo) -> None:
    uuid = _make(ask, path)
    url = ask.get("kim", f"{path}/{uuid}/download").json["attributes"]["url"]
    part = url.rpartition("token=")[2].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert (claims["backup_uuid"], claims["exp"] - claims["iat"]) == (uuid, 900)
    next(iter(demo.world.backups)).disk = "tape"
    assert says(ask.get("kim", f"{path}/{uuid}/download"))[2] == (
        "The backup requested references an unknown disk driver type and cannot be downloaded.")


def test_a_backup_of_another_server_is_not_there(ask: Asker, path: str) -> None:
    uuid = _make(ask, path)
    assert says(ask.get("lee", f"{ask.server('Tre')}/backups/{uuid}")) == (
        404, "NotFoundHttpException", "The requested resource could not be found on the server.")
    assert ask.get("kim", f"{path}/{uuid.upper()}").status_code == 200


def test_a_backup_that_nobody_finishes_fails_after_six_hours(ask: Asker, path: str, demo: Demo,
                                                             clock: ManualClock) -> None:
    demo.set_condition("node-garbage")
    uuid = _make(ask, path, is_locked=True)
    clock.advance(5 * 3600)
    assert ask.get("kim", f"{path}/{uuid}").json["attributes"]["completed_at"] is None
    clock.advance(3600 + 1800)
    shown = ask.get("kim", f"{path}/{uuid}").json["attributes"]
    assert (shown["completed_at"] is None, shown["is_successful"], shown["is_locked"]) == (False, False, True)
