"""Addresses that somebody else gave: which of them this library will fetch, and what it says of them."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from portal.pterodactyl.text import clean


def is_fetchable(url: str) -> bool:
    """Whether this is http or https, with a host, without name or password, blanks or control characters."""
    return _is_address(url, ("http", "https"))


def is_socket(url: str) -> bool:
    """Whether this is the address of a websocket, with the same demands as for `is_fetchable`."""
    return _is_address(url, ("ws", "wss"))


def _is_address(url: str, schemes: tuple[str, str]) -> bool:
    if not url.isascii() or any(character <= " " or character in "\\\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and "@" not in parts.netloc


def without_query(url: str) -> str:
    """Scheme, host and path, for logs and errors: what permits the use of the address stands in its query."""
    parts = urlsplit(url)
    return clean(f"{parts.scheme}://{parts.netloc}{parts.path}")


def with_directory(url: str, directory: str) -> str:
    """The address of an upload, with the folder that it goes to."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, f"directory={quote(directory, safe='')}") if part)
    return parts._replace(query=query, fragment="").geturl()
