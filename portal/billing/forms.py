"""What customers send of prices and money: a renewal, the switch of automatic renewal, a filter of the statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from portal.billing import statement
from portal.billing.balance_page import Filter
from portal.billing.renewing import MOST_OVERDUE
from portal.billing.statement import KINDS, Asked
from portal.web.i18n import _


class RenewForm(FlaskForm):  # type: ignore[misc]
    """The confirm page's token, from which expiry it renews, and that a host's suspension was read of."""

    token = HiddenField()
    paid_from = HiddenField()
    accepts_hold = BooleanField()


class AutoForm(FlaskForm):  # type: ignore[misc]
    """Automatic renewal, on or off."""

    wanted = HiddenField()


def periods(said: str) -> int | None:
    """The number of periods that an address names; None without one. What cannot be is left for the offer to refuse."""
    return int(said) if re.fullmatch(r"[0-9]{1,4}", said) else (None if not said else MOST_OVERDUE + 1)


def number(said: str) -> int | None:
    """A number in an address; None for anything else."""
    return int(said) if re.fullmatch(r"[0-9]{1,15}", said) else None


def statement_filter(args: Mapping[str, str], servers: Mapping[str, str]) -> Filter:
    """What a statement is asked for, of one who has paid for these servers; what cannot be understood is left out."""
    wrong = ""
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        said = args.get(name, "").strip()
        try:
            days[name] = date.fromisoformat(said) if said else None
        except ValueError:
            days[name], wrong = None, _("Enter a date like 2026-01-31.")
    if days["since"] and days["until"] and days["since"] > days["until"]:
        wrong = _("The first day is after the last one.")
    kind, server = args.get("kind", ""), args.get("server", "")
    kind, server = kind if kind in KINDS else "", server if server in servers else ""
    return Filter(
        asked=Asked(kind, days["since"], days["until"], server),
        servers=servers,
        given={name: args.get(name, "")[:40] for name in ("kind", "since", "until", "server")},
        wrong=wrong,
        after=statement.cursor(args.get("after", "")),
    )
