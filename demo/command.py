"""`python -m demo`: the demo, or with IMAP_SERVER set the real relay, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from demo.folder import Folder, secret_key
from demo.live import Live
from demo.show import Show
from demo.stage import Stage
from demo.terminal import style_for
from runtime.env_file import load_env_file

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
DEFAULT_PORT = 8000


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 shows a "?"
    try:
        prepare()
        demo = not settings.IMAP_SERVER
        port = wanted_port(options.port, os.environ.get("PORT", ""))
    except ImproperlyConfigured as exc:
        sys.stderr.write(f"Configuration error: {exc}\n")
        return 2
    if options.once and not demo:
        sys.stderr.write("--once is for the demo, and IMAP_SERVER is set.\n")
        return 2
    folder = Folder(options.dir or VAR / ("demo" if demo else "run"))
    stage = Stage(ROOT, folder, sys.stdout, style_for(sys.stdout, os.environ))
    flow = Show(stage, os.environ, port, options.once) if demo else Live(stage, os.environ, port)
    return stage.perform(flow.run)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--once",
        action="store_true",
        help="end after the last webhook: exit code 0 when all came as they should, else 1",
    )
    parser.add_argument(
        "--port", type=int, help=f"of the web page, 0 for any (default: $PORT or {DEFAULT_PORT})"
    )
    parser.add_argument(
        "--dir", type=Path, help="where logs and the demo's database go (default: below var/)"
    )
    return parser


def prepare() -> None:
    """A SECRET_KEY where there is none, kept where the settings look for it.

    The .env file is read before, as the settings read it: the key may be in it.
    """
    load_env_file(os.environ.get("ENV_FILE"), ROOT / ".env")
    if not any(os.environ.get(name, "").strip() for name in ("SECRET_KEY", "FLASK_SECRET_KEY")):
        os.environ["SECRET_KEY"] = secret_key(VAR / "secret_key")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "render_signal.settings")


def wanted_port(option: int | None, variable: str) -> int:
    if option is not None:
        return option
    if not variable.strip():
        return DEFAULT_PORT
    if not variable.strip().isdecimal() or not 0 < int(variable) < 65536:
        raise ImproperlyConfigured(f"PORT ({variable!r}) is not a port. Example: PORT=8000")
    return int(variable)
