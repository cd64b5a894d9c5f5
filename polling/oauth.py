"""What OAuth2 needs to be known of a mailbox and of its provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Its addresses, and the scope that opens a mailbox by IMAP. {tenant} stands for that of the
    mailbox. device_url "": a person logs in by way of authorization_url. wants_secret: also of
    clients that cannot keep one."""

    token_url: str
    authorization_url: str = ""
    device_url: str = ""
    scope: str = ""
    imap_host: str = ""
    wants_secret: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
PROVIDERS = {
    "google": Provider(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106  # no password
        authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
        scope="https://mail.google.com/",
        imap_host="imap.gmail.com",
        wants_secret=True,
        # Without these a second login gives no refresh token.
        parameters={"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": Provider(
        token_url=f"{MICROSOFT}/token",
        device_url=f"{MICROSOFT}/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        imap_host="outlook.office365.com",
    ),
    "other": Provider(token_url=""),
}


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
