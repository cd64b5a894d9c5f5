"""GET /metrics, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from render_signal.health.probing import ANSWER_SECONDS, PROBE_SECONDS
from render_signal.metrics import state
from render_signal.metrics.state import Found
from render_signal.metrics.totals import PREFIX, totals
from runtime.calls import CallFailed, Calls, StillUnderWay
from runtime.connections import waiting_at_most

Ask = Callable[[], Found]


def _database() -> Found:
    return Found([*totals(state.names()), *state.deliveries(), *state.mailboxes()])


PARTS: dict[str, Ask] = {
    "database": _database,
    "locks": state.locks,
    "configuration": state.configuration,
}
# All requests of the process share what is under way.
_calls: Calls[Found] = Calls(DatabaseError)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """What cannot be known within a second is left out, and render_signal_scrape_success says
    so."""
    token = settings.METRICS_TOKEN
    if token and not _knows(token, request):
        response = HttpResponse("The token is missing or wrong.\n", "text/plain", 401)
        response["WWW-Authenticate"] = "Bearer"
        return response
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    registry = CollectorRegistry()
    registry.register(_Scrape())
    return HttpResponse(encode(registry), content_type)


class _Scrape:
    """A collector, as prometheus_client asks one."""

    def __init__(self) -> None:
        self._asked: list[Metric] | None = None

    def collect(self) -> Iterator[Metric]:
        self._asked = self._asked if self._asked is not None else list(_asked())
        return iter(self._asked)


def _asked() -> Iterator[Metric]:
    ends = time.monotonic() + PROBE_SECONDS
    calls = {name: _calls.begin(f"metrics {name}", _own(ask)) for name, ask in PARTS.items()}
    success = GaugeMetricFamily(
        f"{PREFIX}scrape_success", "Whether all of this part could be asked.", labels=("part",)
    )
    for name, call in calls.items():
        try:
            found = call.wait(ends - time.monotonic())
        except (StillUnderWay, CallFailed, DatabaseError):
            success.add_metric((name,), 0)
            continue
        success.add_metric((name,), int(found.complete))
        yield from found.families
    yield success


def _own(ask: Ask) -> Ask:
    def run() -> Found:
        try:
            with waiting_at_most(ANSWER_SECONDS):
                return ask()
        finally:
            connections.close_all()  # those of this thread

    return run


def _knows(token: str, request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and constant_time_compare(given.strip(), token)
