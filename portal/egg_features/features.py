"""The egg features that Roost knows: by which words in the console each shows, and what its act needs.

Source: the panel's browser client (`resources/scripts/components/server/features`, panel 1.11). An egg names its
features in `egg_features` of the server object.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.servers.facts import Facts


@dataclass(frozen=True)
class Feature:
    """One feature. `needles` are looked for in lower-case lines; `needs` is empty where nothing can be done here.

    The first permission of `needs` is the one that the panel asks for; the others are what choosing needs.
    """

    name: str
    needles: tuple[str, ...]
    needs: tuple[str, ...] = ()


FEATURES = {
    one.name: one
    for one in (
        Feature("eula", ("you need to agree to the eula in order to run the server",), ("file.create",)),
        Feature(
            "java_version",
            (
                "minecraft 1.17 requires running the server with java 16 or above",
                "minecraft 1.18 requires running the server with java 17 or above",
                "java.lang.unsupportedclassversionerror",
                "unsupported major.minor version",
                "has been compiled by a more recent version of the java runtime",
            ),
            ("startup.docker-image", "startup.read"),
        ),
        Feature("gsl_token", ("(gsl token expired)", "(account not found)"), ("startup.update",)),
        Feature(
            "pid_limit",
            (
                "pthread_create failed",
                "failed to create thread",
                "unable to create thread",
                "unable to create native thread",
                "unable to create new native thread",
                'exception in thread "craft async scheduler management thread"',
            ),
        ),
        Feature("steam_disk_space", ("steamcmd needs 250mb of free disk space to update", "0x202 after update job")),
    )
}
ACTS = {name: one.needs[0] for name, one in FEATURES.items() if one.needs}
"""The features with an act, and the permission without which the panel refuses it."""


def features_of(facts: Facts) -> tuple[Feature, ...]:
    """The features of a server's egg, as far as Roost knows them."""
    return tuple(one for name, one in FEATURES.items() if name in facts.egg_features)
