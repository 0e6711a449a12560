"""Whatever a panel or a browser sends, and however many at once, a node answers in its own words."""
from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.demo import ManualClock, build
from tests.demo.wings.conftest import Box
from tests.demo.worlds import FIXTURE

NAMES = st.one_of(
    st.text(max_size=6), st.sampled_from(["a.txt", "folder", "/", "..", "../x", "\ud800", "\0", "n" * 300]))
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | NAMES, lambda inner: st.lists(inner, max_size=3))
FILES = st.lists(NAMES | st.dictionaries(st.sampled_from(["file", "mode", "from", "to"]),
                                         NAMES | st.just("644"), max_size=4), max_size=3)
BODIES = st.fixed_dictionaries({}, optional={
    **dict.fromkeys(("root", "file", "location", "name", "path", "url", "file_name", "ignore", "uuid"), NAMES),
    "files": FILES, "adapter": st.sampled_from(["wings", "s3", "ftp"]), "truncate_directory": VALUES,
    "foreground": VALUES, "download_url": VALUES, "commands": VALUES, "jtis": VALUES,
    "action": st.sampled_from(["start", "stop", "restart", "kill"]) | VALUES,
})
CALLS = [("PUT", "/files/rename"), ("POST", "/files/copy"), ("POST", "/files/create-directory"),
         ("POST", "/files/delete"), ("POST", "/files/compress"), ("POST", "/files/decompress"),
         ("POST", "/files/chmod"), ("POST", "/files/pull"), ("POST", "/backup"), ("POST", "/backup/x/restore"),
         ("POST", "/power"), ("POST", "/commands"), ("POST", "/ws/deny")]
STATUSES = {200, 202, 204, 400, 403, 404, 409, 422, 500, 502}


@pytest.fixture(scope="module")
def one_box() -> Box:
    clock = ManualClock()
    return Box(build(fixture=FIXTURE, clock=clock), clock)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(call=st.sampled_from(CALLS), body=BODIES | VALUES)
def test_any_body_has_an_answer(one_box: Box, call: tuple[str, str], body: Any) -> None:
    answer = one_box(*call, body)
    one_box.work()
    assert answer.status_code in STATUSES
    assert answer.status_code < 400 or (answer.json is not None and answer.json["error"])


def test_many_at_once_leave_a_whole_tree(box: Box) -> None:
    """Writers, renamers, deleters and listers of the same names; an error is an answer, not an accident."""
    accidents: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(25):
                name = f"d{turn % 3}"
                for answer in (
                    box.write(f"/{name}/f", b"x" * 1000 * number), box.get("/files/list-directory", directory="/"),
                    box("PUT", "/files/rename", {"root": "/", "files": [{"from": name, "to": f"r{number}"}]}),
                    box.post("/files/compress", {"root": "/", "files": [name, f"r{number}"]}),
                    box.post("/files/delete", {"root": "/", "files": [f"r{(number + 1) % 4}", name]}),
                ):
                    assert answer.status_code in STATUSES
        except BaseException as error:
            accidents.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert accidents == []
    box.post("/files/delete", {"root": "/", "files": box.names()})
    assert box.names() == []
    assert box.write("/again.txt", b"fine").status_code == 204
