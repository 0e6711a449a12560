"""Every account beside its panel user: link, key, e-mail address, servers, suspension, limits; and who has none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from portal.admin import importing
from portal.audit import service as audit
from portal.auth import mails
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.auth.service import AccountError, PanelUser, normal
from portal.credentials import service as credentials
from portal.data import comparing, keys, storing, walking
from portal.data.comparing import Difference, Kept
from portal.data.keys import KeyCheck
from portal.data.progress import Progress
from portal.panel import client, settings
from portal.pterodactyl.errors import NotFound, PanelError
from portal.pterodactyl.models import AppServer, AppUser

Result = Literal["created", "kept", "changed", "failed"]
RESULTS: tuple[Result, ...] = ("created", "kept", "changed", "failed")


@dataclass
class Line:
    """One account, or a panel user for whom one was made or could not be. `problems` and `notes` are sentences."""

    email: str
    result: Result
    account: int | None = None
    panel_user: int | None = None
    key: keys.State = "none"
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    invitation: str | None = None


@dataclass(frozen=True)
class Stranger:
    """A panel user without an account, and how many servers are theirs."""

    panel_user: int
    username: str
    email: str
    servers: int


@dataclass
class Synced:
    """What a comparison found and, unless it was a dry run, took over."""

    is_dry_run: bool
    lines: list[Line] = field(default_factory=list)
    without_account: list[Stranger] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def totals(self) -> dict[Result, int]:
        """How many of each result."""
        counts = Counter(one.result for one in self.lines)
        return {one: counts[one] for one in RESULTS}

    @property
    def without_key(self) -> list[str]:
        """Accounts of panel users that have given no client key."""
        return [one.email for one in self.lines if one.key == "none" and one.panel_user is not None]

    @property
    def has_failed(self) -> bool:
        """Whether anything could not be done."""
        return bool(self.problems or self.totals["failed"])


@dataclass(frozen=True)
class Panel:
    """The panel's whole lists, and when their reading began."""

    users: dict[int, AppUser]
    servers: list[AppServer]
    read_at: float


def sync(panel: Panel, *, create: bool, is_dry_run: bool, progress: Callable[[int], Progress]) -> Synced:
    """Compare every account with what was read, and keep what the panel says. `progress` makes a bar of a length."""
    done, known = Synced(is_dry_run), comparing.kept()
    owned: defaultdict[int, list[AppServer]] = defaultdict(list)
    for server in panel.servers:
        owned[server.user].append(server)
    everybody = list(accounts.everybody())
    bar = progress(len(everybody))
    check = KeyCheck(bar, is_dry_run=is_dry_run)
    on_panel = {one.uuid for one in panel.servers}
    for account in everybody:
        done.lines.append(_line(account, panel, owned[account.panel_user_id or 0], known, check, on_panel))
        bar.step()
    linked: set[int | None] = {one.panel_user_id for one in everybody}
    linked |= _service_user(done, create=create)
    for user in panel.users.values():
        if user.id not in linked:
            shown = PanelUser(user.id, user.username, user.email)
            done.without_account.append(Stranger(user.id, shown.username, shown.email, len(owned[user.id])))
    if create and not done.problems:
        _create(done)
    if not is_dry_run:
        _store(done, panel)
    return done


def _line(
    account: Account, panel: Panel, owned: Sequence[AppServer], known: Kept, check: KeyCheck, on_panel: set[str]
) -> Line:
    line = Line(account.email, "kept", account.id, account.panel_user_id)
    if account.panel_user_id is None:
        line.notes.append("It is linked to no panel user.")
        return line
    user, problem = _user(account.panel_user_id, panel)
    if user is None:
        line.problems.append(problem)
    else:
        line.differences = comparing.differences(account, user, owned, known, on_panel)
    line.key = check.check(account)
    if line.key not in ("none", "valid"):
        line.problems.append(f"{keys.WORDS[line.key].capitalize()}.")
    line.result = "failed" if line.problems else "changed" if line.differences else "kept"
    return line


def _user(number: int, panel: Panel) -> tuple[AppUser | None, str]:
    """A panel user; one that the list does not have is asked for by number, as a list alone proves nothing."""
    if number in panel.users:
        return panel.users[number], ""
    try:
        with credentials.as_portal("operator") as api:
            return api.users.view(number), ""
    except NotFound:
        return None, f"The panel has no user {number} any more. Nothing was removed here."
    except PanelError as wrong:
        return None, walking.in_words(wrong)


def _service_user(done: Synced, *, create: bool) -> set[int | None]:
    """The panel user of the service key, who is Roost itself and needs no account here; empty without such a key."""
    if not settings().use_service_key:
        return set()
    credential = credentials.service()
    try:
        if credential is not None:
            return {client(credential.key, who=None, purpose="sync").account.view().id}
        why = "The panel refuses it."
    except PanelError as wrong:
        why = walking.in_words(wrong)
    if create:
        done.problems.append(f"Whose the service key is could not be asked, so no account was made. {why}")
    return set()


def _create(done: Synced) -> None:
    """Make accounts for panel users who have none, and invite them."""
    people = [PanelUser(one.panel_user, one.username, one.email) for one in done.without_account]
    made = importing.import_users(people, invite=True, is_dry_run=done.is_dry_run)
    links = {} if mails.can_mail() else dict(made.invited)
    for one in people:
        try:
            email = normal(one.email)
        except AccountError:
            email = one.email
        if email in made.made:
            number = None if done.is_dry_run else accounts.find(email).id
            line = Line(email, "created", number, one.id, invitation=links.get(email))
        else:
            line = Line(email, "failed", panel_user=one.id)
            line.problems = [sentence for sentence in made.conflicts if sentence.startswith(f"Panel user {one.id} ")]
        done.lines.append(line)
    if not done.is_dry_run:
        failed = {one.panel_user for one in done.lines if one.result == "failed"}
        done.without_account = [one for one in done.without_account if one.panel_user in failed]


def _store(done: Synced, panel: Panel) -> None:
    try:
        storing.store(panel.servers, panel.read_at)
        storing.rename(list(panel.users.values()))
    except (storing.Doubtful, PanelError) as wrong:
        done.problems.append(f"The panel's list of servers is not believed, so nothing of it was kept: {wrong}")
    told = ", ".join(f"{count} {result}" for result, count in done.totals.items())
    audit.record(None, "data.sync", outcome="failed" if done.has_failed else "done", detail=told)
