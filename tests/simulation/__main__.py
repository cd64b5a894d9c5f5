"""`python -m tests.simulation SEED` tells the story of a seed, step by step. The name of a known
fault after it gives the story that fault's weather, and `broken` after that the fault itself."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence

import django

from tests import environment


def main() -> int:
    assert environment.FOLDER  # before the settings are read
    os.environ["DJANGO_SETTINGS_MODULE"] = "render_signal.settings"
    django.setup()
    logging.getLogger().handlers.clear()

    from tests.simulation.breakages import BREAKAGES, CLIMATES, breakage
    from tests.simulation.guarantees import Broken
    from tests.simulation.play import play

    options = _options([broken.__name__ for broken in BREAKAGES])
    try:
        with breakage(options.name) if options.broken else contextlib.nullcontext():
            play(options.seed, print, **CLIMATES[options.name or ""])
    except Broken as found:
        sys.stdout.write(f"BROKEN: {found}\n")
        return 1
    sys.stdout.write("Every guarantee held.\n")
    return 0


def _options(names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", metavar="SEED", type=_seed, help="a whole number")
    parser.add_argument("name", metavar="NAME", choices=names, nargs="?", help=", ".join(names))
    parser.add_argument("broken", metavar="broken", choices=["broken"], nargs="?")
    return parser.parse_args()


def _seed(text: str) -> int:
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f"a whole number from 0 on is wanted, not {text!r}")


if __name__ == "__main__":
    sys.exit(main())
