"""Pulling files from elsewhere over Wings' HTTP (`/files/pull`)."""
from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from portal.demo.wings.file_errors import FileRefusal
from portal.demo.wings.file_http import field, refuses, rules_of, unreadable
from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, json_answer, nothing
from portal.demo.wings.pulls import AT_ONCE, Pull, PullFailed


def view_pulls(call: NodeCall) -> Response:
    _require_enabled(call)
    downloads = [{"Identifier": pull.identifier, "Progress": pull.progress} for pull in _pulls_of(call)]
    return json_answer({"downloads": downloads or None})


@refuses
def pull(call: NodeCall) -> Response:
    _require_enabled(call)
    document = call.document()
    folder = field(document, "root", str) or field(document, "directory", str)
    url = field(document, "url", str)
    if not folder or not url:
        raise unreadable()
    _require_url(url)
    rules_of(call).require_space(0)
    if len(_pulls_of(call)) >= AT_ONCE:
        raise WingsError(400, "This server has reached its limit of 3 simultaneous remote file downloads at once. "
                              "Please wait for one to complete before trying again.")
    download = Pull(call.node.chance.uuid(), rules_of(call), url, folder, field(document, "file_name", str),
                    field(document, "use_header", bool))
    call.node.pulls.append(download)
    if field(document, "foreground", bool):
        return _foreground(call, download)
    call.node.later(lambda: _background(call, download))
    return json_answer({"identifier": download.identifier}, 202)


def _foreground(call: NodeCall, download: Pull) -> Response:
    try:
        place = download.run(call.node.config.pull_hosts)
    finally:
        call.node.pulls.remove(download)
    return json_answer(call.process.files.entry(place).document())


def _background(call: NodeCall, download: Pull) -> None:
    if download not in call.node.pulls:
        return
    with contextlib.suppress(PullFailed, FileRefusal, OSError):
        download.run(call.node.config.pull_hosts)
    if download in call.node.pulls:
        call.node.pulls.remove(download)


def cancel_pull(call: NodeCall) -> Response:
    for download in _pulls_of(call):
        if download.identifier == call.parameters["download"]:
            download.is_cancelled = True
            call.node.pulls.remove(download)
    return nothing()


def _pulls_of(call: NodeCall) -> list[Pull]:
    return [download for download in call.node.pulls if download.rules.server is call.server]


def _require_enabled(call: NodeCall) -> None:
    if not call.node.config.pulls_enabled:
        raise WingsError(400, "This functionality is not currently enabled on this instance.")


def _require_url(url: str) -> None:
    """What Go's parser refuses."""
    problem = ""
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
    except ValueError as error:
        problem = str(error)
    if any(ord(letter) < 0x20 or letter == "\x7f" for letter in url):
        problem = "net/url: invalid control character in URL"
    if problem:
        raise WingsError(400, f"An error occurred while parsing that URL: {problem}")


ROUTES = (
    NodeRoute("GET", "/files/pull", view_pulls),
    NodeRoute("POST", "/files/pull", pull),
    NodeRoute("DELETE", "/files/pull/{download}", cancel_pull),
)
