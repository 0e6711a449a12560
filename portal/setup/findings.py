"""What setup can say is wrong besides what the panel checks say, and how it stops."""

from __future__ import annotations

from typing import Final

from portal.doctor.lines import Finding, Line

FINDINGS: Final = {
    "setting_wrong": Finding(
        "fail", "The setting {name} {reason}.",
        "Look into docs/settings.md for what it may be.",
    ),
    "key_mistyped": Finding(
        "fail", "{count} arrived, which is no {which} key.",
        "Paste the whole key: it begins with {begin} and has 48 letters and digits.",
    ),
    "portal_missing": Finding(
        "fail", "Nothing says at which address customers open this portal.",
        "Give it in ROOST_PORTAL_URL, like https://my.example.com: every link that Roost makes begins with it.",
    ),
    "portal_renamed": Finding(
        "warn", "The portal was opened at {old} until now, and nginx knows no other name yet.",
        "Run `bin/install` again so that nginx learns {new}, then get a certificate for that name.",
    ),
    "service_unused": Finding(
        "warn", "The service key that is given is not used: customers act with client keys of their own.",
        "Set ROOST_USE_SERVICE_KEY=true if customers shall act with it, else take ROOST_SERVICE_KEY away.",
    ),
    "admin_missing": Finding(
        "fail", "Nobody is named as the first administrator of this portal.",
        "Give an e-mail address; with --non-interactive in ROOST_SETUP_ADMIN.",
    ),
    "admin_address": Finding(
        "fail", "What is given for the first administrator is not an e-mail address.",
        "Write it like you@example.com.",
    ),
    "admin_number": Finding(
        "fail", "The panel has no user {number}.",
        "Take the number from the address of the user's page in the panel (Admin > Users).",
    ),
    "admin_linked": Finding(
        "warn", "Panel user {number} belongs to another account of this portal already, so this one was not linked.",
        "Look at `roost user list`; an administrator needs no panel user.",
    ),
    "admin_unlinked": Finding(
        "warn", "The account is not linked to the panel; panel user {number} ({username}) has the same e-mail address.",
        "If that is the same person, link it on the page Accounts, or name ROOST_SETUP_ADMIN_PANEL_USER={number}.",
    ),
    "admin_link_kept": Finding(
        "warn", "The account {email} was there already, so its link to the panel was left as it is.",
        "Link it to panel user {number} on the page Accounts of the portal if that is right.",
    ),
    "admin_customer": Finding(
        "warn", "The account {email} is no administrator and was left so.",
        "Give another address, or make it one with `roost user admin {email}`.",
    ),
    "admin_disabled": Finding(
        "warn", "The account {email} is disabled, so nobody can sign in with it.",
        "Open it with `roost user disable --undo {email}`, or give another address.",
    ),
    "not_written": Finding(
        "fail", "The settings cannot be written: {reason}.",
        "Run this as root, or as the user to whom the folder {path} belongs.",
    ),
    "store_not_made": Finding(
        "fail", "The settings are written but the store cannot be made ready: {reason}.",
        "Cure that, then run `roost setup` again: it keeps what is set.",
    ),
    "environment_wins": Finding(
        "warn", "These settings also stand in the environment, which wins over config.toml: {names}.",
        "Take them out of the environment of web and worker, or change them there.",
    ),
}  # fmt: skip


class SetupProblem(Exception):
    """Setup cannot go on; `line` says why and what to do."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.said)
        self.line = line


def stop(finding: str, /, **values: object) -> SetupProblem:
    """A reason to stop, or to ask again."""
    return SetupProblem(FINDINGS[finding].line("setup", **values))
