"""What a server is started with: its variables, its command, its image.

The panel hides the values of variables that nobody may view, also in the command and from everybody, the service key
too. Values may be secrets: none is kept, written down or logged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from portal import clock
from portal.auth.sessions import Viewer
from portal.egg_features import words
from portal.pterodactyl import errors
from portal.pterodactyl.models import EggVariable
from portal.servers import records
from portal.servers.door import acting, looking
from portal.servers.reading import Opened
from portal.startup.rules import Rules, explain
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line

KEY = re.compile(r"\w{1,191}", re.ASCII)
"""What names a variable, for the panel too."""


@dataclass(frozen=True)
class Card:
    """One variable: what the panel says of it, and its rules in words.

    `value` None: the server has none of its own, `default` is used. `key` is its name in the environment.
    """

    key: str
    name: str
    description: str
    default: str
    value: str | None = field(repr=False)
    is_editable: bool
    rules: Rules

    @property
    def current(self) -> str:
        """What the server is started with."""
        return self.default if self.value is None else self.value

    @property
    def is_default(self) -> bool:
        """Whether that is what the egg says anyway."""
        return self.current == self.default

    @property
    def has_lines(self) -> bool:
        """Whether it needs more than one line to be shown and entered."""
        return "\n" in self.current or "\n" in self.default

    @property
    def slug(self) -> str:
        """The key as part of an id on a page."""
        return re.sub(r"[^A-Za-z0-9_]", lambda found: f"-{ord(found[0]):x}-", self.key)

    def options(self, shown: str) -> tuple[tuple[str, str], ...]:
        """The choices with their labels, and `shown` too if it is none of them; nothing where a text is entered."""
        choices = self.rules.choices
        if not choices or shown in dict(choices):
            return choices
        return ((shown, _("%(value)s (not one of the choices)", value=shown or _("(empty)"))), *choices)


@dataclass(frozen=True)
class Startup:
    """Everything of the page. `command` has the values filled in, `raw_command` their names.

    `images` lead from label to image.
    """

    cards: tuple[Card, ...]
    command: str = field(repr=False)
    raw_command: str
    images: Mapping[str, str]

    def card(self, key: str) -> Card | None:
        """One of the variables."""
        return next((one for one in self.cards if one.key == key), None)


@dataclass(frozen=True)
class Saved:
    """A variable as it is now, and the commands that it makes."""

    card: Card
    command: str = field(repr=False)
    raw_command: str


def view(viewer: Viewer, opened: Opened) -> Startup:
    """Variables, commands and images, with one panel call. Raises the library's errors."""
    with looking(viewer) as api:
        found = api.startup.view(opened.facts.identifier)
    cards = tuple(_card(one, one.server_value) for one in found.variables)
    return Startup(cards, found.startup_command, found.raw_startup_command, found.docker_images)


def unread(key: str) -> Card:
    """A variable of which nothing could be read just now."""
    return Card(key, key, "", "", "", True, explain(""))


class Changed(Unfit):
    """The value is another one by now: `now`."""

    def __init__(self, now: str) -> None:
        text = _("Somebody has changed this value meanwhile, to: %(value)s. Save again to replace it.",
                 value=one_line(now) or _("(empty)"))  # fmt: skip
        super().__init__(text, field="value")
        self.now = now


def update_variable(
    viewer: Viewer, opened: Opened, key: str, value: str | None, known: Startup | None = None, was: str | None = None
) -> Saved:
    """Give a variable a value for the next start: "" clears it, None is its default.

    The panel breaks over a name that does not exist, so what `known` does not have is not sent: Unfit, as for one that
    is read-only. Without `known` (for who may change but not read) the panel decides alone, and None is "".
    `was` is the value that this person has seen: when it is another one by now, Changed, and nothing is saved.
    """
    card = known.card(key) if known else None
    if not KEY.fullmatch(key) or (known and card is None):
        raise Unfit(_("This server has no such variable, or it is hidden."))
    if card is not None:
        if not card.is_editable:
            raise Unfit(_("Your host has made this variable read-only."))
        value = card.default if value is None else value
        if was is not None and card.current.split() not in (was.split(), value.split()):
            raise Changed(card.current)
    with acting(viewer, "startup.update", opened.facts.uuid, key) as api:
        updated = api.startup.update_variable(opened.facts.identifier, key=key, value=value or "")
    stored = updated.variable.server_value or ""  # None is an echo of what was sent: an empty text is stored now
    return Saved(_card(updated.variable, stored), updated.startup_command, updated.raw_startup_command)


def is_fixed(opened: Opened, startup: Startup) -> bool:
    """Whether an administrator chose an image beside those of the egg, as far as is known."""
    return opened.facts.docker_image not in startup.images.values()


def choose_image(viewer: Viewer, opened: Opened, image: str) -> None:
    """Choose one of the egg's images for the next start.

    Raises the library's errors, and Unfit where an administrator chose another one (the panel's only refusal).
    """
    server = opened.facts
    try:
        with acting(viewer, "startup.image", server.uuid, image) as api:
            api.settings.update_docker_image(server.identifier, docker_image=image)
    except errors.Refused as error:
        raise Unfit(words.fixed_image()) from error
    records.revise(server.uuid, clock.now(), lambda _scope, facts: replace(facts, docker_image=image))


def _card(variable: EggVariable, value: str | None) -> Card:
    return Card(
        key=variable.env_variable,
        name=variable.name or variable.env_variable,
        description=variable.description.replace("\r\n", "\n").strip(),
        default=variable.default_value,
        value=value,
        is_editable=variable.is_editable,
        rules=explain(variable.rules),
    )
