"""Which mails are relayed. Pure functions: a mail, the configuration, what was relayed before.

Each gives the reason to ignore the mail, None to relay it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from django.db import models
from django.utils.translation import gettext_lazy as _

from configstore.documents import PollingConfig, ProcessingPrefs
from polling.mail import Body, Header, Overview

REPLY_PREFIX = re.compile(r"\s*(?:re|fw|fwd|rv|tr|aw|wg|antw)(?:\[\d+\])?\s*:\s*", re.IGNORECASE)
LOT = re.compile(r"\blot\s+(\d{1,18})\b")
BYTES_PER_MB = 1_000_000
# Four bytes each, in an index of which PostgreSQL takes 2700.
GROUP_CHARACTERS = 250


class Reason(models.TextChoices):
    """Why a mail was not relayed, as the journal says it."""

    SENDER = "sender", _("its sender is not on the list")
    REPLY = "reply", _("it is a reply or a forward")
    SIZE = "size", _("it is larger than allowed")
    KEYWORD = "keyword", _("it contains an excluded word")
    NO_ATTACHMENT = "no_attachment", _("it has no attachment")
    NO_LINK = "no_link", _("it has no delivery link")
    SUBJECT_GROUP = "subject_group", _("another mail of its subject group was relayed")


def screen(mail: Overview, config: PollingConfig, prefs: ProcessingPrefs) -> Reason | None:
    """What the header fields and the size decide, before anything more is fetched."""
    if not is_wanted(mail.header.sender_email, config.sender_of_interest_for_polling):
        return Reason.SENDER
    if REPLY_PREFIX.match(mail.header.subject):
        return Reason.REPLY
    if prefs.max_email_size_mb and mail.size > prefs.max_email_size_mb * BYTES_PER_MB:
        return Reason.SIZE
    return None


def select(
    header: Header,
    body: Body,
    config: PollingConfig,
    prefs: ProcessingPrefs,
    relayed_groups: Container[str],
) -> Reason | None:
    """What the content decides. relayed_groups: subject groups that had their mail already."""
    if _contains_any(f"{header.subject}\n{body.text}", prefs.exclude_keywords):
        return Reason.KEYWORD
    if prefs.require_attachments and not body.attachments:
        return Reason.NO_ATTACHMENT
    if not body.links and not prefs.relay_without_links:
        return Reason.NO_LINK
    if config.enable_subject_group_dedup and subject_group(header.subject) in relayed_groups:
        return Reason.SUBJECT_GROUP
    return None


def subject_group(subject: str) -> str:
    """What the subjects of one business have in common: `lot N` if they name one, else the
    subject without reply prefixes, case, accents and runs of spaces."""
    folded = unicodedata.normalize("NFKD", subject)
    folded = "".join(char for char in folded if not unicodedata.combining(char)).casefold()
    folded = " ".join(folded.split())
    while found := REPLY_PREFIX.match(folded):
        folded = folded[found.end() :]
    lot = LOT.search(folded)
    return f"lot {int(lot[1])}" if lot else folded[:GROUP_CHARACTERS]


def is_wanted(address: str, wanted: tuple[str, ...]) -> bool:
    """An entry is an address, or a domain written as example.com or @example.com."""
    if not wanted:
        return True
    domain = address.rpartition("@")[2]
    return any(
        entry == address or ("@" not in entry.lstrip("@") and entry.lstrip("@") == domain)
        for entry in wanted
    )


def _contains_any(text: str, words: tuple[str, ...]) -> bool:
    folded = text.casefold()
    return any(word.casefold() in folded for word in words)
