"""A token ends after ten minutes; the console does not. Time jumps here for the portal and the node alike."""

from __future__ import annotations

from portal.wings import NoTicket, Ticket
from tests.support.waiting import until
from tests.wings.conftest import Browser, Node, session_of


def renewed(browser: Browser) -> None:
    """The socket that is open now has had a second token, and the node took it."""

    def is_renewed() -> bool:
        session = session_of(browser)
        return session._renewal._token_at > session._started_at and not session._renewal._is_running

    until(is_renewed, lambda: browser.phases)
    until(lambda: browser.phases[-1] == ("live", None), lambda: browser.phases)


def test_the_nodes_notice_renews_the_token_on_the_same_socket(node: Node) -> None:
    browser = node.look()
    until(lambda: node.sockets() == 1)
    connection = node.node.sockets.list()[0]
    node.rig.clock.offset += 31
    node.demo.clock.advance(545)
    renewed(browser)
    assert node.node.sockets.list() == (connection,)
    assert len(node.rig.made) == 2
    node.demo.clock.advance(100)
    node.say("beyond the first token's end")
    browser.sees("beyond the first token's end")
    assert None not in browser.lines


def test_the_timer_renews_without_a_notice(node: Node) -> None:
    browser = node.look()
    node.rig.clock.offset += 400  # the rest of the eight minutes is for the machine
    node.say("still the first")
    browser.sees("still the first")
    assert len(node.rig.made) == 1
    node.rig.clock.offset += 81
    renewed(browser)
    assert len(node.rig.made) == 2


def test_after_the_end_lines_that_were_lost_come_from_history(node: Node) -> None:
    """An hour passes at once: the node knows the token no more, and tells an error for each line."""
    browser = node.look()
    node.say("before")
    browser.sees("before")
    node.rig.clock.offset += 31
    node.demo.clock.advance(3600)
    node.say("lost 1", "lost 2", "lost 3")
    browser.sees("lost 3")
    node.say("after")
    browser.sees("after")
    assert browser.lines[-5:] == ["before", "lost 1", "lost 2", "lost 3", "after"]
    assert "lost" not in {phase for phase, _ in browser.phases}


def test_a_state_that_was_lost_with_the_token_is_asked_for(node: Node) -> None:
    browser = node.look()
    node.rig.clock.offset += 31
    node.demo.clock.advance(3600)
    node.process.power("kill")
    until(lambda: browser.states[-1] == "offline", lambda: (browser.states, browser.phases))


def test_a_denied_token_is_renewed(node: Node) -> None:
    browser = node.look()
    node.node.booted_at = node.demo.clock.now() + 5
    node.rig.clock.offset += 31
    node.demo.clock.advance(10)
    node.say("lost")
    renewed(browser)
    browser.sees("lost")


def test_a_token_refused_before_the_next_may_be_asked_for_ends_the_socket(node: Node) -> None:
    """A socket asks once in thirty seconds; until then it would be deaf. The next one brings a token of its own."""
    browser = node.look()
    node.say("before")
    browser.sees("before")
    first = node.node.sockets.list()
    node.demo.clock.advance(3600)
    node.say("lost 1", "lost 2")
    browser.sees("lost 2")
    assert ("lost", "token") in browser.phases
    assert ("renewing", None) not in browser.phases
    assert browser.lines[-3:] == ["before", "lost 1", "lost 2"]
    assert len(node.rig.made) == 2
    until(lambda: not set(first) & set(node.node.sockets.list()))


def test_a_new_token_that_is_refused_too_ends_the_socket(node: Node) -> None:
    browser = node.look()
    node.node.booted_at = node.demo.clock.now() + 10_000
    node.rig.clock.offset += 31
    node.say("lost")
    browser.has("lost", "token")
    assert browser.phases.index(("renewing", None)) < browser.phases.index(("lost", "token"))
    node.node.booted_at = 0
    browser.sees("lost")


def test_no_more_access_at_renewal_is_the_end(node: Node) -> None:
    browser = node.look()
    node.server.status = "suspended"
    node.rig.clock.offset += 481
    browser.has("over", "state")
    until(lambda: node.sockets() == 0)
    until(lambda: node.rig.hub.counts().threads == 0)


def test_a_panel_that_is_down_at_renewal_is_asked_again(node: Node) -> None:
    browser = node.look()
    node.demo.set_condition("panel-maintenance")
    node.rig.clock.offset += 481
    until(lambda: ("renewing", None) in browser.phases)
    node.say("goes on")
    browser.sees("goes on")
    node.demo.set_condition(None)
    node.rig.clock.offset += 31
    renewed(browser)
    assert len(node.rig.made) == 2


def test_the_socket_is_read_while_the_panel_takes_its_time(node: Node) -> None:
    asked: list[int] = []

    def slow() -> Ticket:
        asked.append(1)
        if len(asked) == 2:
            browser.sees("meanwhile")
        return node.tickets()

    browser = node.rig.look(slow)
    browser.has("live")
    until(lambda: browser.viewer.channel.board.is_settled)
    node.rig.clock.offset += 481
    until(lambda: len(asked) == 2)
    node.say("meanwhile")
    renewed(browser)


def test_another_address_at_renewal_means_another_node(node: Node) -> None:
    moved: list[int] = []

    def tickets() -> Ticket:
        ticket = node.tickets()
        return Ticket(ticket.url.replace("127.0.0.1", "localhost"), ticket.token) if moved else ticket

    browser = node.rig.look(tickets)
    browser.has("live")
    moved.append(1)
    node.rig.clock.offset += 481
    browser.has("lost", "deleted")
    until(lambda: browser.phases[-1][0] == "live")


def test_a_failure_of_the_panel_that_nobody_thought_of_ends_nothing(node: Node) -> None:
    asked: list[int] = []

    def broken() -> Ticket:
        asked.append(1)
        if len(asked) == 2:
            raise NoTicket("panel", retry_after_s=40)
        if len(asked) == 3:
            raise KeyError("of the portal")
        return node.tickets()

    browser = node.rig.look(broken)
    browser.has("live")
    node.rig.clock.offset += 481
    until(lambda: len(asked) == 2)
    until(lambda: not session_of(browser)._renewal._is_running)  # the pause is reckoned from then
    for count in (3, 4):
        node.rig.clock.offset += 41
        until(lambda count=count: len(asked) == count)
    renewed(browser)
