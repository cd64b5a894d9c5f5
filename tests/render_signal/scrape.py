"""The answer of /metrics, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

Scraped = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(text: str) -> Scraped:
    return {
        (sample.name.removeprefix("render_signal_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Scraped, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))
