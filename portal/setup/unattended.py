"""`flask setup --non-interactive`: everything from the environment, checked as if somebody had typed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.doctor import key_checks
from portal.doctor.panel_lines import check_address_of_panel, check_address_of_portal
from portal.setup import answers
from portal.setup.answers import FIELDS, Answers
from portal.setup.config_file import Values, stored
from portal.setup.findings import FINDINGS, stop


def read(environ: Mapping[str, str], adapter: Any) -> Answers:
    """The answers. Raises SetupProblem; nothing has been written then.

    Nobody is there to say that a panel user of the same address is the same person, so only a number makes a link.
    """
    settings = answers.loaded(environ)
    if not environ.get("ROOST_PORTAL_URL") and not stored(settings.instance / "config.toml").get("portal_url"):
        raise stop("portal_missing")  # its default leads to this machine only
    admin = answers.checked_email(environ.get("ROOST_SETUP_ADMIN", ""))
    probe, _ = answers.checked_address(settings.panel_url, adapter)
    lines = [*check_address_of_panel(settings.panel_url)]
    lines += answers.checked_key(key_checks.check_application_key(probe, settings.application_key))
    if settings.use_service_key and settings.service_key:
        lines += answers.checked_key(key_checks.check_service_key(probe, settings.service_key))
    elif environ.get("ROOST_SERVICE_KEY") or environ.get("ROOST_SERVICE_KEY_FILE"):
        lines.append(FINDINGS["service_unused"].line("service key"))
    lines.append(check_address_of_portal(settings))
    warnings = tuple(one for one in lines if one.status != "ok")
    number = environ.get("ROOST_SETUP_ADMIN_PANEL_USER", "").strip()
    key = settings.application_key
    user = answers.user_of_number(probe, key, number) if number else None
    same = None if number else answers.user_of_email(probe, key, admin)
    return Answers(_given(environ, settings), admin, user, same_address=same, may_promote=True, warnings=warnings)


def _given(environ: Mapping[str, str], settings: object) -> Values:
    """The settings that the environment names, so that web and worker need not be given them again."""
    found: dict[str, str | bool | int | None] = {}
    for name, one in FIELDS.items():
        variable = f"ROOST_{name.upper()}"
        is_in_file = one.metadata["secret"] and environ.get(f"{variable}_FILE")
        if not is_in_file and not environ.get(variable):
            continue
        value = getattr(settings, name)
        found[name] = "none" if value is None else value
    return found
