"""Every setting of Roost: name, type, unit, default and a sentence, in one typed object.

A value comes from the environment (`ROOST_PANEL_URL`), for secrets also from a file that the environment names
(`ROOST_APPLICATION_KEY_FILE`), else from `instance/config.toml` (`panel_url = "..."`), else it is the default.
A wrong or missing value stops the start with one sentence that names the setting.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.billing.money import EXPONENTS

ROOT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting is missing or wrong; the message is one sentence that names it."""


def _text(value: str) -> str:
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is no number
        is_whole = False
    if not is_whole or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address like https://panel.example.com")
    return value.rstrip("/")


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", value):
        raise ValueError("must be an address like https://panel.example.com")
    return value


def _own_url(value: str) -> str:
    try:
        parts = urlsplit(_url(value))
    except ValueError:
        raise ValueError("must be an address like https://my.example.com") from None
    if parts.path:
        raise ValueError("must be an address without a path, like https://my.example.com")
    return value.rstrip("/")


def _link(value: str) -> str:
    if not re.match(r"(https?://|mailto:)[^\s/]", value, re.IGNORECASE):
        raise ValueError("must begin with https://, http:// or mailto:")
    return value


def _key(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]{48}", value):
        raise ValueError("must be a panel API key: 48 letters, digits or underscores")
    return value


def _address(value: str) -> str | None:
    if value == "none":
        return None
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address or none") from None


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("must be a colour like #2563eb")
    return value.lower()


def _file_name(value: str) -> str:
    if not re.fullmatch(r"[\w.-]+\.(svg|png|webp|jpg)", value) or value.startswith("."):
        raise ValueError("must be the name of an svg, png, webp or jpg file inside the instance folder")
    return value


def _switch(value: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError("must be true or false")
    return words[value.lower()]


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return value.lower()

    return parse


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", value):
        raise ValueError("must be the name or address of a mail server, like mail.example.com")
    return value


def _sender(value: str) -> str:
    name, _, address = value.rpartition("<") if value.endswith(">") else ("", "", value)
    if not re.fullmatch(r"[^\s<>@,;:\"]+@[^\s<>@,;:\"]+>?", address) or not name.replace('"', "").isprintable():
        raise ValueError("must be an e-mail address, like support@example.com or Example Hosting <support@example.com>")
    return value


def _secret_text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line of printable letters")
    return value


def _long_secret(value: str) -> str:
    if len(_secret_text(value)) < 16:
        raise ValueError("must have at least 16 letters")
    return value


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone like Europe/Berlin") from None
    return value


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value) or value not in EXPONENTS:
        raise ValueError("must be a currency of ISO 4217, like EUR")
    return value


def _days(value: str) -> tuple[int, ...]:
    parts = [part.strip() for part in value.split(",")]
    if not all(re.fullmatch(r"\d{1,2}", part) and 1 <= int(part) <= 60 for part in parts) or len(parts) > 6:
        raise ValueError("must be up to six whole numbers from 1 to 60, like 7, 3, 1")
    return tuple(sorted({int(part) for part in parts}, reverse=True))


