from __future__ import annotations

import pytest

from portal.demo.addresses import NoAddressError, parse_range
from portal.demo.errors import PanelError
from tests.demo.conftest import Asker, says

KEYS = "/api/client/account/api-keys"


@pytest.mark.parametrize(("text", "inside", "outside"), [
    ("10.0.0.1", "10.0.0.1", "10.0.0.2"), ("10.0.0.5/8", "10.255.0.1", "11.0.0.1"),
    ("10.0.0.*", "10.0.0.200", "10.0.1.0"), ("10.0.0.1-10.0.0.3", "10.0.0.2", "10.0.0.4"),
    ("10.0.0.1 255.255.0.0", "10.0.9.9", "10.1.0.0"), ("167772161", "10.0.0.1", "10.0.0.2"),
    ("2001:db8::/32", "2001:db8::5", "10.0.0.1"),
])
def test_ranges(text: str, inside: str, outside: str) -> None:
    assert parse_range(text).contains(inside)
    assert not parse_range(text).contains(outside)


@pytest.mark.parametrize("text", ["", "home", "10.0.0", "10.0.0.0/x", "/24", "10.0.0.1-", "*"])
def test_no_address(text: str) -> None:
    with pytest.raises(NoAddressError):
        parse_range(text)


@pytest.mark.parametrize(("text", "code"), [("10.0.0.0/33", "NetworkException"), ("10.0.0.9-10.0.0.1", "Exception")])
def test_what_crashes_the_panel(text: str, code: str) -> None:
    with pytest.raises(PanelError) as caught:
        parse_range(text)
    assert (caught.value.status, caught.value.code) == (500, code)


def test_keys_for_ranges(ask: Asker) -> None:
    for allowed, status in (("127.0.0.*", 200), ("127.0.0.1-127.0.0.9", 200), ("10.0.0.0/8", 403)):
        made = ask.post("kim", KEYS, {"description": "x", "allowed_ips": [allowed]}).json
        key = made["attributes"]["identifier"] + made["meta"]["secret_token"]
        assert ask.get(key, "/api/client/account").status_code == status


def test_a_restricted_key_of_an_admin_on_the_application_api(ask: Asker) -> None:
    made = ask.post("chief", KEYS, {"description": "x", "allowed_ips": ["10.0.0.1"]}).json
    key = made["attributes"]["identifier"] + made["meta"]["secret_token"]
    answer = ask.get(key, "/api/application/users")
    assert says(answer)[0] == 403
    assert "X-RateLimit-Limit" not in answer.headers


def test_items_that_are_no_texts(ask: Asker) -> None:
    entries = ask.post("kim", KEYS, {"description": "x", "allowed_ips": [None, 5, "home"]}).json["errors"]
    assert [(entry["meta"]["source_field"], entry["meta"]["rule"], entry["detail"]) for entry in entries] == [
        ("allowed_ips.0", "string", "The allowed_ips.0 must be a string."),
        ("allowed_ips.0", "", '"" is not a valid IP address or CIDR range.'),
        ("allowed_ips.1", "string", "The allowed_ips.1 must be a string."),
        ("allowed_ips.2", "", '"home" is not a valid IP address or CIDR range.'),
    ]
    nested = ask.post("kim", KEYS, {"description": "x", "allowed_ips": [["10.0.0.1"]]})
    assert says(nested)[:2] == (500, "ErrorException")
