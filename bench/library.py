"""What a call through our library costs beside py-dactyl: the same calls on the same demo panel behind TLS.

    .venv/bin/python bench/library.py [--quick] [--only NAME ...]

Lists of servers (per_page 50) and views of one, 1,000 of each, by one thread and by eight, with a panel that answers at
once (0ms) and one that takes 15 ms. The clients take turns, each in a process of its own, and which is first changes;
ratios are ours by theirs, of the medians. It needs no root and no nginx, only what `bin/setup --dev` installs; there is
no rate limit here.

What the ratios come from: py-dactyl 2.1.2 connects anew for each use of `client.servers`, so for each call as its
documentation writes them, and reads the authorities that it trusts anew each time. Panel and clients share a machine:
their time has the panel's side of the handshakes in it. Both trust what a real client does, certifi's 100-odd
authorities, and the panel's certificate; reading them is 15 of the 20 ms of a view by 2.1.2. The own_cert figures are
without them, the held figures without new connections. What is left there is that ours checks every field of an answer,
while theirs hands back the JSON: about twice the time for a list, the same for a view.

2.1.3 keeps the connections of `client.servers`. Measured once (--quick): time_ratio_0ms 1.7, own_cert_ratio_0ms 1.6,
time_ratio_15ms 1.2, cpu_ratio 2.1, held_list_0ms 1.8, held_view_0ms 1.0, 8 connections each.

time_ratio_0ms, time_ratio_15ms  time of a call of the client API: lists and views, one thread and eight, together
cpu_ratio           processor time of the calling process for the same calls
connections_ours    TCP connections that the panel accepted meanwhile; connections_theirs: theirs
calls_each          how many calls of each client that were
list_0ms_1t         time ratio of lists alone, panel at once, one thread; _cpu its processor time
list_0ms_1t_ms      ours/theirs: time of a turn by its calls, in ms. With eight threads they overlap, so there it is the
                    inverse of what goes through, and not how long one call takes
held_list_0ms       the same by one thread that holds `client.servers`, few turns; held_connections: ours/theirs
own_cert_ratio_0ms  as time_ratio_0ms where both trust the panel's certificate alone, few turns; own_cert_cpu_ratio
app_list, app_view  the same for the application API, few turns: py-dactyl keeps its connections there, so these watch
                    what our own work on an answer costs
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.clients.callers import MOST_THREADS  # noqa: E402
from bench.clients.measures import Measures, Plan  # noqa: E402
from bench.clients.rig import Rig  # noqa: E402
from bench.running import Bench  # noqa: E402

QUICK = Plan(turns=6, calls=8)
REDUCED = "48 calls of each kind instead of 1,000"
AIMS = {
    "time_ratio_0ms": "at most 0.333", "time_ratio_15ms": "under 1", "cpu_ratio": "at most 0.333",
    "connections_ours": f"at most {MOST_THREADS}", "app_list_0ms_1t": "at most 2", "app_view_0ms_1t": "at most 2",
}  # fmt: skip
PARTS = ("customer", "held", "own_certificate", "application")


def start(is_quick: bool) -> tuple[Rig, Measures]:
    """The panel, both clients, and what is measured."""
    rig = Rig()
    return rig, Measures(rig, QUICK if is_quick else Plan())


if __name__ == "__main__":
    about = "What a call through our library costs beside py-dactyl."
    sys.exit(Bench(about, REDUCED, PARTS, AIMS, start, behind_nginx=False).main())
