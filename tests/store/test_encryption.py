"""A sealed file opens with its key and as it was written, or not at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.store import encryption
from portal.store.encryption import CHUNK, HEADER, TAG
from portal.store.files import BackupError

KEY, OTHER = "a key for backups, long enough", "another key, as long as that"
STEP = CHUNK + TAG


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is made once: that takes a tenth of a second, and here it is about the chunks."""
    real, made = encryption._keys, dict[tuple[str, bytes], tuple[bytes, bytes]]()

    def keys(secret: str, salt: bytes) -> tuple[bytes, bytes]:
        if (secret, salt) not in made:
            made[secret, salt] = real(secret, salt)
        return made[secret, salt]

    monkeypatch.setattr(encryption, "_keys", keys)


def seal(folder: Path, plain: bytes, key: str = KEY) -> Path:
    (folder / "plain").write_bytes(plain)
    encryption.encrypt(folder / "plain", folder / "sealed", key)
    return folder / "sealed"


def unseal(path: Path, key: str = KEY) -> bytes:
    target = path.with_name("opened")
    encryption.decrypt(path, target, key)
    return target.read_bytes()


def letters(count: int) -> bytes:
    return random.Random(7).randbytes(count)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_what_was_sealed_comes_back(size: int, tmp_path: Path) -> None:
    plain = letters(size)
    assert unseal(seal(tmp_path, plain)) == plain


def test_the_sealed_file_shows_nothing_of_the_plain_one(tmp_path: Path) -> None:
    plain = b"owner@example.com " * 1000
    assert b"owner@example" not in seal(tmp_path, plain).read_bytes()
    assert encryption.is_encrypted(tmp_path / "sealed")
    assert not encryption.is_encrypted(tmp_path / "plain")


def test_the_same_file_is_sealed_differently_each_time(tmp_path: Path) -> None:
    first = seal(tmp_path, b"plain" * 100).read_bytes()
    second = seal(tmp_path, b"plain" * 100).read_bytes()
    assert first[len(encryption.MAGIC) :][:16] != second[len(encryption.MAGIC) :][:16]
    assert first[HEADER:] != second[HEADER:]


def test_another_key_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="another backup_key"):
        unseal(seal(tmp_path, b"plain"), OTHER)


@pytest.mark.parametrize("left", [0, 5, HEADER - 1])
def test_a_file_cut_inside_its_header_does_not_open(left: int, tmp_path: Path) -> None:
    path = seal(tmp_path, b"plain")
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(BackupError, match="cut"):
        unseal(path)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_file_cut_between_two_chunks_does_not_open(chunks: int, tmp_path: Path) -> None:
    path = seal(tmp_path, letters(3 * CHUNK))
    path.write_bytes(path.read_bytes()[: HEADER + chunks * STEP])
    with pytest.raises(BackupError, match="cut"):
        unseal(path)


@pytest.mark.usefixtures("quick")
def test_a_file_cut_anywhere_does_not_open(tmp_path: Path) -> None:
    path = seal(tmp_path, letters(2 * CHUNK + 100))
    whole = path.read_bytes()
    places = random.Random(3).sample(range(HEADER, len(whole)), 25)
    for left in [*places, len(whole) - 1, HEADER + STEP - 1, HEADER + STEP + 1]:
        path.write_bytes(whole[:left])
        with pytest.raises(BackupError, match="cut"):
            unseal(path)


def swapped(whole: bytes) -> bytes:
    first, second = HEADER + STEP, HEADER + 2 * STEP
    return whole[:HEADER] + whole[first:second] + whole[HEADER:first] + whole[second:]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "spoil",
    [
        swapped,
        lambda whole: whole + b"x",
        lambda whole: whole + b"x" * STEP,
        lambda whole: whole + whole[-STEP:],
        lambda whole: whole[: HEADER + STEP] + whole[HEADER:],
        lambda whole: whole[:HEADER] + whole[HEADER + STEP :],
        lambda whole: whole[: HEADER + 5] + bytes([whole[HEADER + 5] ^ 1]) + whole[HEADER + 6 :],
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
        lambda whole: whole[:35] + bytes([whole[35] ^ 1]) + whole[36:],
    ],
    ids=["swapped", "a byte more", "a chunk more", "last twice", "first twice", "first gone", "a bit", "tag", "nonce"],
)
def test_a_file_that_was_changed_does_not_open(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = seal(tmp_path, letters(2 * CHUNK + 100))
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(BackupError, match="damaged"):
        unseal(path)


@pytest.mark.parametrize("at", range(HEADER))
@pytest.mark.usefixtures("quick")
def test_no_bit_of_the_header_may_change(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = seal(tmp_path, b"plain")
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert not encryption.is_encrypted(path) or refuses(path)


def refuses(path: Path) -> bool:
    try:
        unseal(path)
    except BackupError:
        return True
    return False
