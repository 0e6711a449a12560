"""A lease belongs to whoever took it last: an earlier one of the same intent writes nothing any more."""

from __future__ import annotations

from portal.store import read, write
from portal.suspension import leases, sending
from portal.suspension.models import Intent
from tests.suspension.scene import Scene


def test_one_who_had_the_lease_before_writes_nothing_of_the_one_who_has_it(scene: Scene) -> None:
    """The first gave it back, was held up, and then something fails there: meanwhile the second sends."""
    scene.hold()
    number = scene.intents()[0].id
    with scene.world.app.app_context():
        first = leases.take(number)
        assert first is not None
        leases.give_back(first, "no answer")
        scene.world.clock.advance(leases.RETRY_S)
        second = leases.take(number)
        assert second is not None
        assert second.lease != first.lease
        sending.fail(first, "something else", state="unknown")
        leases.give_back(first, "no answer")
        with read() as session:
            intent = session.get_one(Intent, number)
            assert (intent.state, intent.lease, intent.attempts) == ("sending", second.lease, 0)
        assert leases.take(number) is None
        with write() as session:
            assert leases.mine_in(session, first) is None
            assert leases.mine_in(session, second) is not None
