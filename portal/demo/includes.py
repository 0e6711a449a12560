"""`include=`: names separated by commas or repeated, nested with dots, at most two levels deep."""
from __future__ import annotations

from typing import Any

from portal.demo import php
from portal.demo.errors import crashed

MAX_DEPTH = 2

Includes = dict[str, Any]
"""Name -> the includes below it."""


def parse_includes(asked: Any) -> Includes:
    names = [] if asked is None else asked.split(",") if isinstance(asked, str) else php.items(asked)
    tree: Includes = {}
    for name in names:
        if isinstance(name, (dict, list)):
            raise crashed("TypeError")
        branch = tree
        path, _, _parameters = php.to_string(name).strip().partition(":")
        for part in path.split(".")[:MAX_DEPTH]:
            if part:
                branch = branch.setdefault(part, {})
    return tree
