"""The settings on the first page: what is in force, and the way to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from configstore import magic_link_list
from configstore.admin.permissions import may_change, may_view
from configstore.declared import config_store
from configstore.differences import readable
from configstore.document import Document
from configstore.documents import (
    MagicLinkTokens,
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
)
from configstore.extra_pages import page_of
from configstore.fields import WEEKDAYS
from configstore.forms.webhook import DAY_NAMES
from configstore.rule_endpoints import leading_nowhere
from configstore.store import ConfigurationUnknown
from configstore.wording import translated

D = TypeVar("D", bound=Document)
Facts = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Card:
    title: str
    facts: Facts
    actions: list[tuple[str, str]]
    trouble: str = ""


def cards(request: HttpRequest) -> list[Card]:
    return list(_cards(request))


def _cards(request: HttpRequest) -> Iterator[Card]:
    change = _("Change") if may_change(request, PollingConfig.NAME) else _("Look")
    mailboxes = reverse("admin:configstore_mailbox_changelist")
    default = reverse("admin:configstore_mailbox_change", args=["default"])
    if may_view(request, PollingConfig.NAME):
        yield _card(
            _("Mails: senders and times"),
            PollingConfig,
            _polling,
            [(change, default), (_("All mailboxes"), mailboxes)],
        )
    if may_view(request, WebhookConfig.NAME):
        page = reverse("admin:configstore_webhook_change", args=[WebhookConfig.NAME])
        endpoints = reverse("admin:configstore_webhook_changelist")
        yield _card(
            _("Webhook: address and times"),
            WebhookConfig,
            _webhook,
            [(change, page), (_("All endpoints"), endpoints)],
        )
    if may_view(request, RoutingRules.NAME):
        yield _card(_("Routing rules"), RoutingRules, _routing, _routing_pages(request))
    if may_view(request, ProcessingPrefs.NAME):
        page = reverse("admin:configstore_processing_change", args=[ProcessingPrefs.NAME])
        yield _card(
            _("Processing: filters, retries"), ProcessingPrefs, _processing, [(change, page)]
        )
    if request.user.has_perm("configstore.view_magiclink"):
        page = reverse("admin:configstore_magiclink_changelist")
        yield _card(_("Magic links"), MagicLinkTokens, _links, [(_("Make or revoke"), page)])


def _card(
    title: str, kind: type[D], facts: Callable[[D], Facts], actions: list[tuple[str, str]]
) -> Card:
    try:
        current = config_store().current(kind)
    except ConfigurationUnknown as exc:
        return Card(title=title, facts=[], actions=actions, trouble=translated(str(exc)))
    trouble = translated(current.fault)
    return Card(title=title, facts=facts(current.document), actions=actions, trouble=trouble)


def _polling(config: PollingConfig) -> Facts:
    if not config.enable_polling:
        return [(_("Reading"), _("switched off"))]
    return [
        (_("Senders"), _few(config.sender_of_interest_for_polling) or _("every sender")),
        (_("Days"), _days(config.active_days)),
        (_("Hours"), _hours(config)),
        *([(_("Vacation"), _vacation(config))] if config.vacation_start else []),
    ]


def _webhook(config: WebhookConfig) -> Facts:
    start, end = config.webhook_time_start, config.webhook_time_end
    window = f"{start}–{end}" if start and end else _("at any time")
    return [
        (_("Address"), readable("webhook_url", config.webhook_url)),
        (_("Leaves"), window if config.webhook_sending_enabled else _("switched off")),
        *([(_("Absence"), _absence(config))] if config.absence_pause_enabled else []),
        *([] if config.webhook_ssl_verify else [(_("Certificate"), _("not checked!"))]),
        *([(_("More endpoints"), _few(config.endpoints))] if config.endpoints else []),
    ]


def _routing(config: RoutingRules) -> Facts:
    active = [rule for rule in config.rules if rule.enabled]
    off = len(config.rules) - len(active)
    count = ngettext("%(count)d rule", "%(count)d rules", len(active)) % {"count": len(active)}
    if off:
        count += ngettext(", %(off)d switched off", ", %(off)d switched off", off) % {"off": off}
    nowhere = leading_nowhere(config_store(), config)
    endpoints = tuple(dict.fromkeys(rule.endpoint for rule in active))
    return [
        (_("In force"), count),
        (_("Endpoints"), _few(endpoints) or _("every mail goes to the default one")),
        *([(_("Not described!"), _few(tuple(nowhere)))] if nowhere else []),
    ]


def _routing_pages(request: HttpRequest) -> list[tuple[str, str]]:
    change = _("Change") if may_change(request, RoutingRules.NAME) else _("Look")
    address = reverse("admin:configstore_routing_change", args=[RoutingRules.NAME])
    page = page_of(RoutingRules.NAME)
    return [(change, address), *([(str(page.label), page.address)] if page else [])]


def _processing(prefs: ProcessingPrefs) -> Facts:
    return [
        (_("Without links"), readable("", prefs.relay_without_links)),
        (_("Excluded"), _few(prefs.exclude_keywords) or "—"),
        (_("Quick retries"), str(prefs.retry_count)),
    ]


def _links(tokens: MagicLinkTokens) -> Facts:
    usable = sum(
        link.state is magic_link_list.State.USABLE for link in magic_link_list.links(timezone.now())
    )
    return [(_("Usable"), str(usable)), (pgettext("links", "All"), str(len(tokens.links)))]


def _few(values: tuple[str, ...]) -> str:
    shown, more = ", ".join(values[:3]), len(values) - 3
    if more <= 0:
        return shown
    return (
        shown + " " + ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
    )


def _days(days: tuple[int, ...]) -> str:
    if len(set(days)) == len(DAY_NAMES):
        return _("every day")
    return ", ".join(str(DAY_NAMES[day]) for day in sorted(set(days))) or _("never")


def _hours(config: PollingConfig) -> str:
    start, end = config.active_start_hour, config.active_end_hour
    if start is None or end is None:
        return _("all day")
    return f"{start:02d}:00–{end:02d}:00 ({config.timezone})"


def _vacation(config: PollingConfig) -> str:
    return f"{config.vacation_start} – {config.vacation_end or '…'}"


def _absence(config: WebhookConfig) -> str:
    names = dict(zip(WEEKDAYS, DAY_NAMES, strict=True))
    return ", ".join(str(names[day]) for day in config.absence_pause_days)
