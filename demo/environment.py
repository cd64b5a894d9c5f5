"""What the child processes find in their environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from demo.folder import Folder
from demo.samples import SENDERS_OF_INTEREST

# Nothing else reaches the demo's children: a variable of the real relay (a receiver, a store,
# the R2 Worker) would make the demo act on the real world.
KEPT = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
    *("VIRTUAL_ENV", "SYSTEMROOT"),
    *("SECRET_KEY", "FLASK_SECRET_KEY", "REDIS_URL", "POLLING_TIMEZONE"),
}
KEPT_PREFIXES = ("LC_", "LD_", "DYLD_", "PYTHON", "COVERAGE_")
NO_REDIS = (
    "No REDIS_URL: running in single-machine mode with a file lock. That is fine on one machine."
)
NO_RECEIVER = "WEBHOOK_URL is not set: Endpoints in the admin says where they go"


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the demo itself offers to its children."""

    imap_host: str
    imap_port: int
    user: str
    password: str
    webhook_url: str


def demo_environment(
    variables: Mapping[str, str], services: Services, folder: Folder, run: str
) -> dict[str, str]:
    """The complete environment of a child in demo mode.

    In a Redis that others use too, its lock and its documents are kept apart by its name.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES)
    }
    return {
        "POLLING_TIMEZONE": "Europe/Paris",
        **kept,
        "ENV_FILE": "",
        "PYTHONUNBUFFERED": "1",
        "EMAIL_ADDRESS": services.user,
        "EMAIL_PASSWORD": services.password,
        "IMAP_SERVER": services.imap_host,
        "IMAP_PORT": str(services.imap_port),
        "IMAP_USE_SSL": "false",
        "WEBHOOK_URL": services.webhook_url,
        "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
        "SENDER_OF_INTEREST_FOR_POLLING": ",".join(SENDERS_OF_INTEREST),
        "DATABASE_URL": f"sqlite:///{folder.database}",
        "CONFIG_STORE_DIR": str(folder.config),
        "CONFIG_STORE_REDIS_PREFIX": f"r:ss:demo:{run}:",
        "REDIS_LOCK_KEY": f"render_signal:demo:{run}:poller_lock",
        "BG_POLLER_LOCK_FILE": str(folder.poller_lock),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
    }


def real_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment as it is, but with lines that come when they are written."""
    return {**variables, "PYTHONUNBUFFERED": "1"}


def describe_redis(url: str, fault: str) -> str:
    """Where Redis is, without user and password. fault: why it cannot be used, if so."""
    if not url:
        return NO_REDIS
    parts = urlsplit(url)
    where = parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]
    if fault:
        return f"Redis at {where} cannot be used: {fault.rstrip('.')}. A file lock takes its place."
    return f"Redis: {where}"


def describe_receiver(url: str) -> str:
    """Where webhooks go, without the path, which is often a secret."""
    if not url:
        return NO_RECEIVER
    scheme, _, rest = url.rpartition("://")
    host = rest.partition("/")[0].rpartition("@")[2]  # after the token of a Make.com shorthand
    return f"{scheme or 'https'}://{host}, unless Endpoints in the admin says otherwise"
