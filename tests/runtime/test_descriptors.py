from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import resource
from runtime.descriptors import allow_many_descriptors
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
allow_many_descriptors()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard)
"""


def test_a_process_may_open_as_much_as_the_system_lets_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    soft, hard = map(int, done.stdout.split())
    assert soft == (65_536 if hard == -1 else min(hard, 65_536))
