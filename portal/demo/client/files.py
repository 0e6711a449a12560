"""`/servers/{server}/files`: what the node does for it, in the panel's words (`FileController`)."""
from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.client.node import ask_node, fetch_from_node
from portal.demo.context import Context
from portal.demo.envelopes import JSON, listing
from portal.demo.errors import PanelError, crashed
from portal.demo.http import json_response, no_content
from portal.demo.limits import Throttle
from portal.demo.link import ARCHIVE_TIMEOUT_SECONDS
from portal.demo.routing import Route
from portal.demo.transformers.files import file_object
from portal.demo.validation import validate

_PULLS = Throttle("files.pull", requests=10, seconds=300)
_TEXT = "text/plain; charset=UTF-8"
_FILES = {"files": "required|array", "files.*": "string"}
_ROOT_AND_FILES = {"root": "required|nullable|string", **_FILES}


def list_files(context: Context) -> Response:
    validate(context.request.input, {"directory": "sometimes|nullable|string"})
    directory = _text(_asked(context, "directory", "/") or "/")
    entries = ask_node(context, "GET", "/files/list-directory", query={"directory": directory})
    if not isinstance(entries, (list, dict)):
        raise crashed("TypeError")
    return json_response(listing([file_object(entry, context.now) for entry in php.items(entries)]))


def view_contents(context: Context) -> Response:
    """The limit is judged by the length that the node states, after everything has come."""
    validate(context.request.input, {"file": "required|string"})
    file = _text(_asked(context, "file"))
    answer = fetch_from_node(context, "GET", "/files/contents", query={"file": file})
    if int(answer.headers.get("Content-Length", 0)) > context.services.config.max_edit_size > 0:
        raise PanelError(400, "FileSizeTooLargeException", "The file you are attempting to open is too large to view "
                         "in the file editor.", redirects_back=True)
    context.log("server:file.read", context.server, file=file)
    return Response(answer.get_data(), content_type=_TEXT)


def download_file(context: Context) -> Response:
    """The path is decoded once more than HTTP has done."""
    validate(context.request.input, {"file": "required|string"})
    file = _text(_asked(context, "file"))
    try:
        path = unquote_to_bytes(file).decode()
    except UnicodeDecodeError as error:
        raise crashed("CannotEncodeContent") from error
    url = _signed_url(context, "/download/file", file_path=path)
    context.log("server:file.download", context.server, file=file)
    return json_response(url)


def write_file(context: Context) -> Response:
    """The body is the content, whatever its type; PHP keeps none of a multipart one."""
    validate(context.request.input, {"file": "required|string"})
    file = _text(_asked(context, "file"))
    is_multipart = context.request.header("Content-Type").strip().lower().startswith("multipart/form-data")
    ask_node(context, "POST", "/files/write", query={"file": file}, body=b"" if is_multipart else context.request.body)
    context.log("server:file.write", context.server, file=file)
    return no_content()


def create_folder(context: Context) -> Response:
    """A root that is null is not the same as none: the panel falls over it."""
    values = context.request.input
    validate(values, {"root": "sometimes|nullable|string", "name": "required|string"})
    ask_node(context, "POST", "/files/create-directory",
             {"name": values["name"], "path": _text(values.get("root", "/"))})
    context.log("server:file.create-directory", context.server, name=values["name"], directory=values.get("root"))
    return no_content()


def rename_files(context: Context) -> Response:
    validate(context.request.input, {
        "root": "required|nullable|string", "files": "required|array", "files.*": "array",
        "files.*.to": "required|string", "files.*.from": "required|string"})
    _send_files(context, "PUT", "/files/rename")
    _log_files(context, "server:file.rename")
    return no_content()


def copy_file(context: Context) -> Response:
    validate(context.request.input, {"location": "required|string"})
    location = context.request.input["location"]
    ask_node(context, "POST", "/files/copy", {"location": location})
    context.log("server:file.copy", context.server, file=location)
    return no_content()


def compress_files(context: Context) -> Response:
    validate(context.request.input, {"root": "sometimes|nullable|string", **_FILES})
    archive = _send_files(context, "POST", "/files/compress", timeout=ARCHIVE_TIMEOUT_SECONDS)
    if not isinstance(archive, (dict, list)):
        raise crashed("TypeError")
    _log_files(context, "server:file.compress")
    return json_response(file_object(archive, context.now))


