"""The environment of a test run, ready before Django settings are read.

Loaded by `-p tests.environment`: a conftest would be too late for pytest-django. Each pytest
process (so each xdist worker too) has a folder of its own, FOLDER, which goes with it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests import guard

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "render-signal-tests-"

# Whatever a developer's shell says about the product must not reach a test.
PRODUCT_VARIABLES = frozenset(
    [
        "ALERT_FROM",
        "ALERT_SMTP_URL",
        "ALLOWED_HOSTS",
        "ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS",
        "BG_POLLER_LOCK_FILE",
        "CLIENT_ADDRESS_HEADER",
        "CONFIG_API_TOKEN",
        "CONFIG_ENCRYPTION_KEYS",
        "CONFIG_STORE_DIR",
        "CONFIG_STORE_DISABLE_REDIS",
        "CONFIG_STORE_MODE",
        "CONFIG_STORE_REDIS_PREFIX",
        "DASHBOARD_PASSWORD",
        "DASHBOARD_USER",
        "DATABASE_URL",
        "DEBUG",
        "EGRESS_ALLOWED_CIDRS",
        "EMAIL_ADDRESS",
        "EMAIL_OAUTH_CLIENT_ID",
        "EMAIL_OAUTH_CLIENT_SECRET",
        "EMAIL_OAUTH_PROVIDER",
        "EMAIL_OAUTH_REFRESH_TOKEN",
        "EMAIL_OAUTH_SCOPE",
        "EMAIL_OAUTH_TENANT",
        "EMAIL_OAUTH_TOKEN_URL",
        "EMAIL_PASSWORD",
        "EMAIL_POLLING_INTERVAL_SECONDS",
        "ENABLE_SUBJECT_GROUP_DEDUP",
        "ENV_FILE",
        "EXTERNAL_CONFIG_BASE_URL",
        "FLASK_SECRET_KEY",
        "IMAP_PORT",
        "IMAP_SERVER",
        "IMAP_TIMEOUT_SECONDS",
        "IMAP_USE_SSL",
        "JOURNAL_DAYS",
        "LANG",
        "LANGUAGE_CODE",
        "LC_ALL",
        "LC_MESSAGES",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MAGIC_LINK_TTL_SECONDS",
        "MAILBOX_CATCH_UP_DAYS",
        "METRICS_TOKEN",
        "POLLING_ACTIVE_DAYS",
        "POLLING_ACTIVE_END_HOUR",
        "POLLING_ACTIVE_START_HOUR",
        "POLLING_TIMEZONE",
        "PORT",
        "R2_BUCKET_NAME",
        "R2_FETCH_ENABLED",
        "R2_FETCH_ENDPOINT",
        "R2_FETCH_TOKEN",
        "R2_PUBLIC_BASE_URL",
        "REDIS_LOCK_KEY",
        "REDIS_LOCK_TTL_SECONDS",
        "REDIS_URL",
        "RENDER",
        "RENDER_EXTERNAL_HOSTNAME",
        "RENDER_EXTERNAL_URL",
        "RENDER_SERVICE_TYPE",
        "SECRET_KEY",
        "SENDER_OF_INTEREST_FOR_POLLING",
        "SUBJECT_GROUP_TTL_SECONDS",
        "TRIGGER_PAGE_PASSWORD",
        "TRIGGER_PAGE_USER",
        "TRUSTED_PROXY_COUNT",
        "WEB_CONCURRENCY",
        "WEBHOOK_SSL_VERIFY",
        "WEBHOOK_URL",
    ]
)
# These would choose other settings, another way out, other certificates or an early death.
FOREIGN_VARIABLES = frozenset(
    [
        "DJANGO_SETTINGS_MODULE",
        "FAULT_CLOCK",
        "FAULT_POINT",
        "FAULT_SIGNAL",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]
)


def product_environment(folder: Path) -> dict[str, str]:
    """What the product needs to start, with all it writes inside one folder."""
    return {
        "ENV_FILE": "",
        "SECRET_KEY": "only-for-tests-" + "0" * 40,
        "DEBUG": "false",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "CONFIG_STORE_DIR": str(folder / "config"),
        "BG_POLLER_LOCK_FILE": str(folder / "poller.lock"),
    }


def child_environment(folder: Path, **variables: str) -> dict[str, str]:
    """The complete environment of a child process: guarded, with nothing of the product
    but what is named here. The guard works in Python children only."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in PRODUCT_VARIABLES | FOREIGN_VARIABLES
    }
    guarded = f"{ROOT / 'tests' / 'guard_site'}{os.pathsep}{ROOT}"
    return {
        **kept,
        "PYTHONPATH": guarded,
        "PYTHONUNBUFFERED": "1",
        **product_environment(folder),
        **variables,
    }


def _new_folder() -> tuple[Path, int]:
    """The lock says that the folder is in use; a process that is killed drops it."""
    unnamed = Path(tempfile.mkdtemp(prefix="new-" + PREFIX))
    alive = os.open(unnamed / "alive", os.O_CREAT | os.O_RDWR)
    fcntl.flock(alive, fcntl.LOCK_EX)
    folder = unnamed.with_name(unnamed.name.removeprefix("new-"))
    unnamed.rename(folder)
    # The mail server reads its folder as an unprivileged user.
    folder.chmod(0o755)
    return folder, alive


def _sweep() -> None:
    """Remove the folders of runs that were killed."""
    for alive in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/alive"):
        try:
            handle = os.open(alive, os.O_RDWR)
        except OSError:
            continue  # somebody else's, or just gone
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(alive.parent, ignore_errors=True)
        finally:
            os.close(handle)


def _keep_bytecode() -> None:
    """Hundreds of processes start in a run. Where none may leave its bytecode, each compiles the
    whole product anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _prepare() -> tuple[Path, int]:
    guard.install()
    _keep_bytecode()
    _sweep()
    folder, alive = _new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in list(os.environ):
        if name.upper() in PRODUCT_VARIABLES | FOREIGN_VARIABLES:
            del os.environ[name]
    os.environ.update(product_environment(folder))
    return folder, alive


FOLDER, _alive = _prepare()
