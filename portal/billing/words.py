"""What a person is told of a server's price, in words: how it stands, and what to do now."""

from __future__ import annotations

from portal.billing.bills import Bill, Standing
from portal.billing.periods import Period
from portal.servers.words import Words
from portal.web.formatting import left, moment
from portal.web.i18n import _, counted


def per(period: Period) -> str:
    """A period as it stands behind a price: `per month`, `per 30 days`."""
    if period.count == 1:
        return _("per month") if period.unit == "months" else _("per day")
    if period.unit == "months":
        return _("per %(count)d months", count=period.count)
    return _("per %(count)d days", count=period.count)


def length(period: Period, periods: int) -> str:
    """How long so many periods are: `3 months`, `60 days`."""
    number = period.count * periods
    if period.unit == "months":
        return counted("%(num)d month", "%(num)d months", number)
    return counted("%(num)d day", "%(num)d days", number)


def bill_words(bill: Bill) -> Words:
    """How a server stands. The advice is whole sentences, and says the date and amount that it is about."""
    match bill.standing:
        case Standing.UNSET:
            advice = _("Your host has set no price for this server. It has no end, and there is nothing to pay.")
            return Words(_("No price yet"), "quiet", advice)
        case Standing.FREE:
            return Words(_("Free"), "good", _("This server costs nothing and has no end."))
        case Standing.GONE:
            advice = _("The panel has this server no more. Nothing is charged for it.")
            return Words(_("Gone"), "quiet", advice)
        case Standing.BLOCKED:
            advice = _("Your host has blocked this server. It cannot be renewed: ask your host.")
            return Words(_("Blocked by your host"), "bad", advice)
        case Standing.HELD:
            return Words(_("Suspended by your host"), "bad", _held(bill))
        case Standing.LIFTING:
            return Words(_("Paid"), "busy", _("It is paid. It is being switched on again; that takes a moment."))
        case Standing.UNPAID:
            is_only_shown = bill.is_preview and not bill.is_suspended
            return Words(_("Not paid") if is_only_shown else _("Suspended: not paid"), "bad", _unpaid(bill))
        case _:
            return time_words(bill)


def time_words(bill: Bill) -> Words:
    """Where a server with a price is in its paid time, whatever holds it besides."""
    match bill.time:
        case Standing.OVERDUE:
            return Words(_("Overdue"), "bad", _overdue(bill))
        case Standing.SOON:
            return _soon(bill)
        case _:
            return Words(_("Paid"), "good", "")


def later_words(bill: Bill) -> str:
    """What happens to a server with a price if nobody does anything."""
    if bill.expires_at is None or bill.suspends_at is None:
        return ""
    if bill.will_renew and bill.time is not Standing.OVERDUE:
        return _("It renews by itself before %(until)s, for %(amount)s.", until=moment(bill.expires_at),
                 amount=bill.amount)  # fmt: skip
    if bill.renews_now:
        return _("It is renewed by itself within minutes, for %(amount)s.", amount=bill.due)
    if bill.is_past_grace:
        return f"{_lacking(bill)} {_any_time(bill)}".lstrip()
    end = moment(bill.suspends_at)
    if bill.is_preview:
        return _("If nobody renewed it, it would be suspended after %(end)s.", end=end)
    said = _("If nobody renews it, it is suspended after %(end)s. Its files are kept.", end=end)
    return f"{_lacking(bill)} {said}".lstrip()


def _any_time(bill: Bill) -> str:
    if bill.is_preview:
        return _("If nobody renewed it, it could be suspended at any time now.")
    return _("It can be suspended at any time now. Its files are kept.")


def _held(bill: Bill) -> str:
    said = _("Your host has suspended this server. Its files are kept. Ask your host what to do.")
    return f"{said} {_('Renewing it does not switch it on again.')}" if bill.can_renew else said


def _unpaid(bill: Bill) -> str:
    since = moment(bill.suspended_at or 0)
    if bill.is_preview and not bill.is_suspended:
        return _("It was not paid and would be suspended.")
    if bill.is_suspended:
        said = _("Suspended since %(since)s because it was not paid. Its files are kept.", since=since)
    else:
        said = _("It was not paid and is being suspended. Its files are kept.")
    if not bill.can_renew or bill.due is None:
        return said
    return f"{said} {_('Renew it for %(amount)s and it runs again.', amount=bill.due)}"


def _overdue(bill: Bill) -> str:
    if bill.expires_at is None or bill.suspends_at is None:
        return ""
    until, end = moment(bill.expires_at), moment(bill.suspends_at)
    if bill.renews_now or bill.standing is Standing.OVERDUE and bill.is_past_grace:
        said = _("It was paid until %(until)s.", until=until)
        return f"{said} {later_words(bill)}"
    if bill.is_preview:
        return _("It was paid until %(until)s. It would be suspended after %(end)s.", until=until, end=end)
    if bill.standing is not Standing.OVERDUE:
        return _("It was paid until %(until)s.", until=until)
    said = _("It was paid until %(until)s. If it is not renewed, it is suspended after %(end)s.", until=until, end=end)
    return f"{said} {_lacking(bill)}".rstrip()


def _soon(bill: Bill) -> Words:
    if bill.expires_at is None:
        return Words(_("Paid"), "good", "")
    until, away = moment(bill.expires_at), left(bill.expires_at)
    if bill.will_renew:
        said = _("It renews by itself before %(until)s, for %(amount)s.", until=until, amount=bill.amount)
        return Words(_("Paid"), "good", said)
    said = _("Paid until %(until)s, %(away)s.", until=until, away=away)
    return Words(_("Due soon"), "warn", f"{said} {_lacking(bill)}".rstrip())


def _lacking(bill: Bill) -> str:
    if bill.lacks is None or bill.is_preview:
        return ""
    return _("Your balance is short of %(amount)s to renew it by itself.", amount=bill.lacks)
