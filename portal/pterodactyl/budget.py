"""How many calls a key may make, so that the panel never has to say 429 to somebody who waits.

The panel counts per minute and per key owner (720 client, 240 application by default). One `CallBudget`
counts what this process sends with one key, in a sliding minute, and divides it: background sync at most 30
%, live figures at most 60 %, the last tenth for pages only; of a shared key one person gets at most a fifth.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from portal.pterodactyl.calls import Purpose
from portal.pterodactyl.errors import Busy
from portal.pterodactyl.keys import ApiKey

Kind = Literal["client", "application"]

WINDOW_S: Final = 60.0
RESERVE: Final = 0.1
SHARES: Final[dict[Purpose, float]] = {"sync": 0.3, "live": 0.6}
IN_FLIGHT: Final = 32
KEPT: Final = 2000
"""So many budgets are kept before those that nobody uses are thrown away."""


@dataclass(frozen=True, slots=True)
class _Call:
    at: float
    who: str | None
    purpose: Purpose


@dataclass(slots=True)
class _Told:
    """What the panel said: `said` calls were left, of which `left` are now, until `until`."""

    said: int
    left: int
    until: float


@dataclass(slots=True)
class CallBudget:
    """The calls of one key owner. Safe to use from many threads; times are those of `clock`, in seconds."""

    limit_per_minute: int
    shared: bool = field(kw_only=True)
    share: float = field(default=0.2, kw_only=True)
    clock: Callable[[], float] = field(default=time.monotonic, kw_only=True)
    _calls: deque[_Call] = field(default_factory=deque, init=False, repr=False)
    _by_who: Counter[str | None] = field(default_factory=Counter, init=False, repr=False)
    _by_purpose: Counter[Purpose] = field(default_factory=Counter, init=False, repr=False)
    _told: _Told | None = field(default=None, init=False, repr=False)
    _blocked_until: float = field(default=0.0, init=False, repr=False)
    _limit: int = field(default=1, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.limit_per_minute = self._limit = max(1, self.limit_per_minute)
        self._blocked_until = self.clock()

    def take(self, who: str | None, purpose: Purpose) -> None:
        """Count one call, or raise Busy (`local`) with the seconds after which asking again makes sense."""
        with self._lock:
            now = self.clock()
            self._forget(now)
            wait_s = self._wait(who, purpose, now)
            if wait_s is None:
                self._count(_Call(now, who, purpose))
        if wait_s is not None:
            raise Busy("our own call budget is spent", retry_after_s=wait_s, local=True)

    def learned(self, limit: int, remaining: int) -> None:
        """The panel's own count (`X-RateLimit-Limit`, `-Remaining`), other processes included."""
        if limit < 1 or not 0 <= remaining <= limit:
            return
        with self._lock:
            now = self.clock()
            self._limit = min(self.limit_per_minute, limit)
            told = self._told
            slack = min(IN_FLIGHT, limit // 4)  # answers of parallel calls arrive in any order
            if told is None or now >= told.until or remaining > told.said + slack:
                self._told = _Told(remaining, remaining, now + WINDOW_S)  # the panel's minute began anew
            else:
                self._told = _Told(min(told.said, remaining), min(told.left, remaining), told.until)

    def blocked(self, retry_after_s: float) -> None:
        """The panel said 429: no call until then."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, self.clock() + retry_after_s)

    def idle(self) -> bool:
        """Whether forgetting this budget would change nothing."""
        with self._lock:
            now = self.clock()
            self._forget(now)
            return not self._calls and self._told is None and now >= self._blocked_until

    def _forget(self, now: float) -> None:
        while self._calls and self._calls[0].at <= now - WINDOW_S:
            old = self._calls.popleft()
            self._by_purpose[old.purpose] -= 1
            self._by_who[old.who] -= 1
            if not self._by_who[old.who]:
                del self._by_who[old.who]
        if self._told and now >= self._told.until:
            self._told = None

    def _wait(self, who: str | None, purpose: Purpose, now: float) -> float | None:
        """None if the call may be made, else the seconds to wait."""
        if now < self._blocked_until:
            return self._blocked_until - now
        reserve = 0 if purpose == "page" else max(1, int(self._limit * RESERVE))
        if self._told and self._told.left <= reserve:
            return self._told.until - now
        if len(self._calls) >= self._limit - reserve:
            return self._until_one_leaves(now)
        if purpose in SHARES and self._by_purpose[purpose] >= self._part(SHARES[purpose]):
            return self._until_one_leaves(now, lambda call: call.purpose == purpose)
        if self.shared and who is not None and self._by_who[who] >= self._part(self.share):
            return self._until_one_leaves(now, lambda call: call.who == who)
        return None

    def _part(self, share: float) -> int:
        return max(1, int(self._limit * share))

    def _until_one_leaves(self, now: float, wanted: Callable[[_Call], bool] | None = None) -> float:
        first = next((call.at for call in self._calls if wanted is None or wanted(call)), now)
        return first + WINDOW_S - now

    def _count(self, call: _Call) -> None:
        self._calls.append(call)
        self._by_who[call.who] += 1
        self._by_purpose[call.purpose] += 1
        if self._told:
            self._told.left -= 1


class Budgets:
    """One budget for each kind of API and key. `processes` is how many processes share each key's limit."""

    def __init__(
        self,
        *,
        client_per_minute: int = 720,
        application_per_minute: int = 240,
        processes: int = 1,
        share: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        divisor = max(1, processes)
        self._limits: dict[Kind, int] = {
            "client": client_per_minute // divisor,
            "application": application_per_minute // divisor,
        }
        self._share = share
        self._clock = clock
        self._budgets: dict[tuple[Kind, str], CallBudget] = {}
        self._lock = threading.Lock()

    def of(self, kind: Kind, key: ApiKey) -> CallBudget:
        """The budget of a key, made on first use.

        An application key counts as shared, like a shared client key.
        """
        name = (kind, key.identifier)
        with self._lock:
            found = self._budgets.get(name)
            if found is None:
                self._drop_idle()
                shared = key.shared or kind == "application"
                found = CallBudget(self._limits[kind], shared=shared, share=self._share, clock=self._clock)
                self._budgets[name] = found
            return found

    def _drop_idle(self) -> None:
        if len(self._budgets) >= KEPT:
            self._budgets = {name: budget for name, budget in self._budgets.items() if not budget.idle()}
