"""`python -m tests.simulation SEED` tells the story of a seed, step by step. The name of a known
fault after it gives the story that fault's weather, and `broken` after that the fault itself."""

from __future__ import annotations

import contextlib
import logging
import os
import sys

import django

from tests import environment


def main() -> int:
    assert environment.FOLDER  # before the settings are read
    os.environ["DJANGO_SETTINGS_MODULE"] = "render_signal.settings"
    django.setup()
    logging.getLogger().handlers.clear()

    from tests.simulation.breakages import CLIMATES, breakage
    from tests.simulation.guarantees import Broken
    from tests.simulation.play import play

    seed, climate, *broken = [*sys.argv[1:], "", ""][: max(2, len(sys.argv) - 1)]
    try:
        with breakage(climate) if "broken" in broken else contextlib.nullcontext():
            play(int(seed), print, **CLIMATES[climate])
    except Broken as found:
        sys.stdout.write(f"BROKEN: {found}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
