"""How long a call may take in all, by our own clock, retries included; in seconds.

Why these figures: docs/panel.md. The panel itself gives up on a node after 15 s
(`GUZZLE_TIMEOUT`), so an interactive write waits a little longer than that and sees the true answer.
"""

from __future__ import annotations

from typing import Final

CONNECT_S: Final = 3.0
"""Until a connection stands, name look-up and TLS handshake included."""

PANEL_READ_S: Final = 5.0
"""A read that blocks a page and needs only the panel."""

NODE_READ_S: Final = 8.0
"""A read that needs the node (usage, files): in a fragment or in the background, never blocking a page."""

SYNC_READ_S: Final = 8.0
"""A read of the background process."""

INTERACTIVE_WRITE_S: Final = 20.0
"""A write that somebody waits for: power, command, most changes."""

BACKGROUND_WRITE_S: Final = 30.0
"""Suspend, unsuspend and other writes of the background process."""

LONG_WRITE_S: Final = 15 * 60.0 + 30.0
"""Compress, decompress and a pull in the foreground: the panel itself gives the node 15 minutes."""

STREAM_IDLE_S: Final = 60.0
"""The longest silence in a download or upload, and the longest wait for the answer to an upload."""
