"""What the command lines of the measurements have in common."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """For a parser: a whole number above 0."""
    if text.isdecimal() and (value := int(text)):
        return value
    raise argparse.ArgumentTypeError(f"a whole number above 0 is wanted, not {text!r}")
