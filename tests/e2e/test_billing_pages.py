"""Every page of billing: it fits a phone, fingers hit its targets, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.billing_states import LOOKS, SETTINGS, Priced
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.states import Look
from tests.e2e.test_accessibility import findings_in_both
from tests.e2e.test_layout import SMALL, WIDER


@pytest.fixture(scope="module")
def priced(_cheap_passwords: None) -> Iterator[Priced]:
    """One portal for all of them."""
    stand = Priced(settings=SETTINGS)
    try:
        yield stand
    finally:
        stand.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_fits_a_phone_and_can_be_used_by_everybody(open_page: OpenPage, priced: Priced, look: Look) -> None:
    page = open_page(priced, look.who, color_scheme="dark", bypass_csp=True)
    watched(page).allow_status(409, 422)
    look.go(page, priced)
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []
    assert findings_in_both(page) == []
