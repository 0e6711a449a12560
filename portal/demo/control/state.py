"""What the demo is like now, its condition, its clock and its calls."""
from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from portal.demo.conditions import CONDITIONS
from portal.demo.control.asked import Asked, Nonsense

_LONGEST_OUTAGE = 3600


def view(asked: Asked) -> dict[str, Any]:
    demo = asked.demo
    nodes = [{"name": node.row.name, "address": demo.addresses.get(node.row.name), "fault": _fault(asked, uuid),
              "servers": len(demo.world.servers_of(node.row))} for uuid, node in demo.nodes.items()]
    return {
        "base": demo.base, "condition": demo.condition, "conditions": list(CONDITIONS), "clock": _clock(asked),
        "knobs": [knob.as_document() for knob in demo.knobs.all()], "nodes": nodes,
        "snapshots": sorted(demo.snapshots),
        "counts": {"calls": dict(Counter(call.where for call in demo.log.all)), "servers": len(demo.world.servers),
                   "users": len(demo.world.users), "activity": len(demo.world.activity_logs)},
    }


def _fault(asked: Asked, uuid: str) -> str | None:
    fault = asked.demo.link.fault_of(asked.demo.nodes[uuid].row)
    return None if fault is None else fault.name.lower()


def set_condition(asked: Asked) -> dict[str, Any]:
    """`{"condition": "node-down"}`; null ends whatever is wrong."""
    asked.only("condition")
    name = asked.document.get("condition", False)
    if name is not None and not (isinstance(name, str) and name in CONDITIONS):
        raise Nonsense(f"condition is null or one of {', '.join(CONDITIONS)}")
    with asked.demo.turn:
        asked.demo.set_condition(name)
    return {"condition": asked.demo.condition}


def move_clock(asked: Asked) -> dict[str, Any]:
    """`{"advance": 60}` jumps, back too; `{"rate": 1.01}` drifts; `{"rate": 0}` freezes; `{"rate": 1}` thaws."""
    asked.only("advance", "rate")
    if not asked.document:
        raise Nonsense("advance or rate is missing")
    clock = asked.demo.clock
    if "rate" in asked.document:
        rate = asked.number("rate")
        if not 0 <= rate <= 1000:
            raise Nonsense("rate lies between 0 and 1000")
        clock.run_at(rate)
    clock.advance(asked.number("advance", 0.0))
    return _clock(asked)


def view_clock(asked: Asked) -> dict[str, Any]:
    return _clock(asked)


def _clock(asked: Asked) -> dict[str, Any]:
    now = asked.demo.clock.now()
    return {"now": now, "rate": asked.demo.clock.rate, "utc": datetime.fromtimestamp(now, UTC).isoformat()}


def list_calls(asked: Asked) -> dict[str, Any]:
    """All, or with `?where=panel` those of one place; `?last=10` the newest."""
    calls = list(asked.demo.log.all)
    where, last = asked.query.get("where"), asked.query.get("last")
    if where is not None:
        calls = [call for call in calls if call.where == where]
    if last is not None:
        if not last.isdecimal():
            raise Nonsense("last is a number")
        calls = calls[-int(last):] if int(last) else []
    return {"calls": [vars(call) for call in calls]}


def forget_calls(asked: Asked) -> dict[str, Any]:
    count = len(asked.demo.log.all)
    asked.demo.log.clear()
    return {"forgotten": count}


def go_away(asked: Asked) -> dict[str, Any]:
    """`{"seconds": 5}`: the panel's own address refuses connections that long in real time, this API's too."""
    asked.only("seconds")
    seconds, go = asked.number("seconds"), asked.demo.go_away
    if go is None:
        raise Nonsense("this demo has no address that it could close", 409)
    if not 0 <= seconds <= _LONGEST_OUTAGE:
        raise Nonsense(f"seconds lies between 0 and {_LONGEST_OUTAGE}")
    asked.afterwards.append(lambda: go(seconds))
    return {"away_for": seconds}


ROUTES = (
    ("POST", "/outage", go_away),
    ("GET", "", view), ("GET", "/state", view),
    ("POST", "/condition", set_condition), ("GET", "/clock", view_clock), ("POST", "/clock", move_clock),
    ("GET", "/calls", list_calls), ("DELETE", "/calls", forget_calls),
)
