"""How access tokens of a mailbox are had, as its document describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from polling.oauth.providers import PROVIDERS


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """How access tokens of a mailbox are had. Secrets are as they were given, perhaps encrypted.

    grant is the refresh token that a person gave, of which refresh_token is the successor by
    now: to change it is to describe the mailbox anew, to succeed it is not. in_document: its
    successor can be stored.
    """

    token_url: str
    scope: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False, compare=False)
    grant: str = field(repr=False)
    in_document: bool


# Of each refresh token that this process has stored, the one that a person gave.
_grants: dict[str, str] = {}


def succeed(former: str, stored: str) -> None:
    """stored takes the place of former, both as they are in the document."""
    _grants[stored] = _grants.pop(former, former)


def described_oauth(fields: Mapping[str, Any], in_document: bool) -> OAuth:
    """Of fields of PollingConfig that are complete."""
    provider = PROVIDERS[fields["oauth_provider"]]
    refresh_token = fields["oauth_refresh_token"]
    return OAuth(
        token_url=fields["oauth_token_url"]
        or provider.token_url.format(tenant=fields["oauth_tenant"]),
        scope=fields["oauth_scope"] or provider.scope,
        client_id=fields["oauth_client_id"],
        client_secret=fields["oauth_client_secret"] or "",
        refresh_token=refresh_token,
        grant=_grants.get(refresh_token, refresh_token),
        in_document=in_document,
    )
