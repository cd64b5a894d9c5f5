"""From a connection to a user who is logged in. No password goes out in clear unasked."""

from __future__ import annotations

import ssl

from imapclient import IMAPClient

from polling.accounts import Account
from polling.errors import Kind, MailboxTrouble


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


def log_in(client: IMAPClient, account: Account, password: str) -> None:
    """Raises MailboxTrouble where the account and the server do not fit together."""
    capabilities = client.capabilities()
    _refuse_control_characters(account.user + password)
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
        raise _trouble("login", f"{account.host} offers no login by password that we know")
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
