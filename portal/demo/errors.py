"""Everything the panel refuses, as one exception that knows its code, status and text."""
from __future__ import annotations

from dataclasses import dataclass

GENERIC = "An unexpected error was encountered while processing this request, please try again."


class PanelError(Exception):
    """`code` is the bare name of the PHP class; `redirects_back` marks a DisplayException (errors for a browser)."""

    def __init__(self, status: int, code: str, detail: str, *, redirects_back: bool = False,
                 headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.redirects_back = redirects_back
        self.headers = headers or {}

    def entries(self) -> list[dict[str, object]]:
        return [{"code": self.code, "status": str(self.status), "detail": self.detail}]


@dataclass(frozen=True)
class Failure:
    """One failed rule; `rule` is empty for checks made after the rules."""

    source_field: str
    rule: str
    detail: str


class ValidationError(PanelError):
    def __init__(self, failures: list[Failure]) -> None:
        super().__init__(422, "ValidationException", failures[0].detail, redirects_back=True)
        fields = list(dict.fromkeys(failure.source_field for failure in failures))
        self.failures = sorted(failures, key=lambda failure: fields.index(failure.source_field))

    def entries(self) -> list[dict[str, object]]:
        return [
            {"code": self.code, "status": "422", "detail": failure.detail,
             "meta": {"source_field": failure.source_field, "rule": failure.rule}}
            for failure in self.failures
        ]


def unauthenticated() -> PanelError:
    return PanelError(401, "AuthenticationException", "Unauthenticated.")


def bad_request(detail: str) -> PanelError:
    return PanelError(400, "BadRequestHttpException", detail)


def display(detail: str) -> PanelError:
    return PanelError(400, "DisplayException", detail, redirects_back=True)


def access_denied(detail: str = "This action is unauthorized.") -> PanelError:
    return PanelError(403, "AccessDeniedHttpException", detail)


def forbidden(detail: str) -> PanelError:
    return PanelError(403, "HttpForbiddenException", detail)


def not_found(detail: str = "The requested resource could not be found on the server.") -> PanelError:
    return PanelError(404, "NotFoundHttpException", detail)


def state_conflict(detail: str) -> PanelError:
    return PanelError(409, "ServerStateConflictException", detail)


def http_error(status: int, detail: str) -> PanelError:
    return PanelError(status, "HttpException", detail)


def crashed(code: str) -> PanelError:
    """What a PHP error of that class ends in."""
    return PanelError(500, code, GENERIC)


def daemon_error(status: int, detail: str) -> PanelError:
    return PanelError(status, "DaemonConnectionException", detail, redirects_back=True)
