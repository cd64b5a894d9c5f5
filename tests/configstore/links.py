"""What tests of the magic links share."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import User

from configstore import magic_links
from configstore.backends.base import JSONObject
from configstore.declared import config_store
from configstore.documents import MagicLinkTokens
from configstore.magic_links import NewLink

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NAME = MagicLinkTokens.NAME


def staff_user(name: str = "ada") -> User:
    return User.objects.create_user(name, password="correct horse", is_staff=True)


def single_use(owner: str = "ada", now: datetime = NOW) -> NewLink:
    return magic_links.create(owner, single_use=True, author="ada", now=now)


def permanent(owner: str = "ada") -> NewLink:
    return magic_links.create(owner, single_use=False, author="ada", now=NOW)


def write(document: JSONObject) -> None:
    """As another program would: the former application, or a person."""
    current = config_store().current(MagicLinkTokens)
    config_store().save(MagicLinkTokens, NAME, document, current.version)


def stored() -> JSONObject:
    return config_store().current(MagicLinkTokens).raw or {}
