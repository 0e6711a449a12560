"""A part of the bench in a process of its own, which is told what to do over a pipe."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

ANSWER_S = 60.0
SPAWN = multiprocessing.get_context("spawn")


class Child:
    """`main` runs in the child with its end of the pipe; each question is answered once, with `answer`."""

    def __init__(self, main: Callable[..., None], *arguments: Any) -> None:
        self.pipe, other = SPAWN.Pipe()
        self.process = SPAWN.Process(target=main, args=(other, *arguments), daemon=True)
        self.process.start()
        other.close()

    def ask(self, verb: str, *arguments: Any) -> Any:
        """What the child's method of that name returns."""
        self.pipe.send((verb, arguments))
        if not self.pipe.poll(ANSWER_S):
            raise RuntimeError(f"no answer to {verb} within {ANSWER_S:.0f} s")
        return self.pipe.recv()

    def close(self) -> None:
        """End it."""
        self.pipe.close()
        self.process.join(3)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def until_over(pipe: Connection, who: Any) -> asyncio.Event:
    """Let the running loop do what is asked; the event is set when nobody asks any more."""
    over = asyncio.Event()

    def asked() -> None:
        if not answer(pipe, who):
            over.set()

    asyncio.get_running_loop().add_reader(pipe.fileno(), asked)
    return over


def answer(pipe: Connection, who: Any) -> bool:
    """Do what is asked next; False when nobody asks any more."""
    try:
        verb, arguments = pipe.recv()
    except (EOFError, OSError):
        return False
    pipe.send(getattr(who, verb)(*arguments))
    return True
