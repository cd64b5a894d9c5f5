"""What may go wrong with a relay on one machine, by number.

`python -m tests.chaos.table` runs the tests of all.
"""

from __future__ import annotations

from tests.chaos.delivery_cases import DELIVERIES
from tests.chaos.process_cases import PROCESSES
from tests.chaos.server_cases import SERVERS

CASES = sorted([*PROCESSES, *SERVERS, *DELIVERIES], key=lambda case: case.number)
