"""What all processes have counted, as families of metrics."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from polling import metrics as mailbox_metrics
from polling.models import Tally
from runtime import counters
from runtime.counters import INFINITE, LE, Counter, Histogram
from webhooks import metrics as delivery_metrics

PREFIX = "render_signal_"
# They declare what they count when they are imported.
DECLARING = (mailbox_metrics, delivery_metrics)
Values = dict[tuple[str, ...], float]
Totals = Mapping[str, list[tuple[dict[str, str], float]]]


def totals(names: Mapping[str, tuple[str, ...]]) -> list[Metric]:
    """names are those of the configuration, by label: what has not been counted of them is zero,
    for Prometheus sees no growth in a series that begins with 1."""
    found: defaultdict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
    for metric in counters.declared():
        name = metric.sum_name if isinstance(metric, Histogram) else metric.name
        found[name] += [(labels, 0.0) for labels in _expected(metric, names)]
    for name, labels, value in Tally.objects.values_list("name", "labels", "value"):
        found[name].append((json.loads(labels), value))
    return [_family(metric, found) for metric in counters.declared()]


def _expected(
    metric: Counter | Histogram, names: Mapping[str, tuple[str, ...]]
) -> Iterator[dict[str, str]]:
    words = {} if isinstance(metric, Histogram) else metric.words
    values = [words.get(label) or names.get(label, ()) for label in metric.labels]
    for combination in product(*values):
        yield dict(zip(metric.labels, combination, strict=True))


def _family(metric: Counter | Histogram, found: Totals) -> Metric:
    return _histogram(metric, found) if isinstance(metric, Histogram) else _counter(metric, found)


def _counter(metric: Counter, found: Totals) -> Metric:
    family = CounterMetricFamily(PREFIX + metric.name, metric.about, labels=metric.labels)
    for labels, value in _sorted(metric.labels, found.get(metric.name, [])).items():
        family.add_metric(labels, value)
    return family


def _histogram(metric: Histogram, found: Totals) -> Metric:
    family = HistogramMetricFamily(PREFIX + metric.name, metric.about, labels=metric.labels)
    counts = _sorted((*metric.labels, LE), found.get(metric.name, []))
    sums = _sorted(metric.labels, found.get(metric.sum_name, []))
    for labels, sum_value in sums.items():
        family.add_metric(labels, list(_buckets(metric, counts, labels)), sum_value)
    return family


def _buckets(
    metric: Histogram, counts: Values, labels: tuple[str, ...]
) -> Iterator[tuple[str, float]]:
    """Each with all that is below it."""
    total = 0.0
    for le in (*(f"{bound:g}" for bound in metric.bounds), INFINITE):
        total += counts.get((*labels, le), 0.0)
        yield le, total


def _sorted(names: tuple[str, ...], rows: list[tuple[dict[str, str], float]]) -> Values:
    """A label that a former release did not have is empty."""
    values: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for labels, value in rows:
        values[tuple(labels.get(name, "") for name in names)] += value
    return dict(sorted(values.items()))
