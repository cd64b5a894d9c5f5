"""Turn into a command that ends when its parent does: leash.py PARENT COMMAND…

A program of its own: between fork and exec of a process with threads no Python code is safe.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # Linux only; it survives exec


def main(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        # SIGTERM, not SIGKILL: an orphaned poller still gives its lock back.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("the parent is gone already")
    os.execv(command[0], command)  # noqa: S606  # our own command, no shell wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
