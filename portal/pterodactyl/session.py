"""Sessions of `requests` that take nothing from the environment, keep nothing and follow nothing.

One serves the panel (`transport.py`), one the signed addresses of nodes and object stores (`streaming.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ConnectTimeout, SSLError, Timeout
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from portal.pterodactyl.errors import Fault
from portal.pterodactyl.wire import ONCE_POOLS, POOLS, Attempt, current


class _NoQueries(logging.Filter):
    """Cuts the queries from `urllib3`'s own log lines: that of a signed address permits its use."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(one.split("?")[0] if isinstance(one, str) else one for one in record.args)
        return True


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_NoQueries())


class BoundedAdapter(HTTPAdapter):
    """Plain `HTTPAdapter` on our own connections; `requests` itself repeats nothing."""

    pools: ClassVar[Mapping[str, type[HTTPConnectionPool]]] = POOLS

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **more)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def send(self, *args: Any, **more: Any) -> requests.Response:
        current.get().stage = "connect"  # nothing has been sent, until a connection says so
        return super().send(*args, **more)


class OnceAdapter(BoundedAdapter):
    """The same, with a new connection for each request."""

    pools = ONCE_POOLS


class _Session(requests.Session):
    """A session to which no answer is a redirect.

    Even when told not to follow it, `requests` would read a redirect's whole body, beyond any cap.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none."""


def new_session(adapter: BaseAdapter, user_agent: str, verify: bool | str) -> requests.Session:
    """A session that takes nothing from the environment and keeps nothing from answers."""
    session = _Session()
    session.trust_env = False  # no proxy, no netrc (which would replace the key), no other CA bundle
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = verify
    session.headers.clear()
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": user_agent})
    session.adapters.clear()
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def fault_of(error: Exception, attempt: Attempt) -> Fault:
    """What went wrong on the way."""
    if attempt.stage in ("name", "connect", "tls"):
        return attempt.stage
    if isinstance(error, SSLError) and attempt.stage == "elsewhere":
        return "tls"
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, NameResolutionError):
        return "name"
    if isinstance(error, ConnectTimeout) or isinstance(reason, NewConnectionError):
        return "connect"
    return "timeout" if isinstance(error, Timeout | TimeoutError | ReadTimeoutError) else "cut"
