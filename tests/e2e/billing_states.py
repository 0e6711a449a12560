"""The pages of billing in their states, on a portal in which every kind of server and a full house of holds exists."""

from __future__ import annotations

from bin import demo_prices
from portal.demo import by_hand
from tests.e2e.stand import Stand
from tests.e2e.states import Look, at, server_at


class Priced(Stand):
    """A portal with billing on and the demo's prices."""

    def _make_accounts(self) -> None:
        super()._make_accounts()
        for name, status in ((demo_prices.HELD, "suspended"), (demo_prices.UNPAID, None)):
            by_hand.set_status(self.demo, by_hand.find_server(self.demo, name), status)
        demo_prices.fill(self.instance)


SETTINGS: dict[str, object] = {
    "billing": "on", "time_zone": "Europe/Berlin", "pay_url": "https://example.com/pay",
    "how_to_pay": "Send what you like by bank transfer; it is here the same day.",
}  # fmt: skip
SERVERS = {
    "due": demo_prices.DUE_SOON, "in-grace": demo_prices.IN_GRACE, "unpaid": demo_prices.UNPAID,
    "held": demo_prices.HELD, "free": demo_prices.FREE, "without-price": demo_prices.WITHOUT_PRICE,
}  # fmt: skip
ADMIN = ("", "/servers", "/change?all=1", "/due", "/forecast", "/holds", "/runs")
LOOKS = [
    *(Look(f"billing-{word}", server_at(name, "/billing")) for word, name in SERVERS.items()),
    *(Look(f"overview-{word}", server_at(name)) for word, name in SERVERS.items()),
    Look("billing-enough", server_at(demo_prices.IN_GRACE, "/billing/renew")),
    Look("billing-too-little", server_at(demo_prices.DUE_SOON, "/billing/renew")),
    Look("billing-shared", server_at(demo_prices.DUE_SOON, "/billing"), "subuser"),
    Look("list-with-prices", at("/servers")),
    Look("balance", at("/balance")),
    Look("balance-print", at("/balance/print")),
    Look("balance-empty", at("/balance"), "stranger"),
    *(Look(f"operator{path.replace('/', '-').partition('?')[0]}", at(f"/admin/billing{path}"), "admin")
      for path in ADMIN),
    Look("credit", at("/admin/credit"), "admin"),
    Look("credit-import", at("/admin/credit/import"), "admin"),
]  # fmt: skip
