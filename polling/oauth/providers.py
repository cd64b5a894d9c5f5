"""The providers whose mailboxes are logged in to by OAuth2: where, and what they demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
