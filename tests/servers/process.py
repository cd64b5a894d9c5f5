"""Child processes that never outlive the test run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ATTACHED = Path(__file__).with_name("attached.py")


def start(
    command: Sequence[str],
    *,
    output: IO[bytes] | int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    when_orphaned: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """A process that the kernel ends (on Linux) when the calling thread ends, even by kill -9.

    So start none from a short-lived thread.
    """
    python = [sys.executable, "-I", "-S", str(ATTACHED)]
    return subprocess.Popen(
        [*python, str(int(when_orphaned)), str(os.getpid()), *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=folder,
    )


def end(process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """Ask, then force. A stopped (SIGSTOP) process is woken to hear it."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
    process.wait()
