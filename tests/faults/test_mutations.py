"""The mutations of `python -m tests.faults.mutations` still fit the source, so that none is left out unseen."""

from __future__ import annotations

import pytest

from tests.faults.mutations import MUTATIONS, Mutation, check

NAMED = {
    "UNIQUE", "IMMEDIATE", "lease", "read-back", "uuid", "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8",
    "external hold", "anchor", "fsync", "high-water",
}  # fmt: skip


def test_every_safety_has_a_mutation() -> None:
    assert {one.name for one in MUTATIONS} >= NAMED


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_fits_the_source(mutation: Mutation) -> None:
    assert check(mutation) == ""
    assert mutation.new != mutation.old
