"""From a connection to a user who is logged in. No password goes out in clear unasked."""

from __future__ import annotations

import base64
import ssl

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from polling.accounts import Account
from polling.errors import Kind, MailboxTrouble, Server, TokenRefused, explain


def begin_tls(client: IMAPClient, host: str) -> None:
    """Raises MailboxTrouble where the server does not have it."""
    if client._imap.state != "NONAUTH":
        raise _trouble("connection", f"{host} has logged the connection in before STARTTLS")
    if not client.has_capability("STARTTLS"):
        raise _trouble(
            "connection",
            f"{host} does not offer STARTTLS, and the password is not sent in clear. "
            "Set imap_security to tls and imap_port to 993 if the server has that.",
        )
    client.starttls(ssl.create_default_context())


def log_in(client: IMAPClient, account: Account, secret: str) -> None:
    """secret is the password, or the access token. Raises MailboxTrouble where the account and
    the server do not fit together."""
    _refuse_control_characters(account.user + secret)
    if account.oauth is None:
        _log_in_by_password(client, account, secret)
    else:
        _log_in_by_token(client, account, secret)


class _XOAuth2:
    """What the client says, challenge by challenge. After a refusal, which comes as a challenge
    with details, the server waits for an empty line before it says NO."""

    def __init__(self, user: str, token: str) -> None:
        self.text = f"user={user}\1auth=Bearer {token}\1\1"
        self._answers = iter([self.text, ""])

    def __call__(self, challenge: bytes) -> str | None:
        return next(self._answers, None)


def _log_in_by_token(client: IMAPClient, account: Account, token: str) -> None:
    if not client.has_capability("AUTH=XOAUTH2"):
        raise _trouble(
            "login",
            f"{account.host} does not offer XOAUTH2. Set imap_auth to plain or login, with "
            "imap_password, if it takes passwords.",
        )
    dialogue = _XOAuth2(account.user, token)
    try:
        client.sasl_login("XOAUTH2", dialogue)
    except LoginError as exc:
        # The server may repeat what it got.
        encoded = base64.b64encode(dialogue.text.encode()).decode()
        said = str(exc).replace(token, "…").replace(encoded, "…")
        exc.args = (said,)
        trouble = explain(exc, "login", Server(account.host, account.port))
        if trouble.kind is Kind.AUTHENTICATION:
            raise TokenRefused(
                f"IMAP login failed: {account.host} refuses the access token of {account.user} "
                f"({' '.join(said.split())[:100]}). Check imap_user (EMAIL_ADDRESS) and that IMAP "
                "is allowed for this account; to log in as another user, run "
                f"`manage.py mailboxlogin {account.name}`."
            ) from None
        raise


def _log_in_by_password(client: IMAPClient, account: Account, password: str) -> None:
    capabilities = client.capabilities()
    if account.security == "none" and b"LOGINDISABLED" in capabilities:
        raise _trouble(
            "login",
            f"{account.host} takes no password on a connection in clear. "
            "Set imap_security to starttls, or to tls with imap_port 993.",
        )
    has_plain = b"AUTH=PLAIN" in capabilities
    if account.auth == "plain" and not has_plain:
        raise _trouble("login", f"{account.host} does not offer PLAIN. Set imap_auth to auto.")
    if has_plain and account.auth != "login":  # the only one that takes any character
        client.plain_login(account.user, password)
        return
    if b"LOGINDISABLED" in capabilities:
        offered = client.has_capability("AUTH=XOAUTH2")
        hint = f", but OAuth2: run `manage.py mailboxlogin {account.name}`" if offered else ""
        raise _trouble("login", f"{account.host} offers no login by password that we know{hint}")
    if not (account.user + password).isascii():
        raise _trouble(
            "login",
            "LOGIN takes ASCII characters only, and the user name or password has others. "
            "Set imap_auth to plain, or change them.",
        )
    client.login(account.user, password)


def _refuse_control_characters(text: str) -> None:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise _trouble(
            "login", "the user name or password contains a line break or another control character"
        )


def _trouble(phase: str, sentence: str) -> MailboxTrouble:
    return MailboxTrouble(Kind.CONFIGURATION, f"IMAP {phase} failed: {sentence}")
