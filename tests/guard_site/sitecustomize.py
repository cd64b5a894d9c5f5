"""Found through PYTHONPATH by each Python process that a test starts."""

from __future__ import annotations

from tests import clocks, faults, guard

guard.install(in_child=True)
faults.arm()
clocks.arm()
