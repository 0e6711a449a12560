"""How long the relay waits, for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """All in seconds. Tests make them small; a portal runs with these."""

    connect_s: float = 5.0
    """For TCP, for TLS, and for the answer to the upgrade, each."""
    auth_s: float = 10.0
    """Until `auth success`."""
    tick_s: float = 1.0
    """The longest wait for a frame, after which the clock is looked at."""
    ping_after_s: float = 10.0
    silent_after_s: float = 20.0
    renew_after_s: float = 480.0
    """A token is good for 600."""
    renew_every_s: float = 30.0
    """Between two calls for a token on one socket."""
    pauses: tuple[float, ...] = (1, 2, 4, 8, 16, 30, 45, 60)
    """Before each new socket; the last one stays."""
    most_pause_s: float = 300.0
    """However long the panel asks us to wait."""
    moved_pause_s: float = 5.0
    """After the server left its node."""
    steady_s: float = 60.0
    """A socket that lived so long makes the pauses begin anew."""
    tired_s: float = 600.0
    hold_s: float = 3.0
    """The longest that live lines wait for history."""
    first_line_s: float = 0.6
    quiet_s: float = 0.1
    history_s: float = 2.0
    """For the first line of history, after the last one, and in all."""
    history_pauses: tuple[float, ...] = (0.25, 0.5)
    """Before it is tried once more."""
    pong_s: float = 3.0
    """Until a command counts as unknown."""
    command_gap_s: float = 0.05
