"""What of the dashboard a person may see and do."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from configstore.admin.permissions import may_view
from configstore.documents import PollingConfig, ProcessingPrefs, RoutingRules, WebhookConfig
from render_signal.assistant.pages import may_use


@dataclass(frozen=True, kw_only=True)
class Access:
    """The first ones are what the person may see, the others what they may do."""

    mailboxes: bool
    endpoints: bool
    routing: bool
    processing: bool
    mailbox_states: bool
    mails: bool
    deliveries: bool
    transfers: bool
    resume: bool
    resend: bool
    set_up: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Access:
        may = request.user.has_perm
        return cls(
            mailboxes=may_view(request, PollingConfig.NAME),
            endpoints=may_view(request, WebhookConfig.NAME),
            routing=may_view(request, RoutingRules.NAME),
            processing=may_view(request, ProcessingPrefs.NAME),
            mailbox_states=may("polling.view_mailboxstate"),
            mails=may("polling.view_mail"),
            deliveries=may("webhooks.view_delivery"),
            transfers=may("webhooks.view_transfer"),
            resume=may("webhooks.change_endpointstate"),
            resend=may("webhooks.change_delivery"),
            set_up=may_use(request),
        )

    @property
    def parts(self) -> tuple[bool, ...]:
        return (
            self.mailboxes or self.mailbox_states,
            self.endpoints,
            self.deliveries,
            self.mails,
            self.routing,
            self.processing,
            self.transfers,
        )

    def may_view(self, document: str) -> bool:
        seen = {
            PollingConfig.NAME: self.mailboxes,
            WebhookConfig.NAME: self.endpoints,
            RoutingRules.NAME: self.routing,
            ProcessingPrefs.NAME: self.processing,
        }
        return seen.get(document.partition(":")[0], False)
