"""The file that stands in for variables of the environment."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv


def load_env_file(named: str | None, usual: Path) -> None:
    """Variables that are already set win over the file.

    named is ENV_FILE: None reads the usual file if there is one, "" reads none. Raises
    ImproperlyConfigured.
    """
    if named == "" or (named is None and not usual.exists()):
        return
    path = Path(named or usual)
    try:
        if path.is_dir() or not path.exists():
            raise ImproperlyConfigured(
                f"ENV_FILE ({str(path)!r}) is not a file. Example: ENV_FILE={usual}"
            )
        load_dotenv(path)
    except OSError as exc:
        raise ImproperlyConfigured(f"{path} cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} is not a text in UTF-8") from None