def decompress_file(context: Context) -> Response:
    values = context.request.input
    validate(values, {"root": "sometimes|nullable|string", "file": "required|string"})
    ask_node(context, "POST", "/files/decompress", {"root": values.get("root") or "/", "file": values["file"]},
             timeout=ARCHIVE_TIMEOUT_SECONDS)
    context.log("server:file.decompress", context.server, directory=values.get("root"), files=values["file"])
    return no_content()


def delete_files(context: Context) -> Response:
    validate(context.request.input, _ROOT_AND_FILES)
    _send_files(context, "POST", "/files/delete")
    _log_files(context, "server:file.delete")
    return no_content()


def change_modes(context: Context) -> Response:
    validate(context.request.input, {
        "root": "required|nullable|string", "files": "required|array", "files.*.file": "required|string",
        "files.*.mode": "required|numeric"})
    _send_files(context, "POST", "/files/chmod")
    return no_content()


def pull_file(context: Context) -> Response:
    """Flags go to the node as they were given; Wings takes real booleans only."""
    values = context.request.input
    validate(values, {"url": "required|string|url", "directory": "nullable|string", "filename": "nullable|string",
                      "use_header": "boolean", "foreground": "boolean"})
    wanted = {"url": values["url"], "root": values.get("directory") or "/", "file_name": values.get("filename"),
              "use_header": values.get("use_header"), "foreground": values.get("foreground")}
    ask_node(context, "POST", "/files/pull", {name: value for name, value in wanted.items() if value is not None})
    context.log("server:file.pull", context.server, directory=values.get("directory"), url=values["url"])
    return no_content()


def upload_url(context: Context) -> Response:
    return json_response(_signed_url(context, "/upload/file"))


def _asked(context: Context, name: str, default: Any = None) -> Any:
    """`$request->get()`: the query wins over the body, other than in the validation."""
    request = context.request
    return request.query[name] if name in request.query else request.input.get(name, default)


def _text(value: Any) -> str:
    """A `string` argument: what was validated may have been another value of that name."""
    if value is None or isinstance(value, (list, dict)):
        raise crashed("TypeError")
    return php.to_string(value)


def _send_files(context: Context, method: str, path: str, **more: Any) -> Any:
    values = context.request.input
    document = {"root": values.get("root") or "/", "files": php.as_json(values["files"])}
    return ask_node(context, method, path, document, **more)


def _log_files(context: Context, event: str) -> None:
    values = context.request.input
    context.log(event, context.server, directory=values.get("root"), files=php.as_json(values["files"]))


def _signed_url(context: Context, path: str, **claims: str) -> JSON:
    return {"object": "signed_url", "attributes": {"url": context.signed_url(path, **claims)}}


_PREFIX = "/api/client/servers/{server}/files"
ROUTES = (
    Route("GET", f"{_PREFIX}/list", list_files, requires="file.read"),
    Route("GET", f"{_PREFIX}/contents", view_contents, requires="file.read-content"),
    Route("GET", f"{_PREFIX}/download", download_file, requires="file.read-content"),
    Route("PUT", f"{_PREFIX}/rename", rename_files, requires="file.update"),
    Route("POST", f"{_PREFIX}/copy", copy_file, requires="file.create"),
    Route("POST", f"{_PREFIX}/write", write_file, requires="file.create"),
    Route("POST", f"{_PREFIX}/compress", compress_files, requires="file.archive"),
    Route("POST", f"{_PREFIX}/decompress", decompress_file, requires="file.create"),
    Route("POST", f"{_PREFIX}/delete", delete_files, requires="file.delete"),
    Route("POST", f"{_PREFIX}/create-folder", create_folder, requires="file.create"),
    Route("POST", f"{_PREFIX}/chmod", change_modes, requires="file.update"),
    Route("POST", f"{_PREFIX}/pull", pull_file, requires="file.create", throttle=_PULLS),
    Route("GET", f"{_PREFIX}/upload", upload_url, requires="file.create"),
)
