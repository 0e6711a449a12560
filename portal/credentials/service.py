"""Which key acts for a customer: their own, else the service key if the operator switched it on, else none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, cast

from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account
from portal.credentials import refusals
from portal.credentials.models import ClientKey
from portal.credentials.sealing import Unreadable, seal, unseal
from portal.panel import application, client, settings
from portal.pterodactyl import ApiKey, ApplicationApi
from portal.pterodactyl.errors import KeyRefused
from portal.store import read, write

PROBE_S = refusals.PROBE_S
Asker = Literal["page", "worker", "operator"]
KEY_LENGTH = 48


class KeyProblem(Exception):
    """A key cannot be used for an account; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Credential:
    """A key, and whether it is the customer's `own` or the `service` key that may do everything."""

    kind: Literal["own", "service"]
    key: ApiKey
    account_id: int
    was_refused: bool = False


@dataclass(frozen=True)
class NoCredential:
    """Nothing can be asked of the panel for this account; `cause` says why."""

    cause: Literal["unlinked", "missing", "refused", "unreadable", "service_refused"]


@dataclass(frozen=True)
class StoredKey:
    """The public half of a stored client key; when the panel last named its owner, and when it refused it."""

    identifier: str
    verified_at: float
    refused_at: float | None


def for_account(account_id: int, panel_user_id: int | None) -> Credential | NoCredential:
    """The key to act with for an account. A refused key is tried again every 15 minutes only."""
    if panel_user_id is None:
        return NoCredential("unlinked")
    with read() as session:
        row = session.get(ClientKey, account_id)
    if row is not None:
        return _own(row)
    service_key = settings().service_key if settings().use_service_key else None
    if service_key is None:
        return NoCredential("missing")
    key = ApiKey(service_key, shared=True)
    if refusals.current("service", key) is not None:
        return NoCredential("service_refused")
    return Credential("service", key, account_id)


def own_keys(account_ids: Collection[int]) -> dict[int, str]:
    """The identifiers of the keys of those of these accounts who have one."""
    query = select(ClientKey.account_id, ClientKey.identifier).where(ClientKey.account_id.in_(account_ids))
    with read() as session:
        return {row.account_id: row.identifier for row in session.execute(query)}


def settle() -> None:
    """Forget refusals of keys of ours that are no longer set."""
    chosen = settings()
    service_key = chosen.service_key if chosen.use_service_key else None
    refusals.settle(
        {"application": ApiKey(chosen.application_key), "service": ApiKey(service_key) if service_key else None}
    )


def service() -> Credential | None:
    """The service key for the background process; None when it is off, or refused and not due to be tried again."""
    service_key = settings().service_key if settings().use_service_key else None
    if service_key is None:
        return None
    key = ApiKey(service_key, shared=True)
    return Credential("service", key, 0) if refusals.may_try("service", key) else None


@contextmanager
def as_portal(asker: Asker = "page", *, who: str | None = None) -> Iterator[ApplicationApi]:
    """The application API with the portal's own key; a refusal is remembered, and ends when the key works again.

    `asker` is who waits: a page never calls with a refused key (KeyRefused at once), the worker tries it every 15
    minutes, an operator always. `who` is the customer whose share of the budget is used.
    """
    key = ApiKey(settings().application_key)
    known = refusals.current("application", key)
    if known and asker != "operator" and not (asker == "worker" and refusals.may_try("application", key)):
        raise KeyRefused(known.detail, cause=known.cause, request="/api/application/")
    begun_at = clock.now()
    try:
        yield application(who=who, purpose="sync" if asker == "worker" else "page")
    except KeyRefused as error:
        refusals.refused("application", key, error)
        raise
    if known:
        refusals.works("application", key, begun_at)


def refused(credential: Credential, error: KeyRefused) -> None:
    """Remember that the panel refused a key, so that it is not asked again and again."""
    if credential.kind == "service":
        refusals.refused("service", credential.key, error)
        return
    with write() as session:
        session.execute(
            update(ClientKey)
            .where(ClientKey.account_id == credential.account_id, ClientKey.identifier == credential.key.identifier)
            .values(refused_at=clock.now(), refused_cause=str(error.cause))
        )


def _accepted_again(credential: Credential, begun_at: float) -> None:
    mine = (ClientKey.account_id == credential.account_id) & (ClientKey.identifier == credential.key.identifier)
    with write() as session:
        session.execute(
            update(ClientKey).where(mine, ClientKey.refused_at <= begun_at).values(refused_at=None, refused_cause=None)
        )


@contextmanager
def noticing(credential: Credential) -> Iterator[None]:
    """Remember it when the panel refuses the key inside, or takes it again; the refusal goes on."""
    begun_at = clock.now()
    try:
        yield
    except KeyRefused as error:
        if "/api/application/" not in error.request:  # that was the portal's own key
            refused(credential, error)
        raise
    if credential.kind == "service":
        refusals.works("service", credential.key, begun_at)
    elif credential.was_refused:
        _accepted_again(credential, begun_at)


def set_key(account: Account, secret: str) -> str:
    """Store a customer's client key after the panel has said whose it is; returns its identifier.

    Raises KeyProblem when the account is not linked, the key is an administrator's or somebody else's, and the
    library's errors when the panel cannot be asked.
    """
    if account.panel_user_id is None:
        raise KeyProblem("This account is not linked to a panel user, so no key can be checked against it.")
    secret = secret.strip()
    if not (len(secret) == KEY_LENGTH and secret.isascii() and secret.replace("_", "").isalnum()):
        raise KeyProblem("That is not a client key: it has 48 letters and digits and begins with ptlc_.")
    key = ApiKey(secret)
    try:
        seen = client(key, who=None).account.view()
    except KeyRefused as refusal:
        raise KeyProblem(f"The panel refuses this key: {refusal.detail}") from refusal
    if seen.admin:
        raise KeyProblem("This is the key of a panel administrator, which could do everything; it is not stored.")
    if seen.id != account.panel_user_id:
        raise KeyProblem("This key belongs to another panel user than the one the account is linked to.")
    sealed = seal(master_key(), account.id, key.secret)
    with write() as session:
        now = session.get(Account, account.id)
        if now is None or now.is_disabled or now.panel_user_id != account.panel_user_id:
            raise KeyProblem("The account was changed just now, so the key is not stored. Look at it and try again.")
        session.merge(
            ClientKey(
                account_id=account.id, identifier=key.identifier, sealed=sealed, verified_at=clock.now(),
                refused_at=None, refused_cause=None,
            )
        )  # fmt: skip
    return key.identifier


def drop_key_in(session: Session, account_id: int) -> None:
    """Forget the client key of an account, inside somebody's write(). On the panel it stays."""
    session.execute(delete(ClientKey).where(ClientKey.account_id == account_id))


def stored_key(account_id: int) -> StoredKey | None:
    """What an account may see of its own stored key."""
    with read() as session:
        row = session.get(ClientKey, account_id)
    return StoredKey(row.identifier, row.verified_at, row.refused_at) if row else None


def master_key() -> bytes:
    """The key that seals the customers' keys."""
    return cast(bytes, current_app.config["ROOST_MASTER_KEY"])


def _own(row: ClientKey) -> Credential | NoCredential:
    if row.refused_at is not None and row.refused_at > clock.now() - PROBE_S:
        return NoCredential("refused")
    try:
        key = ApiKey(unseal(master_key(), row.account_id, row.sealed))
        return Credential("own", key, row.account_id, was_refused=row.refused_at is not None)
    except Unreadable:
        return NoCredential("unreadable")

