"""Who really asks, behind a web server in front: told by its headers, believed only if they come from that server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxy:
    """Takes `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Request-ID` from one address, ignores everybody else's."""

    def __init__(self, app: WSGIApplication, address: str) -> None:
        self._app = app
        self._address = address
        self._told = ProxyFix(app, x_for=1, x_proto=1)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        is_proxy = environ.get("REMOTE_ADDR") in (self._address, "")  # a unix socket has no address
        if not is_proxy:
            environ.pop("HTTP_X_REQUEST_ID", None)
        return (self._told if is_proxy else self._app)(environ, start_response)
