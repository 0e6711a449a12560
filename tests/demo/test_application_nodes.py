from __future__ import annotations

from portal.demo import Demo
from tests.demo.conftest import Asker, says

NODES = "/api/application/nodes"


def test_nodes_are_listed_without_their_tokens(ask: Asker, demo: Demo) -> None:
    response = ask.get("all", NODES)
    assert response.status_code == 200
    shown = [one["attributes"] for one in response.json["data"]]
    assert [(one["name"], one["upload_size"]) for one in shown] == [
        (node.name, node.upload_size) for node in demo.world.nodes
    ]
    assert all(node.daemon_token not in response.text for node in demo.world.nodes)
    assert response.json["meta"]["pagination"]["total"] == len(demo.world.nodes)


def test_one_node_is_shown_by_its_number(ask: Asker, demo: Demo) -> None:
    node = demo.world.nodes[0]
    assert ask.get("all", f"{NODES}/{node.id}").json["attributes"]["uuid"] == node.uuid
    assert ask.get("all", f"{NODES}/999").status_code == 404


def test_nodes_are_found_by_parts_of_their_names(ask: Asker, demo: Demo) -> None:
    node = demo.world.nodes[0]
    found = ask.get("all", f"{NODES}?filter[uuid]={node.uuid[:8]}").json["data"]
    assert [one["attributes"]["id"] for one in found] == [node.id]
    assert says(ask.get("all", f"{NODES}?filter[disk]=1"))[0] == 400


def test_a_key_needs_the_permission(ask: Asker, demo: Demo) -> None:
    assert ask.get("reading", NODES).status_code == 200
    grants = demo.world.api_keys[-2].grants
    assert grants is not None
    grants["nodes"] = 0
    assert says(ask.get("all", NODES)) == (403, "AccessDeniedHttpException", "This action is unauthorized.")
