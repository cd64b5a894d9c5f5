"""The configuration in the admin: one page a document, its history, links to log in with."""

from __future__ import annotations

from configstore.admin.documents import ProcessingAdmin, WebhookAdmin
from configstore.admin.history import RevisionAdmin
from configstore.admin.magic_links import MagicLinkAdmin
from configstore.admin.mailboxes import MailboxAdmin
from configstore.admin.routing import RoutingAdmin

__all__ = [
    "MagicLinkAdmin",
    "MailboxAdmin",
    "ProcessingAdmin",
    "RevisionAdmin",
    "RoutingAdmin",
    "WebhookAdmin",
]
