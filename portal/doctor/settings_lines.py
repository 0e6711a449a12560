"""Settings with which nothing can start: why, and what helps. Shared by `flask setup` and the doctor."""

from __future__ import annotations

from typing import Final

from portal.doctor.lines import Finding, Line

FINDINGS: Final = {
    "settings_wrong": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Run `roost setup`, or correct config.toml in the instance folder or the environment (docs/settings.md).",
    ),
    "settings_no_toml": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Correct that line of config.toml by hand (`roost setup` cannot): each setting stands there once, and text "
        "needs quotes, like `smtp_host = \"mail.example.com\"`.",
    ),
    "settings_file": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Do what is said there and look again; `roost setup` cannot change it.",
    ),
    "secret_key_wrong": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Put the right secret_key back; if it is lost remove this one: then everybody must sign in again, and links "
        "that were sent (invitations, password resets) are void.",
    ),
    "master_key_wrong": Finding(
        "fail", "The settings are wrong: {reason}.",
        "Put the right master_key back; if it is lost remove this one: then all customers must give their client key "
        "again, since none that is stored can be read.",
    ),
}  # fmt: skip
SIGNS: Final = (
    ("is not valid TOML", "settings_no_toml"),
    ("secret_key does not hold a key", "secret_key_wrong"),
    ("master_key does not hold a key", "master_key_wrong"),
    ("run chmod 600 on it", "settings_file"),
    ("let it belong to the user", "settings_file"),
    ("The instance folder cannot", "settings_file"),
)
"""What the sentence of a BadSetting has in it when `roost setup` is no help."""


def settings_line(reason: str) -> Line:
    """The line for the sentence of a BadSetting."""
    which = next((finding for sign, finding in SIGNS if sign in reason), "settings_wrong")
    return FINDINGS[which].line("settings", reason=reason)
