"""What games print and understand."""
from __future__ import annotations

import re

import pytest

from portal.demo.wings.configuration import Configuration
from portal.demo.wings.game import Game, MinecraftGame, game_of
from portal.demo.wings.players import Players

NOON = 1_780_056_000.0
MINECRAFT = Configuration(uuid="some-server", done=")! For help, type ", startup="java -jar server.jar",
                          address="192.0.2.1:25565")
DAY = 86_400


@pytest.fixture
def game() -> Game:
    return game_of(MINECRAFT, set())


def answers(game: Game, text: str, at: float = NOON) -> list[str]:
    """Without the time."""
    return [line.partition("INFO]: ")[2] for line in game.command(text, at, 0.0).lines]


def test_the_boot_log_ends_with_the_line_that_the_egg_waits_for(game: Game) -> None:
    lines = game.boot(NOON, 3.1415)
    assert lines[0] == (0.0, "\x1b[1m\x1b[33mcontainer@pterodactyl~ \x1b[0mjava -jar server.jar")
    assert lines[-1] == (1.0, '[12:00:03 INFO]: Done (3.142s)! For help, type "help"\x1b[m')
    assert [share for share, _ in lines] == sorted(share for share, _ in lines)
    assert sum("done" in line.lower() and MINECRAFT.done in line for _, line in lines) == 1


def test_warnings_are_yellow_and_every_colour_ends(game: Game) -> None:
    (warning,) = [line for _, line in game.boot(NOON, 3) if "WARN" in line]
    assert warning.startswith("\x1b[33;1m[")
    assert all(line.endswith("\x1b[m") for _, line in game.boot(NOON, 3)[1:])


def test_a_game_of_another_kind_says_what_its_egg_waits_for() -> None:
    rust = Configuration(done="Server startup complete", stop="quit")
    game = game_of(rust, set())
    assert game.boot(NOON, 2)[-1] == (1.0, "Server startup complete")
    assert (game.command("help", NOON, 0.0).lines, game.command("quit", NOON, 0.0).exits) == ((), True)
    assert game.life(NOON - DAY, NOON, 0.0) == []


@pytest.mark.parametrize(("text", "answer"), [
    ("say hello  you", "[Server] hello  you"), ("/say hi", "[Server] hi"),
    ("fly", 'Unknown command. Type "/help" for help.'), ("op Alex", "Made Alex a server operator"),
    ("deop Alex", "Nothing changed. The player is not an operator"),
])
def test_commands_and_their_answers(game: Game, text: str, answer: str) -> None:
    assert answers(game, text) == [answer]


def test_help_names_all_commands(game: Game) -> None:
    named = {line.split()[0] for line in answers(game, "help")}
    assert named == {"/help", "/list", "/say", "/op", "/deop", "/stop"}
    for command in named - {"/stop"}:
        assert not any("Unknown command" in line for line in answers(game, f"{command} x")), command


@pytest.mark.parametrize("text", ["say", "op", "deop"])
def test_incomplete_commands(game: Game, text: str) -> None:
    (answer,) = answers(game, text)
    assert answer.endswith(f"\n{text}<--[HERE]")


def test_operators_stay_over_a_start() -> None:
    operators: set[str] = set()
    answers(game_of(MINECRAFT, operators), "op Alex")
    again = game_of(MINECRAFT, operators)
    assert answers(again, "op Alex") == ["Nothing changed. The player already is an operator"]
    assert answers(again, "deop Alex") == ["Made Alex no longer a server operator"]
    assert operators == set()


def test_nothing_is_answered_before_it_is_ready_but_stop_is_heard(game: Game) -> None:
    assert game.command("list", NOON, NOON + 1).lines == ()
    assert game.command("stop", NOON, NOON + 1).exits
    assert not game.command("", NOON, 0.0).lines


def test_people_join_talk_and_leave_and_the_list_knows_them(game: Game) -> None:
    online: set[str] = set()
    seen = set()
    for at, line in game.life(NOON, NOON + DAY, NOON):
        text = re.sub(r"\x1b\[[\d;]*m", "", line).partition("INFO]: ")[2]
        name = re.fullmatch(r"(\w+) (joined|left) the game|<(\w+)> .+", text)
        assert name is not None
        kind = name[2] or "talked"
        seen.add(kind)
        player = name[1] or name[3]
        online = online | {player} if kind == "joined" else online - {player} if kind == "left" else online
        (listed,) = game.command("list", at, NOON).lines
        names = {one for one in listed.partition("online: ")[2].split(", ") if one}
        assert f"There are {len(names)} of a max of 20" in listed
        assert names == online
    assert seen == {"joined", "left", "talked"}


def test_people_are_the_same_for_the_same_server_however_often_one_looks(game: Game) -> None:
    whole = game.life(NOON, NOON + 7200, 0.0)
    pieces = [line for second in range(0, 7200, 60)
              for line in game.life(NOON + second, NOON + second + 60, 0.0)]
    assert whole == pieces == MinecraftGame(MINECRAFT).life(NOON, NOON + 7200, 0.0)
    other = MinecraftGame(Configuration(uuid="another", done=MINECRAFT.done))
    assert other.life(NOON, NOON + 7200, 0.0) != whole


def test_nobody_is_there_who_came_before_the_start() -> None:
    players = Players("some-server")
    moment = next(visit.came_at for visit in players.visits(NOON, NOON + DAY)) + 1
    assert players.online(moment, 0.0)
    assert players.online(moment, moment) == []
