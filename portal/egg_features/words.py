"""Egg features in words."""

from __future__ import annotations

from portal.web.i18n import _


def title(feature: str) -> str:
    """What is in the way, as a heading."""
    match feature:
        case "eula":
            return _("Accept the Minecraft EULA")
        case "java_version":
            return _("Another version of Java is needed")
        case "gsl_token":
            return _("Steam does not accept the server token")
        case "pid_limit":
            return _("The server may not start any more threads")
        case _:
            return _("Steam has too little disk space")


def notice(feature: str) -> str:
    """What was seen in the console, in one sentence."""
    match feature:
        case "eula":
            return _("The server stops until somebody accepts the licence agreement of Minecraft.")
        case "java_version":
            return _("The server was started with a version of Java that does not fit it.")
        case "gsl_token":
            return _("Without a valid game server token the server is not listed.")
        case "pid_limit":
            return _("It reached the limit of processes or memory of its container.")
        case _:
            return _("Steam could not install or update the game.")


def fixed_image() -> str:
    """What is said where an administrator chose an image beside those of the egg."""
    return _("Your host has chosen the image of this server, so it is fixed. Ask them to change it.")
