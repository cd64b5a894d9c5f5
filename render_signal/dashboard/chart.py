"""The last 24 hours as a picture: where its bars stand, in units of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from render_signal.dashboard import addresses
from webhooks.last_day import Hour, LastDay
from webhooks.models import State

WIDTH, HEIGHT = 1000, 200
GAP = 6
# A single one is seen among thousands.
LEAST = 5.0


@dataclass(frozen=True, kw_only=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """An hour: its bars, and its numbers with the rows behind them, if there are any."""

    hour: Hour
    label: str
    title: str
    bars: tuple[Bar, ...]
    delivered: str
    failed: str
    dead: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """top is the most of an hour, the height of the picture. labels stand below it."""

    day: LastDay
    columns: tuple[Column, ...]
    top: int
    labels: tuple[str, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT


def chart(day: LastDay) -> Chart:
    top = max((_total(hour) for hour in day.hours), default=0)
    step = WIDTH / max(len(day.hours), 1)
    columns = tuple(_column(hour, place * step, step, top) for place, hour in enumerate(day.hours))
    return Chart(
        day=day,
        columns=columns,
        top=top,
        labels=tuple(column.label for column in columns[::6]),
        summary=_("%(delivered)d delivered, %(failed)d with a failed try, %(dead)d dead")
        % {"delivered": day.delivered, "failed": day.failed, "dead": day.dead},
    )


def _total(hour: Hour) -> int:
    return hour.delivered + hour.failed + hour.dead


def _column(hour: Hour, x: float, step: float, top: int) -> Column:
    label = _time(hour.begins)
    numbers = {"delivered": hour.delivered, "failed": hour.failed, "dead": hour.dead}
    text = _("%(begins)s to %(ends)s: %(delivered)d delivered, %(failed)d with a failed try, "
             "%(dead)d dead")  # fmt: skip
    settled = {"settled_at__gte": _iso(hour.begins), "settled_at__lt": _iso(hour.ends)}
    return Column(
        hour=hour,
        label=label,
        title=text % {"begins": label, "ends": _time(hour.ends), **numbers},
        bars=tuple(_bars(numbers, x, step, top)),
        delivered=_rows(hour.delivered, state__exact=State.DELIVERED, **settled),
        failed=_rows(hour.failed, failed=f"{_iso(hour.begins)},{_iso(hour.ends)}"),
        dead=_rows(hour.dead, state__exact=State.DEAD, **settled),
    )


def _rows(count: int, **query: str) -> str:
    return addresses.deliveries(**query) if count else ""


def _bars(numbers: dict[str, int], x: float, step: float, top: int) -> Sequence[Bar]:
    """One on the other, what went well at the bottom."""
    bars, foot = [], float(HEIGHT)
    room = HEIGHT - LEAST * len(numbers)
    for kind, count in numbers.items():
        if not count:
            continue
        height = LEAST + room * count / top
        foot -= height
        bars.append(
            Bar(
                kind=kind,
                x=round(x + GAP / 2, 1),
                y=round(foot, 1),
                width=round(step - GAP, 1),
                height=round(height, 1),
            )
        )
    return bars


def _time(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "TIME_FORMAT")


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
