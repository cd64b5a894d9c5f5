"""A person at the terminal who is told things and asked things; or nobody, in a script."""

from __future__ import annotations

import getpass
import os
import select
import sys
from collections.abc import Callable


class NobodyAnswers(Exception):
    """Something is missing, and standard input has ended. The text is the option that says it."""


class Conversation:
    """tell writes one text as it is. Lines are read here alone: nothing is left in the buffers of
    sys.stdin, so that it can be waited for."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._buffer = b""
        self._ended = False

    def say(self, text: str = "") -> None:
        self._tell(f"{text}\n")

    def ask(self, question: str, option: str, usual: str = "", *, secret: bool = False) -> str:
        """The answer, or the usual one for an empty line. Raises NobodyAnswers."""
        prompt = f"{question}{f' [{usual}]' if usual else ''}: "
        if secret and sys.stdin.isatty():
            return getpass.getpass(prompt).strip()
        self._tell(prompt)
        line = self.line(None)
        if line is None:
            self.say()
            raise NobodyAnswers(option)
        return line.strip() or usual

    def line(self, seconds: float | None) -> str | None:
        """The next line. None at the end, and if there is none within so many seconds."""
        while not self._ended and b"\n" not in self._buffer:
            try:
                if not select.select([sys.stdin], [], [], seconds)[0]:
                    return None
                piece = os.read(sys.stdin.fileno(), 65536)
            except (OSError, ValueError):  # there is no standard input
                piece = b""
            self._buffer += piece
            self._ended = not piece
        if self._ended and not self._buffer:
            return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace")

    @property
    def is_over(self) -> bool:
        """Nobody will say anything any more."""
        return self._ended and not self._buffer
