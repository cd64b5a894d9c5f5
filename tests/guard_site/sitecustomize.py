"""Found through PYTHONPATH by each Python process that a test starts."""

from __future__ import annotations

from tests import guard

guard.install(in_child=True)