def setting(
    parse: Callable[[str], Any], about: str, *, default: Any = dataclasses.MISSING, secret: bool = False
) -> Any:
    """One field of `Settings`: how its text is read, what it is, its default (none: it is required)."""
    return field(default=default, repr=not secret, metadata={"parse": parse, "about": about, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one portal; `about` of each field is the sentence that docs/settings.md shows."""

    panel_url: str = setting(_url, "Address of the Pterodactyl panel, as its users open it.")
    application_key: str = setting(
        _key, "Application key of the panel (ptla_...), read on servers and users: the portal's own work.", secret=True
    )
    use_service_key: bool = setting(
        _switch, "Act with the service key for customers who have no client key of their own.", default=False
    )
    service_key: str | None = setting(
        _key, "Client key (ptlc_...) of an admin account made for Roost alone; read only with use_service_key.",
        default=None, secret=True,
    )  # fmt: skip
    portal_url: str = setting(
        _own_url, "Address of this portal, as customers open it; links that Roost prints begin with it.",
        default="http://127.0.0.1:8000",
    )  # fmt: skip
    console_origin: str | None = setting(
        _origin, "What nodes take as the origin of consoles, letter by letter; without it panel_url.", default=None
    )
    trusted_proxy: str | None = setting(
        _address, "Address of the web server in front; only from there a forwarded address counts. `none`: nobody's.",
        default="127.0.0.1",
    )  # fmt: skip
    host_name: str = setting(_text, "Name of the host, shown on every page.", default="Roost")
    logo: str | None = setting(_file_name, "File in the instance folder that is shown beside the name.", default=None)
    accent: str | None = setting(_colour, "Colour of buttons and links, like #2563eb.", default=None)
    support_url: str | None = setting(
        _link, "Where customers get help; shown on refused and error pages.", default=None
    )
    terms_url: str | None = setting(_link, "Terms of service, linked at the foot of each page.", default=None)
    stay_signed_in_days: int = setting(_between(1, 365), "How long `stay signed in` lasts, in days.", default=30)
    web_processes: int = setting(
        _between(1, 16), "Web processes; the panel's call limits are divided among them.", default=2
    )
    client_calls_per_minute: int = setting(
        _between(1, 100_000), "Client API calls that the panel allows a user in a minute.", default=720
    )
    application_calls_per_minute: int = setting(
        _between(1, 100_000), "Application API calls that the panel allows a user in a minute.", default=240
    )
    smtp_host: str | None = setting(
        _host, "Mail server that takes this portal's mail; without one nothing is mailed and links are printed.",
        default=None,
    )  # fmt: skip
    smtp_port: int = setting(_between(1, 65_535), "Port of the mail server.", default=587)
    smtp_security: str = setting(
        _one_of("starttls", "tls", "none"), "How the mail server is spoken to; none only for one on this machine.",
        default="starttls",
    )  # fmt: skip
    smtp_user: str | None = setting(_secret_text, "Name to log in to the mail server with.", default=None)
    smtp_password: str | None = setting(_secret_text, "Password for it.", default=None, secret=True)
    mail_from: str | None = setting(_sender, "Sender of this portal's mail; needed with smtp_host.", default=None)
    billing: str = setting(
        _one_of("off", "observe", "on"),
        "Billing off hides every price, observe shows what would be, on charges and suspends.", default="observe",
    )  # fmt: skip
    currency: str = setting(_currency, "Currency of prices and balances, as ISO 4217 names it.", default="EUR")
    time_zone: str = setting(_zone, "The host's time zone: days begin and grace ends in it.", default="UTC")
    grace_hours: int = setting(
        _between(24, 1440), "How long a server goes on after its expiry before it is suspended, in hours.", default=24
    )
    grace_ends_hour: int = setting(
        _between(0, 23), "At which hour of the host's day grace ends, so that somebody is there.", default=12
    )
    reminder_days: tuple[int, ...] = setting(
        _days, "How many days before its expiry a server's owner is reminded.", default=(7, 3, 1)
    )
    late_renewal: str = setting(
        _one_of("expiry", "now"), "Whether a late renewal extends from the old expiry or from the day it is paid.",
        default="expiry",
    )  # fmt: skip
    how_to_pay: str = setting(
        _text, "How customers add to their balance, in the host's own words.",
        default="Ask your host how to add to your balance.",
    )  # fmt: skip
    pay_url: str | None = setting(_link, "Where customers add to their balance.", default=None)
    credit_key: str | None = setting(
        _long_secret, "With it programs may add to balances by signed requests (docs/credit.md); off without it.",
        default=None, secret=True,
    )  # fmt: skip
    downloads: str = setting(
        _one_of("through", "node"),
        "Whether files come through Roost, or to who has a client key of their own straight from the node.",
        default="through",
    )
    file_versions: int = setting(
        _between(0, 200), "How many earlier versions of each text that was saved through Roost are kept.", default=20
    )
    file_version_days: int = setting(_between(1, 3650), "How many days earlier versions of texts are kept.", default=30)
    file_versions_mib: int = setting(
        _between(1, 10_000), "How many MiB the earlier versions of one server's texts may take in all.", default=20
    )
    backup_key: str | None = setting(
        _long_secret, "With it backups are encrypted as a whole; keep a copy elsewhere, they cannot be read without.",
        default=None, secret=True,
    )  # fmt: skip
    log_level: str = setting(_level, "Least important log line that is written.", default="INFO")
    log_format: str = setting(
        _one_of("text", "json"), "Log lines as text, or each as one JSON object.", default="text"
    )
    instance: Path = field(default=ROOT / "instance", metadata={"about": "Folder of the store, keys and config.toml."})

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.instance / "roost.db"

    @property
    def node_origin(self) -> str:
        """The `Origin` that nodes are sent: `remote` in Wings' config.yml, to the letter."""
        return self.console_origin or self.panel_url

    @property
    def is_https(self) -> bool:
        """Whether cookies may demand TLS."""
        return self.portal_url.startswith("https://")


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this machine. Raises BadSetting with one sentence."""
    instance = Path(environ.get("ROOST_INSTANCE") or ROOT / "instance").absolute()
    try:
        if instance.exists() and not instance.is_dir():
            raise BadSetting("The setting instance must be a folder.")
    except OSError as wrong:
        raise BadSetting(f"The instance folder cannot be looked into ({wrong.strerror}): {instance}.") from None
    stored = _read_file(instance / "config.toml")
    known = {f.name: f for f in dataclasses.fields(Settings) if "parse" in f.metadata}
    for name in stored:
        if name not in known:
            raise BadSetting(f"The setting {name} in config.toml is not known to Roost.")
    values: dict[str, Any] = {}
    for name, one in known.items():
        text = _from_environment(one, environ)
        if text is None and name in stored:
            text = _as_text(name, stored[name])
        if text is None or text == "":
            if one.default is dataclasses.MISSING:
                raise BadSetting(f"The setting {name} is missing: {one.metadata['about']}")
            continue
        try:
            values[name] = one.metadata["parse"](text)
        except ValueError as wrong:
            raise BadSetting(f"The setting {name} {wrong}.") from None
    settings = Settings(**values, instance=instance)
    if settings.use_service_key and not settings.service_key:
        raise BadSetting("The setting service_key is missing although use_service_key is on.")
    if settings.smtp_host and not settings.mail_from:
        raise BadSetting("The setting mail_from is missing although smtp_host names a mail server.")
    return settings


def unreadable(path: Path, wrong: OSError) -> BadSetting:
    """What to say of a file in the instance folder that this user may not read."""
    return BadSetting(
        f"The file {path.name} cannot be read ({wrong.strerror}): let it belong to the user that runs Roost "
        f"(as root: chown --reference={path.parent} {path})."
    )


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            return {}
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise unreadable(path, wrong) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadSetting(f"The file {path.name} is not valid TOML: {wrong}.") from None


def _as_text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    raise BadSetting(f"The setting {name} in config.toml must be a text, a whole number, true or false.")


def _from_environment(one: dataclasses.Field[Any], environ: Mapping[str, str]) -> str | None:
    variable = f"ROOST_{one.name.upper()}"
    if one.metadata["secret"] and (path := environ.get(f"{variable}_FILE")):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise BadSetting(f"The file that {variable}_FILE names cannot be read.") from None
    return environ.get(variable)
