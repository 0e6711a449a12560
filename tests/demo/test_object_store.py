"""The bucket that backups may lie in: signed links, their end, and what else S3 insists on."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from portal.demo import ManualClock
from portal.demo.object_store import ObjectStore
from portal.demo.storage import Storage


class _Web(Client):
    """Asks for whole addresses, their host included."""

    def open(self, url: str, **options: Any) -> TestResponse:  # type: ignore[override]
        return super().open(url, **{"base_url": "http://127.0.0.1:9000", "buffered": True, **options})


@pytest.fixture
def store(clock: ManualClock, tmp_path: Path) -> ObjectStore:
    store = ObjectStore(Storage(), clock, "secret", base="http://127.0.0.1:9000")
    source = tmp_path / "source"
    source.write_bytes(b"archive")
    store.put("server-1", "backup-1", source)
    return store


@pytest.fixture
def web(store: ObjectStore) -> Client:
    return _Web(store)


def code(answer: object) -> str:
    text = str(getattr(answer, "text", ""))
    return text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_link_names_bucket_server_and_backup(store: ObjectStore) -> None:
    url = store.presigned_url("server-1", "backup-1")
    assert url.startswith("http://127.0.0.1:9000/backups/server-1/backup-1.tar.gz?")
    for part in ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Expires=300", "X-Amz-SignedHeaders=host", "X-Amz-Date=2026",
                 "X-Amz-Credential=", "X-Amz-Signature="):
        assert part in url


def test_a_link_works_again_and_again_for_five_minutes(store: ObjectStore, web: Client, clock: ManualClock) -> None:
    url = store.presigned_url("server-1", "backup-1")
    for _ in range(2):
        answer = web.get(url)
        assert (answer.status_code, answer.data) == (200, b"archive")
        assert (answer.headers["Content-Type"], answer.headers["Content-Length"]) == ("application/x-gzip", "7")
        clock.advance(150)
    assert web.get(url).status_code == 200
    clock.advance(1)
    answer = web.get(url)
    assert (answer.status_code, code(answer), answer.content_type) == (403, "AccessDenied", "application/xml")
    assert "Request has expired" in answer.text


@pytest.mark.parametrize(("old", "new"), [
    ("backup-1", "backup-2"), ("Expires=300", "Expires=3000"), ("Signature=", "Signature=0"), ("server-1", "server-2"),
])
def test_a_changed_link_is_refused(store: ObjectStore, web: Client, old: str, new: str) -> None:
    answer = web.get(store.presigned_url("server-1", "backup-1").replace(old, new))
    assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch")


def test_another_method_or_host_is_not_signed_for(store: ObjectStore, web: Client) -> None:
    url = store.presigned_url("server-1", "backup-1")
    assert web.head(url).status_code == 403
    assert code(web.delete(url)) == "SignatureDoesNotMatch"
    assert code(web.get(url, headers={"Host": "elsewhere.example"})) == "SignatureDoesNotMatch"


def test_a_link_of_another_store_is_refused(store: ObjectStore, web: Client, clock: ManualClock) -> None:
    other = ObjectStore(Storage(), clock, "another secret", base=store.base)
    assert code(web.get(other.presigned_url("server-1", "backup-1"))) == "SignatureDoesNotMatch"


def test_without_a_signature_nothing_is_told(web: Client) -> None:
    answer = web.get("/backups/server-1/backup-1.tar.gz")
    assert (answer.status_code, code(answer)) == (403, "AccessDenied")


def test_a_key_beside_the_signature_is_refused(store: ObjectStore, web: Client) -> None:
    answer = web.get(store.presigned_url("server-1", "backup-1"), headers={"Authorization": "Bearer ours"})
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")
    assert "Only one auth mechanism allowed" in answer.text


@pytest.mark.parametrize("names", [("server-1", "missing"), ("none", "backup-1"), ("..", "backup-1"), ("", "")])
def test_a_missing_object_is_not_found(store: ObjectStore, web: Client, names: tuple[str, str]) -> None:
    answer = web.get(store.presigned_url(*names))
    assert (answer.status_code, code(answer)) == (404, "NoSuchKey")


def test_a_deleted_object_is_gone_and_stays_so(store: ObjectStore, web: Client) -> None:
    for _ in range(2):
        store.delete("server-1", "backup-1")
        assert code(web.get(store.presigned_url("server-1", "backup-1"))) == "NoSuchKey"


def test_only_its_own_addresses_are_fetched(store: ObjectStore) -> None:
    answer = store.fetch(store.presigned_url("server-1", "backup-1"))
    assert answer is not None
    assert answer.get_data() == b"archive"
    answer.close()
    assert store.fetch("http://127.0.0.1:9001/backups/server-1/backup-1.tar.gz") is None
