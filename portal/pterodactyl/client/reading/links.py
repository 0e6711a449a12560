"""Signed addresses."""

from __future__ import annotations

from portal.pterodactyl.addresses import is_fetchable
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import SignedUrl


def read_signed_url(answer: Reader) -> SignedUrl:
    """A `signed_url`: http or https, with a host and without a name or password in it."""
    url = answer.attributes("signed_url").field("url")
    if not is_fetchable(url.text()):
        url.fail("an address to fetch")
    return SignedUrl(url.text())
