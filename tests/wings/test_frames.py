"""Bytes of a websocket in, messages out; nothing is kept that is longer than anybody should send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.wings.frames import CLOSE, PING, PONG, TEXT, Frames, Nonsense
from tests.wings.peer import frame


def pieces(data: bytes, size: int) -> list[tuple[int, bytes]]:
    frames = Frames()
    return [
        (opcode, bytes(payload))
        for at in range(0, len(data), size)
        for opcode, payload in frames.feed(data[at : at + size])
    ]


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 400))
def test_messages_come_out_whole_however_they_come_in(payloads: list[bytes], size: int) -> None:
    data = b"".join(frame(payload) for payload in payloads)
    assert pieces(data, size) == [(TEXT, payload) for payload in payloads]


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=6), st.integers(1, 50))
def test_fragments_are_joined_and_control_frames_may_stand_between(parts: list[bytes], size: int) -> None:
    frames = [
        frame(part, opcode=TEXT if number == 0 else 0, is_final=number == len(parts) - 1) + frame(b"x", opcode=PING)
        for number, part in enumerate(parts)
    ]
    found = pieces(b"".join(frames), size)
    assert [payload for opcode, payload in found if opcode == TEXT] == [b"".join(parts)]
    assert [opcode for opcode, _ in found].count(PING) == len(parts)


@pytest.mark.parametrize("size", [125, 126, 65535, 65536])
def test_each_width_of_length(size: int) -> None:
    assert pieces(frame(b"a" * size), 10_000) == [(TEXT, b"a" * size)]


def test_close_and_pong_carry_their_payload() -> None:
    data = frame(b"\x03\xe9deleted", opcode=CLOSE) + frame(b"7", opcode=PONG)
    assert pieces(data, 100) == [(CLOSE, b"\x03\xe9deleted"), (PONG, b"7")]


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",  # 2^63 - 1 bytes announced
        b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
        b"\xc1\x00",  # an extension's bit
        b"\x83\x00",  # an opcode of nobody
        b"\x80\x00",  # nothing to continue
        b"\x01\x00\x81\x00",  # a message within a message
        b"\x09\x00",  # half a ping
        b"\x89\x7e\x00\x80",  # a long ping
        b"\x81\x80\x00\x00\x00\x00",  # masked, as only a client does
    ],
)
def test_nonsense_is_refused_before_its_payload_comes(data: bytes) -> None:
    with pytest.raises(Nonsense):
        Frames().feed(data)


def test_a_message_of_many_fragments_has_an_end() -> None:
    frames = Frames(most=1000)
    frames.feed(frame(b"a" * 600, is_final=False))
    with pytest.raises(Nonsense):
        frames.feed(frame(b"a" * 600, opcode=0, is_final=False))


def test_empty_fragments_for_ever_have_an_end_too() -> None:
    frames = Frames()
    frames.feed(frame(b"", is_final=False))
    with pytest.raises(Nonsense):
        frames.feed(frame(b"", opcode=0, is_final=False) * 200_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_nonsense(data: bytes) -> None:
    try:
        found = Frames().feed(data)
    except Nonsense:
        return
    assert sum(len(payload) for _, payload in found) <= len(data)
