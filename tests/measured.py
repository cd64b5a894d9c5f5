"""A file of results, as `make bench` writes one."""

from __future__ import annotations

import json

from benchmarks.figures import Measurement


def results(*measurements: Measurement) -> dict[str, object]:
    machine = {"cores": 2, "system": "Linux 6", "python": "3.11.7"}
    made = [json.loads(json.dumps(each.as_json())) for each in measurements]
    return {"scale": "quick", "runs": 3, "machine": machine, "measurements": made}
