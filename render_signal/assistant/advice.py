"""What a person can do about an answer of a mail server that was not hoped for."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from polling.accounts import NotSetUp
from polling.errors import Kind
from render_signal.assistant.providers import Provider


def command(text: str) -> str:
    """As it is typed where this runs."""
    python = "python" if settings.ON_RENDER else ".venv/bin/python"
    return f"{python} manage.py {text}"


def about_mailbox(fault: str, provider: Provider | None) -> str:
    """fault is a kind of trouble with a mailbox, "" where it is not described yet."""
    if fault in ("", Kind.AUTHENTICATION.value) and provider and not provider.password:
        return str(provider.demands[0])
    if not fault:
        return _("Something is still missing: the user, the password or the server.")
    if fault == Kind.AUTHENTICATION.value:
        return _about_login(provider)
    if fault == Kind.CONFIGURATION.value and provider and provider.host:
        return _(
            "The server does not fit. Compare it with what %(provider)s has: %(host)s, port "
            "%(port)d."
        ) % {
            "provider": provider.label,
            "host": provider.host,
            "port": provider.port,
        }
    if fault == Kind.CONFIGURATION.value:
        return _(
            "The server does not fit. Look up the name of the IMAP server, its port and its "
            "security in the help of your provider."
        )
    if fault == Kind.LIMIT.value:
        return _("The provider wants a rest: wait some minutes, then try again.")
    if fault == Kind.TRANSIENT.value:
        return _(
            "The server does not answer as it should. Check its name and its port for a slip. If "
            "they are right, this machine cannot reach it now: try again in a minute."
        )
    return ""


def about_missing(missing: NotSetUp) -> str:
    """As a person who has seen step 1 calls what is missing there."""
    if not missing.has_host:
        return _("No mailbox is set up yet.")
    return _("Something is still missing: the user, the password or the server.")


def _about_login(provider: Provider | None) -> str:
    if provider is None or not provider.host:
        return _(
            "The login was refused. Check user and password for a slip. Where the login has a "
            "second step, the provider mostly wants an application password."
        )
    return _(
        "The login was refused. Check user and password for a slip. What %(provider)s demands: "
        "%(demand)s"
    ) % {
        "provider": provider.label,
        "demand": provider.demands[0],
    }
