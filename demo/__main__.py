"""`python -m demo`, which `make run` runs."""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__":
    # Until there is something to stop, a Ctrl-C shows no traceback of a half-done import.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from demo.command import main

    sys.exit(main())
