"""The relay of consoles: one socket to a node for all who look at a server, and what each of them still has to see.

No Flask, no store, no HTML. A `Hub` (one in each web process) holds a `Channel` for each server, key owner and set of
permissions; a channel holds the socket to Wings (`Upstream`) and the last lines (`Ring`); a `Viewer` is one browser.
Source: Wings 1.11 (`router/websocket`, `router/router_server_ws.go`), panel 1.11 (`GET .../websocket`).
"""

from __future__ import annotations

from portal.wings.channel import Channel, ChannelKey
from portal.wings.hub import Counts, Full, Hub
from portal.wings.link import Cause, Link, Phase, Sent
from portal.wings.ticket import NoTicket, Ticket, Tickets
from portal.wings.viewer import Close, Place, Update, Viewer

__all__ = [
    "Cause", "Channel", "ChannelKey", "Close", "Counts", "Full", "Hub", "Link", "NoTicket", "Phase", "Place", "Sent",
    "Ticket", "Tickets", "Update", "Viewer",
]  # fmt: skip
