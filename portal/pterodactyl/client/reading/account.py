"""The account, its second factor and its keys."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Account, ClientKey, CreatedClientKey, RecoveryTokens, SshKey, TwoFactorSetup


def read_account(answer: Reader) -> Account:
    """The account `user`."""
    attributes = answer.attributes("user")
    return Account(
        id=attributes.field("id").integer(),
        admin=attributes.field("admin").flag(),
        username=attributes.field("username").text(),
        email=attributes.field("email").text(),
        first_name=attributes.field("first_name").text_or_none() or "",
        last_name=attributes.field("last_name").text_or_none() or "",
        language=attributes.field("language").text(),
    )


def read_two_factor_setup(answer: Reader) -> TwoFactorSetup:
    """The new secret, which comes without the usual envelope."""
    data = answer.field("data")
    return TwoFactorSetup(
        secret=data.field("secret").text(),
        image_url_data=data.field("image_url_data").text(),
    )


def read_recovery_tokens(answer: Reader) -> RecoveryTokens:
    """The `recovery_tokens`."""
    return RecoveryTokens(answer.attributes("recovery_tokens").field("tokens").words())


def read_client_key(item: Reader) -> ClientKey:
    """An `api_key`; rows that the API did not make may hold null for the addresses."""
    attributes = item.attributes("api_key")
    return ClientKey(
        identifier=attributes.field("identifier").text(),
        description=attributes.field("description").text(),
        allowed_ips=attributes.field("allowed_ips").words_or_none(),
        last_used_at=attributes.field("last_used_at").moment_or_none(),
        created_at=attributes.field("created_at").moment(),
    )


def read_created_client_key(item: Reader) -> CreatedClientKey:
    """An `api_key` with the second part of the key in its `meta`."""
    return CreatedClientKey(read_client_key(item), item.field("meta").field("secret_token").text())


def read_ssh_key(item: Reader) -> SshKey:
    """An `ssh_key`."""
    attributes = item.attributes("ssh_key")
    return SshKey(
        name=attributes.field("name").text(),
        fingerprint=attributes.field("fingerprint").text(),
        public_key=attributes.field("public_key").text(),
        created_at=attributes.field("created_at").moment(),
    )
