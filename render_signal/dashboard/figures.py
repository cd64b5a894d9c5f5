"""The numbers of the first page, each with the rows behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from configstore.wording import store_names
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.endpoints import Dead, Queue
from render_signal.dashboard.settings_state import SettingsState
from render_signal.dashboard.words import moment, seconds
from webhooks import journal
from webhooks.last_day import LastDay, Speed, Transfers
from webhooks.models import Delivery, State


@dataclass(frozen=True, kw_only=True)
class Figure:
    """address "": there is nothing behind it, or nothing that the person may see."""

    key: str
    label: str
    value: str
    address: str = ""
    note: str = ""
    note_address: str = ""


def delivery_figures(
    day: LastDay, queues: Sequence[Queue], dead: Sequence[Dead], access: Access, since: str
) -> Iterator[Figure]:
    yield Figure(
        key="delivered",
        label=_("Delivered in 24 hours"),
        value=str(day.delivered),
        address=addresses.deliveries(state__exact=State.DELIVERED, settled_at__gte=since),
    )
    yield Figure(
        key="failed",
        label=_("With a failed try in 24 hours"),
        value=str(day.failed),
        address=addresses.deliveries(failed="day"),
    )
    held = sum(queue.waiting for queue in queues if queue.held)
    text = ngettext("%(count)d of them held", "%(count)d of them held", held)
    yield Figure(
        key="waiting",
        label=_("Waiting"),
        value=str(sum(queue.waiting for queue in queues)),
        address=addresses.deliveries(open="yes"),
        note=text % {"count": held} if held else "",
    )
    yield Figure(
        key="dead",
        label=_("Dead"),
        value=str(sum(each.count for each in dead)),
        address=addresses.deliveries(state__exact=State.DEAD),
    )
    yield _oldest(queues, access)


def _oldest(queues: Sequence[Queue], access: Access) -> Figure:
    label = _("Mail that waits longest")
    oldest = min((queue.oldest for queue in queues if queue.oldest), default=None)
    delivery = journal.oldest_open(oldest) if oldest else None
    if delivery is None:
        return Figure(key="oldest", label=label, value="—", note=_("nothing waits"))
    return Figure(
        key="oldest",
        label=label,
        value=_("since %(moment)s") % {"moment": moment(oldest)},
        address=_page(delivery, access),
        note=delivery.subject or _("(no subject)"),
    )


def _page(delivery: Delivery, access: Access) -> str:
    mail = addresses.mail_of(delivery.message_id)
    return mail if access.mails else addresses.delivery(delivery.pk)


def speed_figure(speed: Speed | None, since: str) -> Figure:
    label = _("Slowest endpoint")
    if speed is None:
        return Figure(key="slowest", label=label, value="—", note=_("no try in 24 hours"))
    times = {"p95": seconds(speed.p95), "longest": seconds(speed.longest)}
    return Figure(
        key="slowest",
        label=label,
        value=_("%(name)s: %(mean)s") % {"name": speed.endpoint, "mean": seconds(speed.mean)},
        address=addresses.deliveries(endpoint=speed.endpoint, tried_at__gte=since),
        note=_("on average; 95 of 100 within %(p95)s, the slowest took %(longest)s") % times,
        note_address=addresses.delivery(speed.delivery_id),
    )


def transfer_figure(transfers: Transfers | None, since: str) -> Figure:
    label = _("Files moved to R2")
    if transfers is None:
        return Figure(
            key="files",
            label=label,
            value=pgettext("R2", "off"),
            note=_("R2_FETCH_ENABLED is false"),
        )
    if transfers.percent is None:
        return Figure(key="files", label=label, value="—", note=_("none in 24 hours"))
    note, address = "", ""
    if transfers.failed:
        text = ngettext("%(count)d failed", "%(count)d failed", transfers.failed)
        note = text % {"count": transfers.failed}
        address = addresses.transfers(failed_at__gte=since)
    return Figure(
        key="files",
        label=label,
        value=_("%(percent)d %%") % {"percent": transfers.percent},
        address=addresses.transfers(transferred_at__gte=since),
        note=note,
        note_address=address,
    )


def settings_figure(state: SettingsState, access: Access) -> Figure:
    sources = list(dict.fromkeys(state.sources.values()))
    page = next((name for name in state.sources if access.may_view(name)), "")
    return Figure(
        key="settings",
        label=_("Settings come from"),
        value=store_names(sources) or _("nowhere"),
        address=addresses.document(page) if page else "",
        note=_("REDIS_URL is not set") if not settings.REDIS_URL else "",
    )
