"""Another name and description, which every page shows at once."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.startup.support import PAPER, Lost, seen, share

NAME = "Second <Season>"


def rename(world: World, who: str = "owner", *, is_page: bool = False, **fields: str) -> TestResponse:
    """As the form sends it."""
    path = f"/servers/{named(world)}/settings/rename"
    values = {"name": NAME, "description": "kept", **fields}
    return world.browser(who).post(path, data=values, headers={} if is_page else HTMX)


def named(world: World) -> str:
    return next(one.identifier for one in world.demo.world.servers if one.uuid.startswith("425f57c9"))


@pytest.fixture(autouse=True)
def _known(world: World) -> None:
    assert world.server(PAPER) == named(world)
    seen(world, PAPER)


def test_the_new_name_is_everywhere_at_once(world: World) -> None:
    share(world, PAPER, "settings.rename")
    answer = rename(world, description="one\r\ntwo")

    assert world.calls() == [f"POST /api/client/servers/{named(world)}/settings/rename"]
    assert answer.headers["HX-Redirect"] == f"/servers/{named(world)}/settings"
    row = row_of(world, NAME)
    assert row.description == "one\ntwo"
    for who in ("owner", "subuser"):
        page = world.browser(who).get(f"/servers/{named(world)}/settings/live?seen=installing", headers=HTMX).text
        assert 'value="Second &lt;Season&gt;"' in page
        assert world.calls() == [], "what is stored has followed"
        page = world.browser(who).get(f"/servers/{named(world)}/settings").text
        assert "<h1><bdi>Second &lt;Season&gt;</bdi></h1>" in page
        assert "\none\ntwo</textarea>" in page
        assert "Second &lt;Season&gt;" in world.browser(who).get("/servers").text
        world.calls()
    assert audit_of(world, "settings.rename") == [("done", NAME)]


def test_without_script_the_page_tells_it(world: World) -> None:
    browser = world.browser("owner")
    answer = browser.post(f"/servers/{named(world)}/settings/rename", data={"name": NAME, "description": ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{named(world)}/settings")

    assert "Saved." in said(browser.get(answer.headers["Location"]).text)
    assert row_of(world, NAME).description == ""


@pytest.mark.parametrize(
    ("fields", "text"),
    [({"name": ""}, "Enter a name."), ({"name": "   "}, "Enter a name."),
     ({"name": "n" * 192}, "at most 191 characters; this one has 192"),
     ({"description": "ü" * 5001}, "at most 5000 characters; this one has 5001")],
)  # fmt: skip
def test_what_the_panel_cannot_keep_is_not_sent(fields: dict[str, str], text: str, world: World) -> None:
    for is_page in (False, True):
        answer = rename(world, is_page=is_page, **fields)
        assert answer.status_code == 422
        assert text in said(answer.text)
        assert "kept" in answer.text or "üüü" in answer.text, "what was typed stays"
    assert world.calls() == []
    assert audit_of(world, "settings.rename") == []


def test_blanks_around_do_not_count(world: World) -> None:
    assert rename(world, name=f"  {'n' * 191} ").status_code == 200

    assert row_of(world, "n" * 191).description == "kept"


def test_the_panels_own_refusal_stands_beside_the_field(world: World) -> None:
    """A later panel may have another limit."""
    world.adapter.app = _refusing(world)
    answer = rename(world)

    assert answer.status_code == 422
    assert 'class="wrong">The name format is invalid.' in answer.text
    assert "Second &lt;Season&gt;" in answer.text


def test_without_its_permission_nothing_is_asked(world: World) -> None:
    share(world, PAPER, "settings.reinstall", "file.sftp")
    answer = rename(world, "subuser")

    assert answer.status_code == 403
    assert "settings.rename" in said(answer.text)
    assert world.calls() == []


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_others_find_nothing(who: str, world: World) -> None:
    assert rename(world, who).status_code == 404
    assert world.calls() == []


def test_a_lost_answer_is_called_unknown_and_keeps_what_was_typed(world: World) -> None:
    Lost(world)
    for is_page, status in ((False, 422), (True, 503)):
        answer = rename(world, is_page=is_page)
        assert answer.status_code == status
        assert "Whether it was done is not known" in said(answer.text)
        assert "Second &lt;Season&gt;" in answer.text
    assert audit_of(world, "settings.rename") == [("unknown", NAME)] * 2


@pytest.mark.parametrize("condition", ["panel-maintenance", "rate-limited"])
def test_trouble_keeps_what_was_typed(condition: str, world: World) -> None:
    world.demo.set_condition(condition)
    for _ in range(7 if condition == "rate-limited" else 1):
        answer = rename(world, is_page=True, description="what I typed")
    assert answer.status_code in (429, 503)

    assert "what I typed" in answer.text


def test_a_suspended_server_says_so(world: World) -> None:
    row_of(world, PAPER).status = "suspended"
    answer = rename(world)

    assert answer.status_code == 422
    assert "suspended" in said(answer.text)
    assert "Second &lt;Season&gt;" in answer.text


def test_what_was_typed_is_there_again_after_signing_in(own_world: World) -> None:
    browser = own_world.browser()
    page = f"/servers/{named(own_world)}/settings"
    browser.post(f"{page}/rename", data={"name": "typed", "description": "too"}, headers={"Referer": page})

    with browser.session_transaction() as session:
        assert session["typed"]["fields"] == {"name": "typed", "description": "too"}


def shown(world: World) -> dict[str, str]:
    """What the form was shown with."""
    row = row_of(world, PAPER)
    return {"was_name": row.name, "was_description": row.description}


def test_the_form_says_what_it_was_shown_with(world: World) -> None:
    row_of(world, PAPER).description = 'two\r\n"lines"'
    seen(world, PAPER)
    page = world.browser("owner").get(f"/servers/{named(world)}/settings").text

    assert f'name="was_name" value="{PAPER}"' in page
    assert 'name="was_description" value="two\r\n&#34;lines&#34;"' in page


def test_what_was_not_changed_is_not_sent(world: World) -> None:
    """Somebody else may have changed it on the panel meanwhile."""
    row, before = row_of(world, PAPER), shown(world)
    row.description = "theirs"
    assert rename(world, description=before["was_description"], **before).status_code == 200
    assert (row.name, row.description) == (NAME, "theirs")

    row.name = "Renamed on the panel"
    answer = rename(world, description="mine", was_name=NAME, was_description=before["was_description"])
    assert answer.status_code == 200
    assert (row.name, row.description) == ("Renamed on the panel", "mine")


def test_nothing_changed_asks_nothing(world: World) -> None:
    before = shown(world)
    answer = rename(world, name=PAPER, description=before["was_description"], **before)

    assert answer.status_code == 200
    assert world.calls() == []


@pytest.mark.parametrize("is_page", [True, False])
def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(is_page: bool, world: World) -> None:
    share(world, PAPER, "settings.rename")
    before, row = shown(world), row_of(world, PAPER)
    rename(world, "subuser", name="Theirs <b>", description="their words", **before)
    world.calls()
    mine = {"name": "Mine", "description": "my words"}
    answer = rename(world, is_page=is_page, **mine, **before)

    assert answer.status_code == 422
    assert "Somebody has changed this meanwhile, to: “Theirs &lt;b&gt;”. Save again to replace it." in answer.text
    assert 'value="Mine"' in answer.text
    assert 'name="was_name" value="Theirs &lt;b&gt;"' in answer.text
    assert world.calls() == []

    answer = rename(world, is_page=is_page, **mine, **before | {"was_name": "Theirs <b>"})
    assert answer.status_code == 422
    assert "to: “their words”." in said(answer.text), "each is said before it goes"
    assert (row.name, row.description) == ("Theirs <b>", "their words")
    rename(world, is_page=is_page, **mine, was_name="Theirs <b>", was_description="their words")
    assert (row.name, row.description) == ("Mine", "my words")


def _refusing(world: World) -> object:
    body = b'{"errors":[{"code":"ValidationException","status":"422","detail":"The name format is invalid.",' \
           b'"meta":{"source_field":"name","rule":"regex"}}]}'  # fmt: skip

    def app(environ: dict[str, object], start_response: object) -> object:
        if environ["REQUEST_METHOD"] == "GET":
            return world.demo.wsgi(environ, start_response)
        start_response("422 Unprocessable Content", [("Content-Type", "application/json")])  # type: ignore[operator]
        return [body]

    return app
