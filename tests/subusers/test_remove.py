"""Taking access away: asked, done once, and forgotten here in the same moment."""

from __future__ import annotations

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.subusers.support import PLAYED, invitations, invite, let, link, path, person, remove, rights, subuser_of


def test_it_is_asked_with_what_it_means(world: World) -> None:
    uuid = person(world, "mika").uuid
    answer = world.browser("owner").get(path(world, f"/{uuid}/remove"), headers=HTMX)
    text = said(answer.text)
    assert "Remove mika@example.com ?" in text
    assert "Consoles that they have open end at once." in text
    whole = world.browser("owner").get(path(world, f"/{uuid}/remove"))
    assert "<h1" in whole.text


def test_it_is_done_and_the_list_reads_itself_again(world: World) -> None:
    uuid = person(world, "mika").uuid
    answer = remove(world, uuid, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "subusers-changed")
    assert "mika@example.com was removed." in said(answer.text)
    assert subuser_of(world, "mika@example.com") is None
    assert audit_of(world, "subuser.delete") == [("done", "mika@example.com")]


def test_the_stored_rights_go_at_once(world: World) -> None:
    """Without waiting for the background process: with the service key nobody else would refuse them."""
    share = let(world, "file.read")
    assert world.browser("subuser").get(f"/servers/{world.server(PLAYED)}").status_code == 200
    assert remove(world, share.user.uuid).status_code == 303
    assert rights(world, share.user) is None
    world.calls()
    assert world.browser("subuser").get(f"/servers/{world.server(PLAYED)}/subusers").status_code == 404


def test_an_older_reading_does_not_bring_them_back(service_world: World) -> None:
    from portal.servers import records
    from portal.servers.rights import Rights

    world = service_world
    share = let(world, "file.read")
    before = world.clock.now()
    world.clock.advance(5)
    remove(world, share.user.uuid)
    with world.app.app_context():
        records.save_rights(row_of(world, PLAYED).uuid, share.user.id, Rights(False, ("file.read",), before), before)
    assert rights(world, share.user) is None


def test_somebody_who_was_invited_again_starts_anew(world: World) -> None:
    invite(world)
    link(world)
    share = subuser_of(world, "helper@example.net")
    assert share is not None
    remove(world, share.user.uuid)
    assert (invitations(world), rights(world, share.user)) == ([], None)
    world.clock.advance(1)
    assert invite(world).status_code == 303
    link(world)
    assert rights(world, share.user) is not None


def test_a_subuser_may_remove_with_that_permission_alone(world: World) -> None:
    let(world, "user.delete")
    answer = remove(world, person(world, "mika").uuid, who="subuser", headers=HTMX)
    assert "The subuser was removed." in said(answer.text)
    assert "mika" not in answer.text
    assert subuser_of(world, "mika@example.com") is None


def test_the_panel_down_is_said_and_nothing_is_forgotten(world: World) -> None:
    share = let(world, "file.read")
    world.demo.set_condition("panel-maintenance")
    answer = remove(world, share.user.uuid)
    assert answer.status_code == 503
    assert rights(world, share.user) is not None


def test_busy_is_said(world: World) -> None:
    share = let(world, "file.read")
    world.browser("owner").get(path(world))
    world.demo.set_condition("rate-limited")
    for _ in range(7):
        world.browser("owner").get(path(world))
    answer = remove(world, share.user.uuid)
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
