"""The form: groups with the panel's descriptions, presets that show what they give, and what cannot be given."""

from __future__ import annotations

import json
import re
from html import unescape

from portal.demo.permissions import PERMISSIONS
from portal.subusers.permissions import BUILT_IN
from tests.conftest import World
from tests.servers.support import Bent, said, share_of
from tests.subusers.support import HELPER, fixed, invitations, invite, let, look, path, person, ticked

ALL = {f"{group}.{key}" for group, about in PERMISSIONS.items() for key in about["keys"]}


def form(world: World, who: str = "owner") -> str:
    answer = world.browser(who).get(path(world, "/new"))
    assert answer.status_code == 200
    return answer.text


def test_the_built_in_names_are_the_panels_in_its_order() -> None:
    assert BUILT_IN.names == tuple(f"{group}.{key}" for group, about in PERMISSIONS.items() for key in about["keys"])


def test_it_has_every_group_with_the_panels_own_words(world: World) -> None:
    html = form(world)
    text = said(html)
    for group, about in PERMISSIONS.items():
        assert " ".join(about["description"].split()) in text, group
        for key, sentence in about["keys"].items():
            assert f"{group}.{key} {' '.join(sentence.split())}" in text
    assert fixed(html) == {"websocket.connect": True}
    assert ticked(html) == set()


def test_the_catalogue_is_asked_for_once_in_hours(world: World) -> None:
    look(world)
    form(world)
    assert world.calls() == ["GET /api/client/permissions"]
    form(world)
    assert world.calls() == []
    world.clock.advance(7 * 3600)
    form(world)
    assert "GET /api/client/permissions" in world.calls()


def test_without_the_catalogue_there_are_the_names_and_it_says_so(world: World) -> None:
    look(world)
    world.demo.set_condition("panel-gateway")
    text = said(form(world))
    assert "descriptions are not at hand just now" in text
    assert "control.console" in text
    world.demo.set_condition(None)
    world.clock.advance(61)
    world.work()
    assert "not at hand" not in said(form(world))


def test_hostile_descriptions_stay_text(world: World) -> None:
    def bend(path: str, body: object) -> object:
        if not path.endswith("/permissions"):
            return body
        keys = {'x"><b>': "<script>alert(2)</script>"}
        return {"object": "system_permissions",
                "attributes": {"permissions": {"<i>": {"description": "</p><script>", "keys": keys}}}}  # fmt: skip

    Bent(world, bend)
    html = form(world)
    assert "<script>alert" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;alert(2)" in html


def test_each_preset_says_what_it_gives(world: World) -> None:
    gives = {
        name: set(json.loads(unescape(found)))
        for name, found in re.findall(r'name="preset" value="(\w+)" data-gives=\'([^\']*)\'', form(world))
    }
    assert set(gives) == {"viewer", "operator", "files", "everything"}
    assert gives["everything"] == ALL
    assert all(one.endswith((".read", ".connect")) for one in gives["viewer"])
    assert {"control.start", "control.stop", "control.restart", "control.console"} <= gives["operator"]
    assert {one for one in ALL if one.startswith("file.")} <= gives["files"]
    assert not [one for one in (*gives["viewer"], *gives["operator"], *gives["files"]) if one.startswith("user.")]


def test_without_script_a_preset_is_shown_before_anything_is_done(world: World) -> None:
    form(world)
    world.calls()
    answer = invite(world, permissions=[], preset="viewer")
    assert answer.status_code == 200
    assert "Nothing was done yet." in said(answer.text)
    assert HELPER in answer.text
    assert {"file.read", "backup.read"} <= ticked(answer.text)
    assert world.calls() == []
    assert invitations(world) == []
    assert 'name="expanded" type="hidden" value="viewer"' in answer.text

    done = invite(world, permissions=["file.read"], preset="viewer", expanded="viewer")
    assert done.status_code == 303
    assert [one.user.email for one in share_of(world, "Survival SMP").server.subusers][-1] == HELPER


def test_with_script_the_boxes_were_seen_already(world: World) -> None:
    answer = invite(world, permissions=["file.read"], preset="files", expanded="files", is_fragment=True)
    assert answer.headers["HX-Redirect"] == path(world)


def test_a_subuser_cannot_tick_what_they_do_not_hold(world: World) -> None:
    let(world, "user.read", "user.create", "file.read")
    html = form(world, "subuser")
    free = ALL - set(fixed(html))
    assert free == {"user.read", "user.create", "file.read"}
    assert fixed(html)["websocket.connect"] is True
    assert not any(is_ticked for name, is_ticked in fixed(html).items() if name != "websocket.connect")
    assert "You do not hold this yourself, so you cannot give it." in said(html)
    assert "Without 5 that you do not hold." in said(html)


def test_a_preset_gives_a_subuser_only_what_they_hold(world: World) -> None:
    let(world, "user.read", "user.create", "file.read", "backup.read")
    html = invite(world, permissions=[], preset="everything", who="subuser").text
    assert ticked(html) == {"user.read", "user.create", "file.read", "backup.read"}


def test_the_form_needs_its_permission_and_asks_nothing_without(world: World) -> None:
    let(world, "user.read", "user.update", "user.delete")
    browser = world.browser("subuser")
    assert browser.get(path(world, "/new")).status_code == 403
    assert browser.post(path(world, "/new"), data={"email": HELPER}).status_code == 403
    let(world, "user.read", "user.create", "user.delete")
    uuid = person(world, "mika").uuid
    assert browser.get(path(world, f"/{uuid}/edit")).status_code == 403
    assert browser.post(path(world, f"/{uuid}/edit")).status_code == 403
    let(world, "user.read", "user.create", "user.update")
    assert browser.get(path(world, f"/{uuid}/remove")).status_code == 403
    assert browser.post(path(world, f"/{uuid}/remove")).status_code == 403
    let(world, "user.read", "user.update", "user.delete")
    assert browser.get(path(world, f"/{uuid}/resend")).status_code == 403
    assert browser.post(path(world, f"/{uuid}/resend")).status_code == 403
    assert world.calls() == []


def test_a_refused_form_is_a_part_for_htmx_and_a_page_without(world: World) -> None:
    look(world)
    part = invite(world, email="nonsense", is_fragment=True)
    whole = invite(world, email="nonsense")
    assert (part.status_code, whole.status_code) == (422, 422)
    assert part.text.lstrip().startswith("<form")
    assert "<h1>" in whole.text
    for answer in (part, whole):
        assert "That is not an e-mail address." in said(answer.text)
        assert ticked(answer.text) == {"control.console", "file.read"}
    assert world.calls() == []


def test_what_was_typed_is_there_after_signing_in_again(world: World) -> None:
    browser = world.browser()
    data = {"email": HELPER, "preset": "viewer"}
    browser.post(path(world, "/new"), data=data, headers={"Referer": f"http://localhost{path(world, '/new')}"})
    with browser.session_transaction() as session:
        kept = session["typed"]
    signed_in = world.browser("owner")
    with signed_in.session_transaction() as session:
        session["typed"] = kept
    html = signed_in.get(path(world, "/new")).text
    assert HELPER in html
    assert "file.read" in ticked(html)
