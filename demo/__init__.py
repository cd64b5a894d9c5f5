"""The whole product on one machine, with a mailbox and a receiver of its own: `python -m demo`."""

from __future__ import annotations
