"""The configuration in the admin: one page a document, its history, links to log in with."""

from __future__ import annotations

from configstore.admin.documents import ProcessingAdmin
from configstore.admin.endpoints import EndpointAdmin
from configstore.admin.history import RevisionAdmin
from configstore.admin.magic_links import MagicLinkAdmin
from configstore.admin.mailboxes import MailboxAdmin
from configstore.admin.routing import RoutingAdmin
from configstore.admin.users import PersonAdmin, TeamAdmin

__all__ = [
    "EndpointAdmin",
    "MagicLinkAdmin",
    "MailboxAdmin",
    "ProcessingAdmin",
    "RevisionAdmin",
    "PersonAdmin",
    "RoutingAdmin",
    "TeamAdmin",
]
