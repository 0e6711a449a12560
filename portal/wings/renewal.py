"""When one socket asks the panel for its next token."""

from __future__ import annotations

from portal.wings.timing import Timing

_RENEWABLE = ("jwt: exp claim is invalid", "jwt: created too far in past (denylist)")


def is_renewable(error: str) -> bool:
    """Whether a new token helps against that `jwt error`; the stock client asks the same way."""
    return any(one in error.lower() for one in _RENEWABLE)


class Renewal:
    """Instants are monotonic. Each call for a token counts, also the one that opened the socket."""

    def __init__(self, now: float, timing: Timing) -> None:
        self._timing = timing
        self._token_at = now
        self._not_before = now + timing.renew_every_s
        self._is_wanted = False
        self._answer_by: float | None = None
        self._is_running = False

    def want(self) -> None:
        """The node says that the token ends, or has ended."""
        self._is_wanted = True

    def is_due(self, now: float) -> bool:
        """Whether to ask now."""
        is_old = now - self._token_at >= self._timing.renew_after_s
        return not self._is_running and now >= self._not_before and (self._is_wanted or is_old)

    def has_to_wait(self, now: float) -> bool:
        """Whether a new token is wanted and this socket may not ask yet."""
        return self._is_wanted and not self._is_running and now < self._not_before

    def began(self, now: float) -> None:
        """The panel is being asked."""
        self._is_running = True
        self._not_before = now + self._timing.renew_every_s

    def failed(self, now: float, retry_after_s: float | None) -> None:
        """No token, or the node did not take it: again later."""
        self._is_running = False
        self._answer_by = None
        self._is_wanted = True
        pause = min(retry_after_s or 0.0, self._timing.most_pause_s)
        self._not_before = max(self._not_before, now + pause)

    def sent(self, now: float) -> None:
        """The new token is on its way to the node."""
        self._answer_by = now + self._timing.auth_s

    def done(self, now: float) -> None:
        """The node took it."""
        self._is_running = self._is_wanted = False
        self._answer_by = None
        self._token_at = now

    def is_unanswered(self, now: float) -> bool:
        """The node has said nothing to the new token for too long."""
        return self._answer_by is not None and now >= self._answer_by

    @property
    def is_being_answered(self) -> bool:
        """A token was sent, and the node has not said anything to it."""
        return self._answer_by is not None
