"""What a game prints and understands: one that behaves like a Minecraft server, and one that only boots."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from portal.demo.wings.configuration import Configuration
from portal.demo.wings.players import Players, Visit

EULA_LINE = "You need to agree to the EULA in order to run the server. Go to eula.txt for more info."
MINECRAFT_DONE = "For help, type "
MAX_PLAYERS = 20

Line = tuple[float, str]
"""A moment in unix seconds, and what is printed then."""

_YELLOW, _BRIGHT_YELLOW, _RESET = "\x1b[33;1m", "\x1b[38;2;255;255;85m", "\x1b[m"


@dataclass(frozen=True)
class Reply:
    """What a command printed; `exits` when the game ends itself after it."""

    lines: tuple[str, ...] = ()
    exits: bool = False


class Game(Protocol):
    """Lines of `boot` and `goodbye` have the share of that time at which they come, in unix seconds `at` and `seconds`.

    The last one of `boot` says that the start is over.  `life` are those after `begin`, until `end`.
    """

    configuration: Configuration

    def boot(self, at: float, seconds: float, /) -> list[tuple[float, str]]: ...

    def command(self, text: str, at: float, ready_at: float, /) -> Reply: ...

    def life(self, begin: float, end: float, ready_at: float, /) -> list[Line]: ...

    def goodbye(self, at: float, seconds: float, /) -> list[tuple[float, str]]: ...


def stamped(at: float, text: str, level: str = "INFO") -> str:
    moment = datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")
    return f"[{moment} {level}]: {text}"


def _prologue(configuration: Configuration) -> str:
    return f"\x1b[1m\x1b[33mcontainer@pterodactyl~ \x1b[0m{configuration.startup}"


@dataclass
class PlainGame:
    """Says that it starts and that it is there, in the words its egg waits for."""

    configuration: Configuration

    def boot(self, _at: float, seconds: float) -> list[tuple[float, str]]:
        return [(0.0, _prologue(self.configuration)), (0.2, "Loading configuration"),
                (0.5, f"Binding to {self.configuration.address}"), (0.8, "Loading saved data"),
                (1.0, self._done(seconds))]

    def _done(self, seconds: float) -> str:
        """The egg waits for some words of a line; what follows them is whole again."""
        words = self.configuration.done or "Server is ready"
        if words.endswith("("):
            return f"{words}{seconds:.2f}s)!"
        return f"{words} {self.configuration.address}" if words.endswith((" at", " on")) else words

    def command(self, text: str, _at: float, _ready_at: float) -> Reply:
        return Reply(exits=text.strip() == self.configuration.stop_command)

    def life(self, _begin: float, _end: float, _ready_at: float) -> list[Line]:
        return []

    def goodbye(self, _at: float, _seconds: float) -> list[tuple[float, str]]:
        return [(0.5, "Shutting down")]


@dataclass
class MinecraftGame:
    """`operators` outlives a start."""

    configuration: Configuration
    operators: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._players = Players(self.configuration.uuid)

    def boot(self, at: float, seconds: float) -> list[tuple[float, str]]:
        """Texts carry the time at which they come."""
        texts = (
            (0.05, "Starting minecraft server version 1.21.4", "INFO"),
            (0.15, "Loading properties", "INFO"),
            (0.2, "Default game type: SURVIVAL", "INFO"),
            (0.25, f"Starting Minecraft server on {self.configuration.address}", "INFO"),
            (0.35, "**** SERVER IS RUNNING IN OFFLINE/INSECURE MODE!", "WARN"),
            (0.5, 'Preparing level "world"', "INFO"),
            (0.6, "Preparing start region for dimension minecraft:overworld", "INFO"),
            (0.75, "Preparing spawn area: 47%", "INFO"),
            (0.9, "Time elapsed: 1201 ms", "INFO"),
            (1.0, f'Done ({seconds:.3f}s)! For help, type "help"', "INFO"),
        )
        return [(0.0, _prologue(self.configuration)),
                *((share, _coloured(at + share * seconds, text, level)) for share, text, level in texts)]

    def command(self, text: str, at: float, ready_at: float) -> Reply:
        """Nothing is answered before the game is ready; only `stop` is heard then."""
        name, _, rest = text.strip().removeprefix("/").partition(" ")
        if name == "stop":
            return Reply(exits=True)
        if not name or at < ready_at:
            return Reply()
        return Reply(tuple(stamped(at, line) for line in self._answer(name, rest.strip(), at, ready_at)))

    def life(self, begin: float, end: float, ready_at: float) -> list[Line]:
        """People joining, talking and leaving after `begin`, until `end`."""
        lines = [line for visit in self._players.visits(begin, end) if visit.came_at > ready_at
                 for line in _lines_of(visit)]
        return sorted(line for line in lines if begin < line[0] <= end)

    def goodbye(self, at: float, seconds: float) -> list[tuple[float, str]]:
        texts = ((0.1, "Stopping the server"), (0.2, "Stopping server"), (0.4, "Saving players"),
                 (0.6, "Saving worlds"), (0.9, "All dimensions are saved"))
        return [(share, stamped(at + share * seconds, text)) for share, text in texts]

    def _answer(self, name: str, rest: str, at: float, ready_at: float) -> list[str]:
        if name == "help":
            return ["/deop <targets>", "/help [<command>]", "/list", "/op <targets>", "/say <message>", "/stop"]
        if name == "list":
            online = self._players.online(at, ready_at)
            return [f"There are {len(online)} of a max of {MAX_PLAYERS} players online: {', '.join(online)}"]
        if name == "say" and rest:
            return [f"[Server] {rest}"]
        if name in ("op", "deop") and rest:
            return [self._promote(rest, is_op=name == "op")]
        return ['Unknown command. Type "/help" for help.' if name not in ("say", "op", "deop")
                else f"Unknown or incomplete command, see below for error\n{name}<--[HERE]"]

    def _promote(self, player: str, *, is_op: bool) -> str:
        if (player in self.operators) == is_op:
            return f"Nothing changed. The player {'already is' if is_op else 'is not'} an operator"
        if is_op:
            self.operators.add(player)
            return f"Made {player} a server operator"
        self.operators.remove(player)
        return f"Made {player} no longer a server operator"


def _coloured(at: float, text: str, level: str) -> str:
    line = stamped(at, text, level)
    return f"{_YELLOW}{line}{_RESET}" if level == "WARN" else f"{line}{_RESET}"


def _lines_of(visit: Visit) -> Iterator[Line]:
    for at, text in ((visit.came_at, "joined"), (visit.left_at, "left")):
        yield at, stamped(at, f"{_BRIGHT_YELLOW}{visit.player} {text} the game{_RESET}")
    for at, words in visit.said:
        yield at, stamped(at, f"<{visit.player}> {words}{_RESET}")


def game_of(configuration: Configuration, operators: set[str]) -> Game:
    """By what the egg waits for."""
    if MINECRAFT_DONE in configuration.done:
        return MinecraftGame(configuration, operators)
    return PlainGame(configuration)
