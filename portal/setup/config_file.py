"""Changing config.toml: lines of settings that nobody asked about stay as they are, comments too."""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.doctor.settings_lines import settings_line
from portal.setup.findings import SetupProblem, stop
from portal.web.text import has_surrogates

Values = Mapping[str, str | bool | int | None]
"""By the setting's name; None takes the setting out."""


def stored(path: Path) -> dict[str, Any]:
    """What a file holds now, nothing when there is none. Raises SetupProblem when it cannot be read."""
    return _parsed(_text(path))


def changed(text: str, values: Values) -> str:
    """The text of a file with some settings changed."""
    lines = text.splitlines()
    for name, value in values.items():
        at = [index for index, line in enumerate(lines) if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line)]
        if value is None:
            lines = [line for index, line in enumerate(lines) if index not in at]
        elif at:
            lines[at[0]] = _line(name, value)
        else:
            lines.append(_line(name, value))
    new = "".join(f"{line}\n" for line in lines)
    wanted = {**_parsed(text), **values}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    try:
        if tomllib.loads(new) == wanted:
            return new
    except tomllib.TOMLDecodeError:
        pass  # values over several lines: the file is written anew, without its comments
    return "".join(f"{_line(name, value)}\n" for name, value in wanted.items())


def make_folder(folder: Path) -> None:
    """Make the instance folder, mode 0700, if it is not there. Raises SetupProblem."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise stop("not_written", reason=wrong.strerror or type(wrong).__name__, path=folder) from None


def write(path: Path, values: Values) -> None:
    """Change a file, all of it or nothing, mode 0600, for the owner of its folder. Raises SetupProblem."""
    folder, draft = path.parent, None
    check(values)
    make_folder(folder)
    try:
        path = path.resolve()  # a link stays one: what it leads to is changed
        text = changed(_text(path), values)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner(folder, draft)
        draft.replace(path)
        _sync(path.parent)
    except (OSError, RuntimeError) as wrong:  # RuntimeError: links that lead in a circle
        reason = getattr(wrong, "strerror", None) or type(wrong).__name__
        raise stop("not_written", reason=reason, path=path.parent) from None
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def give_to_owner(folder: Path, path: Path) -> None:
    """Root makes files for the user to whom the folder belongs."""
    owner = folder.stat()
    if os.geteuid() == 0 and path.lstat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def check(values: Values) -> None:
    """Raises SetupProblem for half characters: bytes that were no UTF-8 where they came from."""
    for name, value in values.items():
        if isinstance(value, str) and has_surrogates(value):
            raise stop("setting_wrong", name=name, reason="is not UTF-8 text")


def _line(name: str, value: Any) -> str:
    """A setting in TOML: a JSON text is one there too, but for the one control character that JSON lets through."""
    return f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as wrong:
        reason = getattr(wrong, "strerror", None) or "it is not text"
        raise stop("not_written", reason=f"{path.name} cannot be read ({reason})", path=path.parent) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise SetupProblem(settings_line(f"The file config.toml is not valid TOML: {wrong}.")) from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
