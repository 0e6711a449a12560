"""What a dialog shows, the acts behind it, and starting the server again after one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, assert_never, cast, get_args

from portal import clock
from portal.auth.sessions import Viewer
from portal.egg_features.features import FEATURES
from portal.pterodactyl import errors
from portal.pterodactyl.models import PowerSignal
from portal.servers import records
from portal.servers.door import acting, looking
from portal.servers.reading import Opened
from portal.servers.service import send_power
from portal.servers.state import Live

Act = Literal["eula", "java_version", "gsl_token"]
Again = Literal["restart", "start", "running", "permission", "failed"]
"""How a server comes to its next start: by the signal that was asked, or why none was.

running: the change waits for the next start. permission: this person may not. failed: the panel took no signal.
"""
AGAINS: tuple[str, ...] = get_args(Again)


@dataclass(frozen=True)
class Dialog:
    """What is offered for a feature. `missing`: permissions without which there is no act; empty where there is none.

    `images` lead from label to image (java_version); `is_fixed`: an administrator chose an image beside them.
    """

    feature: str
    missing: tuple[str, ...]
    again: Again
    images: Mapping[str, str] = field(default_factory=dict)
    is_fixed: bool = False


def dialog(viewer: Viewer, opened: Opened, feature: str) -> Dialog:
    """The dialog of a feature; asks the panel once where there is something to choose. Raises the library's errors."""
    missing = tuple(one for one in FEATURES[feature].needs if not opened.rights.allow(one))
    again = next_start(opened, feature)
    if feature != "java_version" or missing:
        return Dialog(feature, missing, again)
    with looking(viewer) as api:
        startup = api.startup.view(opened.facts.identifier)
    is_fixed = opened.facts.docker_image not in startup.docker_images.values()
    return Dialog(feature, missing, again, startup.docker_images, is_fixed)


def next_start(opened: Opened, feature: str) -> Again:
    """What an act would be followed by.

    Restart starts an offline server too, and catches one that the node is just starting again by itself; only a token
    is worth throwing players out of a running server (as the panel's own page does it).
    """
    usage = records.live([opened.facts.uuid]).get(opened.facts.uuid, Live()).usage
    state = usage.current_state if usage else None
    if state == "running" and feature != "gsl_token":
        return "running"
    if opened.rights.allow("control.restart"):
        return "restart"
    can_start = state in (None, "offline") and opened.rights.allow("control.start")
    return "start" if can_start else "permission"


def act(viewer: Viewer, opened: Opened, feature: Act, value: str) -> Again:
    """Do what helps, then start the server again; says how that went.

    Raises the library's errors when the change itself was refused or its outcome is unknown; then nothing is started.
    A token is neither kept nor written down anywhere.
    """
    server = opened.facts
    detail = value if feature == "java_version" else ""
    with acting(viewer, f"egg_feature.{feature}", server.uuid, detail) as api:
        match feature:
            case "eula":
                api.files.write(server.uuid, "/eula.txt", b"eula=true\n")
            case "java_version":
                api.settings.update_docker_image(server.identifier, docker_image=value)
            case "gsl_token":
                api.startup.update_variable(server.identifier, key="STEAM_ACC", value=value)
            case _:
                assert_never(feature)
    if feature == "java_version":
        records.revise(server.uuid, clock.now(), lambda _scope, facts: replace(facts, docker_image=value))
    return _start_again(viewer, opened, feature)


def _start_again(viewer: Viewer, opened: Opened, feature: str) -> Again:
    again = next_start(opened, feature)
    if again not in ("restart", "start"):
        return again
    try:
        send_power(viewer, opened, cast(PowerSignal, again))
    except errors.PanelError:
        return "failed"
    return again
