"""The whole dashboard, as one person may see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.declared import config_store
from configstore.store import ConfigStore, ConfigurationUnknown
from render_signal.dashboard.access import Access
from render_signal.dashboard.alert_needs import alert_needs
from render_signal.dashboard.chart import Chart, chart
from render_signal.dashboard.endpoint_needs import dead_needs, endpoint_needs, transfer_needs
from render_signal.dashboard.endpoints import Dead, Queue, dead, queues
from render_signal.dashboard.figures import (
    Figure,
    delivery_figures,
    settings_figure,
    speed_figure,
    transfer_figure,
)
from render_signal.dashboard.mailbox_needs import beginning_needs, mailbox_needs, nothing_set_up
from render_signal.dashboard.mailboxes import Mailbox, mailboxes
from render_signal.dashboard.need import Need
from render_signal.dashboard.rows import (
    DeadRow,
    MailboxRow,
    QueueRow,
    dead_rows,
    mailbox_rows,
    queue_rows,
)
from render_signal.dashboard.settings_state import (
    SettingsState,
    rule_needs,
    settings_needs,
    settings_state,
)
from webhooks.last_day import LastDay, Transfers, last_day, slowest_endpoint, transfers

MOST_ROWS = 8


@dataclass(frozen=True, kw_only=True)
class Board:
    now: datetime
    needs: tuple[Need, ...]
    headline: str
    figures: tuple[Figure, ...]
    mailboxes: tuple[MailboxRow, ...]
    chart: Chart | None
    queues: tuple[QueueRow, ...]
    dead: tuple[DeadRow, ...]
    dead_more: int
    may_resume: bool


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that is known at this moment, as far as anybody is to see it."""

    now: datetime
    settings: SettingsState
    mailboxes: Sequence[Mailbox]
    queues: Sequence[Queue]
    dead: Sequence[Dead]
    day: LastDay | None
    transfers: Transfers | None

    @property
    def redis_away(self) -> bool:
        return any(mailbox.holder.degraded for mailbox in self.mailboxes)

    @property
    def at_work(self) -> bool:
        return not any(mailbox.unheld for mailbox in self.mailboxes)


def board(request: HttpRequest) -> Board | None:
    """None for somebody who may see nothing of it."""
    access = Access.of(request)
    if not any(access.parts):
        return None
    scene = _scene(config_store(), access, timezone.now())
    since = f"{scene.day.since:%Y-%m-%dT%H:%M:%SZ}" if scene.day else ""
    needs = tuple(_needs(scene, access, since))
    shown = tuple(dead_rows(scene.dead))
    return Board(
        now=scene.now,
        needs=needs,
        headline=_headline(needs, access),
        figures=tuple(_figures(scene, access, since)),
        mailboxes=tuple(mailbox_rows(scene.mailboxes, access)),
        chart=chart(scene.day) if scene.day and access.deliveries else None,
        queues=tuple(queue_rows(scene.queues, access)) if access.deliveries else (),
        dead=shown[:MOST_ROWS],
        dead_more=max(0, len(shown) - MOST_ROWS),
        may_resume=access.resume,
    )


def _scene(store: ConfigStore, access: Access, now: datetime) -> Scene:
    boxes: Sequence[Mailbox] = ()
    if access.mailboxes or access.mailbox_states or access.mails:
        with suppress(ConfigurationUnknown):  # told by the settings
            boxes = mailboxes(store, now)
    seen = access.deliveries or access.endpoints
    waiting = queues(store, now) if seen else ()
    return Scene(
        now=now,
        settings=settings_state(store),
        mailboxes=boxes,
        queues=waiting,
        dead=dead() if access.deliveries else (),
        day=last_day(now) if access.deliveries or access.transfers else None,
        transfers=transfers(now) if access.transfers and settings.R2_FETCH_ENABLED else None,
    )


def _needs(scene: Scene, access: Access, since: str) -> Iterator[Need]:
    yield from settings_needs(scene.settings, access, scene.redis_away)
    yield from mailbox_needs(scene.mailboxes, access)
    if not nothing_set_up(scene.mailboxes):
        yield from beginning_needs(scene.settings.reading_waits, access)
    yield from endpoint_needs(scene.queues, access, scene.at_work)
    yield from rule_needs(scene.settings.nowhere, access)
    yield from dead_needs(scene.dead, access)
    yield from transfer_needs(scene.transfers, access, since)
    if not nothing_set_up(scene.mailboxes):
        yield from alert_needs(scene.settings.unheard, access)


def _figures(scene: Scene, access: Access, since: str) -> Iterator[Figure]:
    if access.deliveries and scene.day:
        yield from delivery_figures(scene.day, scene.queues, scene.dead, access, since)
        yield speed_figure(slowest_endpoint(scene.now), since)
    if access.transfers:
        yield transfer_figure(scene.transfers, since)
    yield settings_figure(scene.settings, access)


def _headline(needs: Sequence[Need], access: Access) -> str:
    if needs:
        text = ngettext("%(count)d thing needs you", "%(count)d things need you", len(needs))
        return text % {"count": len(needs)}
    return _("All is well") if all(access.parts) else _("All that you may see is well")
