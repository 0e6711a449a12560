"""Arrows go one way: routes -> service -> (pterodactyl | store)."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.site.conftest import imports, modules

FEATURES = (
    "account", "activity", "admin", "alerts", "audit", "auth", "background", "backup", "billing", "console",
    "credentials", "credit", "data", "databases", "doctor", "egg_features", "files", "health", "mail", "network",
    "operator", "schedules", "server_backups", "server_settings", "servers", "setup", "startup", "subusers",
    "suspension", "sweep",
)  # fmt: skip
WIRE = {f"portal/pterodactyl/{name}.py" for name in ("session", "streaming", "transport")}
WEB_MAY_KNOW = {
    "portal/web/access.py": {"portal.auth.sessions", "portal.servers.reading"},
    # The one door to accounts and servers: every policy is made here.
    "portal/web/errors.py": {"portal.servers.words.refusal_words"},
    # A server in a state that forbids something is told with the words of its own page.
}


def of(folder: str) -> dict[str, ast.Module]:
    return {path: tree for path, tree in modules().items() if path.startswith(f"portal/{folder}")}


def test_nothing_outside_the_demo_imports_it() -> None:
    others = {path: tree for path, tree in modules().items() if not path.startswith("portal/demo/")}
    assert len(others) > 50
    for path, tree in others.items():
        assert not [one for one in imports(tree) if one.startswith("portal.demo")], path


def test_nothing_outside_the_demo_reaches_it_by_its_name() -> None:
    for path, tree in modules().items():
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        if not path.startswith("portal/demo/"):
            assert not [text for text in texts if text.startswith("portal.demo")], path


def test_the_demo_imports_nothing_else_of_the_portal() -> None:
    for path, tree in of("demo/").items():
        wrong = [one for one in imports(tree) if one.startswith("portal.") and not one.startswith("portal.demo")]
        assert wrong == [], path


@pytest.mark.parametrize("name", ["requests", "urllib3", "http.client", "httpx", "aiohttp", "urllib.request"])
def test_the_panel_has_one_door(name: str) -> None:
    allowed = {
        "requests": WIRE,
        "urllib3": set(of("pterodactyl/")),
        "http.client": {"portal/pterodactyl/wire.py"},
    }.get(name, set())
    for path, tree in modules().items():
        if path.startswith("portal/demo/"):
            continue
        if any(one == name or one.startswith(f"{name}.") for one in imports(tree)):
            assert path in allowed, f"{path} imports {name}"


def test_the_library_knows_no_flask_no_store_and_nothing_else_of_the_portal() -> None:
    for path, tree in of("pterodactyl/").items():
        for one in imports(tree):
            top = one.partition(".")[0]
            assert one.startswith("portal.pterodactyl") or top in sys.stdlib_module_names | {
                "requests",
                "urllib3",
                "_typeshed",
            }, f"{path} imports {one}"


def test_the_relay_knows_one_package_and_nothing_of_the_portal_but_clock_and_fault_points() -> None:
    for path, tree in of("wings/").items():
        for one in imports(tree):
            top = one.partition(".")[0]
            is_own = one.startswith("portal.wings.") or one in ("portal.clock", "portal.faultpoint", "portal.wings")
            assert is_own or top in sys.stdlib_module_names | {"websocket"}, f"{path} imports {one}"


def test_a_node_has_one_door_for_sockets() -> None:
    relay = set(of("wings/"))
    assert relay
    for path, tree in modules().items():
        if any(one.partition(".")[0] == "websocket" for one in imports(tree)):
            assert path in relay, path


def features_in(tree: ast.Module) -> set[str]:
    return {one for one in imports(tree) if one.startswith(tuple(f"portal.{name}." for name in FEATURES))}


def test_the_store_knows_no_feature_but_the_list_of_tables_does() -> None:
    for path, tree in of("store/").items():
        assert features_in(tree) == set(), path
        if "/migrations/" not in path:
            assert not [one for one in imports(tree) if one.startswith(("portal.tables", "portal.web"))], path


def test_what_routes_share_knows_no_feature_but_the_door() -> None:
    for path, tree in of("web/").items():
        known = {
            one.rpartition(".")[0] if one[-1].isupper() or one.rpartition(".")[2][0].isupper() else one
            for one in features_in(tree)
        }
        assert known <= WEB_MAY_KNOW.get(path, set()), path


def test_services_know_no_routes_forms_or_templates() -> None:
    for path, tree in modules().items():
        name = path.rpartition("/")[2]
        if path.split("/")[1] not in FEATURES or name in ("routes.py", "forms.py") or "/routes/" in path:
            continue
        if path == "portal/mail/writing.py":  # a message is made of a template where nobody asks for a page
            continue
        wrong = [
            one
            for one in imports(tree)
            if one.endswith((".routes", ".forms"))
            or ".routes." in one
            or ".forms." in one
            or one in ("flask.render_template", "flask.redirect", "flask.url_for")
        ]
        assert wrong == [], path


def test_only_features_that_a_person_uses_have_routes() -> None:
    assert {path for path in modules() if path.endswith("/routes.py")} == {
        "portal/account/routes.py",
        "portal/activity/routes.py",
        "portal/admin/routes.py",
        "portal/auth/routes.py",
        "portal/billing/routes.py",
        "portal/console/routes.py",
        "portal/credit/routes.py",
        "portal/databases/routes.py",
        "portal/doctor/routes.py",
        "portal/egg_features/routes.py",
        "portal/health/routes.py",
        "portal/network/routes.py",
        "portal/operator/routes.py",
        "portal/server_settings/routes.py",
        "portal/servers/routes.py",
        "portal/startup/routes.py",
        "portal/subusers/routes.py",
    }


def test_no_feature_is_asked_for_before_what_it_stands_on() -> None:
    """Folders import each other in one direction only, except as written here."""
    known = {
        ("credentials", "auth"),
        ("account", "audit"),
        ("account", "auth"),
        ("account", "credentials"),
        ("account", "servers"),
        ("admin", "alerts"),
        ("admin", "audit"),
        ("admin", "auth"),
        ("admin", "backup"),
        ("admin", "credentials"),
        ("admin", "servers"),
        ("alerts", "auth"),
        ("alerts", "mail"),
        ("audit", "auth"),
        ("auth", "audit"),
        ("auth", "mail"),
        ("credentials", "alerts"),
        ("servers", "audit"),
        ("servers", "auth"),
        ("servers", "credentials"),
        ("console", "servers"),
        ("console", "credentials"),
        ("console", "audit"),
        ("console", "auth"),
        ("background", "servers"),
        ("background", "credentials"),
        ("background", "auth"),
        ("background", "alerts"),
        ("background", "mail"),
        ("background", "backup"),
        ("backup", "audit"),
        ("backup", "auth"),
        ("backup", "mail"),
        ("backup", "servers"),
        ("doctor", "audit"),
        ("doctor", "auth"),
        ("doctor", "background"),
        ("doctor", "backup"),
        ("doctor", "credentials"),
        ("doctor", "mail"),
        ("doctor", "servers"),
        ("egg_features", "audit"),
        ("egg_features", "auth"),
        ("egg_features", "credentials"),
        ("egg_features", "servers"),
        ("files", "audit"),
        ("files", "auth"),
        ("files", "credentials"),
        ("files", "servers"),
        ("background", "files"),
        ("setup", "audit"),
        ("setup", "auth"),
        ("setup", "backup"),
        ("setup", "doctor"),
        ("suspension", "alerts"),
        ("suspension", "audit"),
        ("suspension", "auth"),
        ("suspension", "credentials"),
        ("suspension", "servers"),
        ("billing", "alerts"),
        ("billing", "audit"),
        ("billing", "auth"),
        ("billing", "mail"),
        ("billing", "servers"),
        ("billing", "suspension"),
        ("sweep", "alerts"),
        ("sweep", "audit"),
        ("sweep", "auth"),
        ("sweep", "backup"),
        ("sweep", "billing"),
        ("sweep", "credentials"),
        ("sweep", "mail"),
        ("sweep", "servers"),
        ("sweep", "suspension"),
        ("credit", "alerts"),
        ("credit", "audit"),
        ("credit", "auth"),
        ("credit", "backup"),
        ("credit", "billing"),
        ("data", "admin"),
        ("data", "audit"),
        ("data", "auth"),
        ("data", "backup"),
        ("data", "billing"),
        ("data", "credentials"),
        ("data", "servers"),
        ("data", "suspension"),
        ("data", "sweep"),
        ("operator", "alerts"),
        ("operator", "audit"),
        ("operator", "auth"),
        ("operator", "backup"),
        ("operator", "billing"),
        ("operator", "credentials"),  # a command asks the panel which servers are on a node
        ("operator", "credit"),
        ("operator", "mail"),
        ("operator", "servers"),
        ("operator", "suspension"),
        ("operator", "sweep"),
        ("background", "billing"),
        ("background", "suspension"),
        ("background", "sweep"),
        ("backup", "billing"),
        ("backup", "suspension"),
        ("doctor", "billing"),
        ("doctor", "suspension"),
        ("doctor", "sweep"),
        ("activity", "audit"),
        ("activity", "auth"),
        ("activity", "credentials"),
        ("activity", "servers"),
        ("databases", "audit"),
        ("databases", "auth"),
        ("databases", "credentials"),
        ("databases", "servers"),
        ("network", "audit"),
        ("network", "auth"),
        ("network", "credentials"),
        ("network", "servers"),
        ("schedules", "audit"),
        ("schedules", "auth"),
        ("schedules", "credentials"),
        ("schedules", "servers"),
        ("server_backups", "audit"),
        ("server_backups", "auth"),
        ("server_backups", "credentials"),
        ("server_backups", "files"),  # a folder as it is, and how bytes are passed on
        ("server_backups", "servers"),
        ("server_settings", "audit"),
        ("server_settings", "auth"),
        ("server_settings", "credentials"),
        ("server_settings", "servers"),
        ("startup", "audit"),
        ("startup", "auth"),
        ("startup", "credentials"),
        ("startup", "servers"),
        ("subusers", "audit"),
        ("subusers", "auth"),
        ("subusers", "credentials"),
        ("subusers", "servers"),
        ("background", "server_backups"),
        ("server_settings", "server_backups"),
        ("startup", "egg_features"),
        ("background", "subusers"),
        ("subusers", "alerts"),
        ("subusers", "mail"),
    }
    found = set()
    for path, tree in modules().items():
        here = path.split("/")[1]
        if here in FEATURES:
            found |= {(here, one.split(".")[1]) for one in features_in(tree) if one.split(".")[1] != here}
    assert found <= known
