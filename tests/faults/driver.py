"""Every scenario at every place that it reaches: killed there, or an error there, or held up; then what must hold."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from portal.store import schema
from tests.faults.acknowledged import answers, differences, not_well, uncounted
from tests.faults.lane import Lane, Shot, Side
from tests.faults.scenarios import all_of_them
from tests.faults.scene import Scenario, mark, nothing
from tests.faults.settling import problems, settle

ACTS = ("kill", "raise", "pause")


@dataclass
class Found:
    """What a scenario came to: its places (`names`: not counting one again that is reached again), the shots that were
    fired, the acknowledged acts that were looked for after them, and whatever was not well after one."""

    scenario: str
    places: int = 0
    names: int = 0
    shots: int = 0
    acts: int = 0
    wrong: list[str] = field(default_factory=list)


def template(folder: Path) -> Path:
    """An instance folder with the accounts that all scenarios have."""
    empty = folder / "empty"
    empty.mkdir(mode=0o700)
    schema.upgrade(empty / "roost.db")
    lane = Lane(folder / "maker", empty)
    lane.make_people()
    return lane.instance


def _warm(lane: Lane, scenarios: Sequence[Scenario]) -> None:
    """Do some scenarios once, so that no run has to compile what all of them do."""
    for one in scenarios:
        lane.prepare(one.prepare, one.act, settle)


def ready(lane: Lane, scenario: Scenario) -> list[tuple[str, int]]:
    """Prepare a scenario; the places that it reaches. Raises RuntimeError when it does not even go well unharmed."""
    lane.prepare(scenario.prepare, mark)
    places, unnamed = lane.in_fork(lambda: lane.places(_begun(lane, scenario), scenario.act))
    if unnamed:
        raise RuntimeError(f"{scenario.name}: without a name: {unnamed[:5]}")
    wrong, _ = lane.in_fork(lambda: run(lane, scenario, None))
    if wrong:
        raise RuntimeError(f"{scenario.name}, unharmed: {wrong}")
    return places


def run(lane: Lane, scenario: Scenario, shot: Shot | None) -> tuple[list[str], int]:
    """One run with one shot: what is not well once everything has come to rest, and how many acts were acknowledged.

    To be called in a fork.
    """
    exchange = _begun(lane, scenario)
    told = lane.child(exchange, scenario.act, shot)
    broke = [one[1] for one in told if one[0] == "broke"]
    if broke and "Faulted" not in broke[0]:
        return [f"the scenario broke: {broke[0]}"], 0
    if shot is not None and shot.act == "kill" and told[-1:] and told[-1][0] != "killed":
        return ["nothing was killed there"], 0
    ended = answers(told)
    before = not_well(told)

    def after(side: Side) -> None:
        effects = list(scenario.effects(side))
        side.tell("wrong", list(differences(ended, effects)))
        if shot is None:
            side.tell("wrong", [f"nobody counts {name}" for name in uncounted(ended, effects)])
        settle(side)
        side.tell("wrong", [*problems(side), *differences(ended, scenario.effects(side))])
        if scenario.again is not nothing:
            scenario.again(side)
            settle(side)
            side.tell("wrong", problems(side))
        side.tell("wrong", list(scenario.expect(side)))

    told = lane.child(exchange, after)
    broke = [one[1] for one in told if one[0] == "broke"]
    wrong = [sentence for one in told if one[0] == "wrong" for sentence in one[1]]
    acknowledged = sum(how == "ok" for how in ended.values())
    return list(dict.fromkeys([*broke, *before, *not_well(told), *wrong, *exchange.doubled()])), acknowledged


def shots(places: list[tuple[str, int]], acts: tuple[str, ...] = ACTS) -> Iterator[Shot]:
    """What is fired at a scenario."""
    for act in acts:
        for place, nth in places:
            yield Shot(place, nth, act)


def all_shots(lane: Lane, scenario: Scenario, acts: tuple[str, ...] = ACTS, every: int = 1, first: int = 0) -> Found:
    """A scenario with every shot, or with every n-th one."""
    found = Found(scenario.name)
    try:
        places = ready(lane, scenario)
    except RuntimeError as error:
        found.wrong.append(str(error))
        return found
    found.places, found.names = len(places), len({name for name, _ in places})
    for shot in list(shots(places, acts))[first::every]:
        wrong, acknowledged = lane.in_fork(lambda: run(lane, scenario, shot))  # noqa: B023
        found.shots, found.acts = found.shots + 1, found.acts + acknowledged
        found.wrong += [f"{scenario.name}, {shot}: {one}" for one in wrong]
    return found


def _begun(lane: Lane, scenario: Scenario) -> Any:
    exchange = lane.begin()
    exchange.trouble = replace(scenario.trouble) if scenario.trouble else None
    exchange.drops_mail = scenario.drops_mail
    return exchange


@dataclass(frozen=True)
class Wanted:
    """What is to be run: names of scenarios (none: all), what is done at places, and every how-manieth of them."""

    names: tuple[str, ...] = ()
    acts: tuple[str, ...] = ("kill", "raise")
    every: int = 1
    first: int = 0


def in_lanes(folder: Path, wanted: Wanted, lanes: int) -> Iterator[Found]:
    """Run scenarios in so many processes, which share nothing but the list of what is left; as they end."""
    context = multiprocessing.get_context("fork")
    left: SimpleQueue[str | None] = context.SimpleQueue()
    found: SimpleQueue[Found | None] = context.SimpleQueue()
    maker = context.Process(target=_made, args=(folder,))
    maker.start()
    maker.join()
    if maker.exitcode or not (folder / "template").exists():
        raise RuntimeError("the accounts that all scenarios have could not be made")
    names = [one.name for one in all_of_them() if not wanted.names or one.name in wanted.names]
    for name in [*reversed(names), *[None] * lanes]:
        left.put(name)
    working = [context.Process(target=_lane, args=(folder, number, wanted, left, found)) for number in range(lanes)]
    for one in working:
        one.start()
    ended = 0
    while ended < lanes:
        done = found.get()
        ended += done is None
        if done is not None:
            yield done
    for one in working:
        one.join()


def _made(folder: Path) -> None:
    template(folder).rename(folder / "template")
    os._exit(0)


def _lane(
    folder: Path, number: int, wanted: Wanted, left: SimpleQueue[str | None], found: SimpleQueue[Found | None]
) -> None:
    try:
        lane = Lane(folder / f"lane {number}", folder / "template")
        known = {one.name: one for one in all_of_them()}
        if len(wanted.names) != 1 and wanted.every == 1:
            _warm(lane, [known["sweep"], known["renew"]])
        while (name := left.get()) is not None:
            found.put(all_shots(lane, known[name], wanted.acts, wanted.every, wanted.first))
    except BaseException as error:
        found.put(Found(f"lane {number}", wrong=[repr(error)]))
        raise
    finally:
        found.put(None)
        os._exit(0)
