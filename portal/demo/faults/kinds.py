"""The faults by name: what each does, and with which settings."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.demo.faults import bodies, breaking, timing
from portal.demo.faults.exchange import Answer, Ask, Exchange
from portal.demo.faults.knob import BadKnob, Where

HTTP: tuple[Where, ...] = ("panel", "node", "store")
GIB = 1024**3


@dataclass(frozen=True)
class Setting:
    """Its type is that of `default`; `choices` are all that is allowed, numbers lie from `least` to `most`."""

    default: str | int | float
    about: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = float("inf")

    def read(self, name: str, value: Any) -> str | int | float:
        """Raises BadKnob."""
        kind = type(self.default)
        if isinstance(self.default, float) and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise BadKnob(f"{name} is {'text' if kind is str else 'a number'}, not {value!r}")
        if self.choices and value not in self.choices:
            raise BadKnob(f"{name} is one of {', '.join(self.choices)}, not {value!r}")
        if not isinstance(value, str) and not self.least <= value <= self.most:
            raise BadKnob(f"{name} lies between {self.least:g} and {self.most:g}, not {value!r}")
        return value


@dataclass(frozen=True)
class Fault:
    """`act` gets the request and the way on, and gives the answer; a websocket's fault is a `switch` of the node."""

    about: str
    act: Callable[[Exchange, Ask], Answer]
    settings: Mapping[str, Setting]
    where: tuple[Where, ...] = HTTP
    switch: str = ""

    def read_settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All settings, those that were not given at their default.  Raises BadKnob."""
        unknown = sorted(given.keys() - self.settings.keys())
        if unknown:
            known = ", ".join(self.settings) or "none at all"
            raise BadKnob(f"{unknown[0]} is no setting of this fault; it has {known}")
        return {name: setting.read(name, given.get(name, setting.default)) for name, setting in self.settings.items()}


def _on_socket(about: str, switch: str, **settings: Setting) -> Fault:
    return Fault(about, lambda _exchange, ask: ask(), settings, ("socket",), switch)


_EFFECT = Setting("before", "whether the request has its effect all the same", ("before", "after"))
_ENDING = Setting("rst", "how the connection ends", ("rst", "fin"))
_FORM = Setting("own", "in the form of whoever is asked, as a bare page, or with nothing", ("own", "html", "empty"))

FAULTS: dict[str, Fault] = {
    "latency": Fault("Waits before the effect.", timing.latency, {
        "seconds": Setting(1.0, "how long, or the shortest wait"),
        "most": Setting(30.0, "the longest wait of a distribution"),
        "distribution": Setting("fixed", "of the waits", ("fixed", "uniform", "heavy")),
    }),
    "hang": Fault("Never answers, until the knob is taken back.", timing.hang, {"effect": _EFFECT}),
    "drip": Fault("Sends the answer byte by byte.", timing.drip, {"seconds": Setting(1.0, "before each byte")}),
    "refuse": Fault("Listens no more: connections are refused.", breaking.refuse, {}, ("node", "store")),
    "reset": Fault("Ends the connection without an answer.", breaking.reset, {"effect": _EFFECT, "ending": _ENDING}),
    "cut": Fault("Ends the connection in the middle of the answer, after the effect.", breaking.cut, {
        "at": Setting(0, "how many bytes are sent, from the status line on"), "ending": _ENDING}),
    "status": Fault("Refuses with a status.", breaking.status, {
        "status": Setting(500, "the status", least=200, most=599), "effect": _EFFECT, "form": _FORM,
        "code": Setting("HttpException", "the error's code"),
        "detail": Setting("", "its text; empty: the status in words")}),
    "throttle": Fault("Answers 429.", breaking.throttle, {
        "retry_after": Setting("", "the text of Retry-After; empty: no such header"), "form": _FORM}),
    "redirect": Fault("Leads elsewhere.", breaking.redirect, {
        "to": Setting("http://127.0.0.1:9/", "the address"),
        "status": Setting(302, "the status", least=300, most=399)}),
    "body": Fault("Has its effect and answers with another body.", bodies.body, {
        "kind": Setting("html", "of the body", tuple(bodies.KINDS)),
        "bytes": Setting(GIB, "of a big body, or of what a bomb unpacks to"),
        "depth": Setting(100_000, "of the nesting"),
        "charset": Setting("utf-16", "the real encoding", ("utf-16", "utf-32", "latin-1", "cp037")),
        "type": Setting("text/plain", "the content type that is said")}),
    "refuse-origin": _on_socket("No origin is good enough for a websocket.", "refuse_origin"),
    "refuse-tokens": _on_socket("Every token is refused.", "refuse_tokens"),
    "delay-auth": _on_socket("Looks at a token late.", "delay_auth", seconds=Setting(5.0, "how late")),
    "reorder": _on_socket("Handles a message after the one that follows it.", "reorders"),
    "fragment": _on_socket("Sends messages in pieces.", "fragment",
                           characters=Setting(5, "in each frame", least=1)),
    "full": _on_socket("A server has room for so many sockets, the next one is refused with 400.", "most",
                       most=Setting(30, "sockets of one server")),
}
