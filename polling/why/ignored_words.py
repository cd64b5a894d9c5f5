"""Why a mail was not relayed, and which setting on which page says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import formats
from django.utils.translation import gettext as _

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.moments import moment
from polling.models import Mail
from polling.selection import BYTES_PER_MB, Reason, is_wanted, subject_group
from polling.why.steps import Step, mail_page, mailbox_page
from webhooks.pages import Link, processing_page

FEW = 5


def steps(
    mail: Mail,
    config: PollingConfig | None,
    prefs: ProcessingPrefs | None,
    kept_back_by: Mail | None,
) -> Iterator[Step]:
    """config and prefs are those of now, None where they are not known."""
    reason = Reason(mail.reason) if mail.reason else None
    if reason is Reason.SENDER:
        yield _sender(mail, config)
    elif reason is Reason.SUBJECT_GROUP:
        yield from _group(mail, kept_back_by)
    elif reason is Reason.REPLY:
        yield Step(text=_reply())
        return
    elif reason is not None:
        yield _processing(reason, mail, prefs)
    yield Step(
        text=_(
            "What is changed counts for mails that come later. For this one, have it sent to the "
            "mailbox once more: by its sender, or by you, but not as a reply or a forward."
        )
    )


def _sender(mail: Mail, config: PollingConfig | None) -> Step:
    facts = {"sender": mail.sender_email or _("(no sender)"), "mailbox": mail.mailbox.name}
    link = mailbox_page(mail.mailbox.name, "sender_of_interest_for_polling")
    if config is None:
        text = _("%(sender)s was not on the list of senders of mailbox %(mailbox)s.")
        return Step(text=text % facts, link=link)
    senders = config.sender_of_interest_for_polling
    if is_wanted(mail.sender_email, senders):
        text = _(
            "%(sender)s was not on the list of senders of mailbox %(mailbox)s then; by now it is."
        )
        return Step(text=text % facts, link=link)
    text = _(
        "%(sender)s is not on the list of senders of mailbox %(mailbox)s, which has %(senders)s. "
        "Add the address, or its domain, there."
    )
    return Step(text=text % {**facts, "senders": _few(senders)}, link=link)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:FEW])
    return f"{shown}, …" if len(names) > FEW else shown


def _reply() -> str:
    return _(
        "Its subject begins as that of a reply or a forward does (Re:, Fwd:, Tr: …). Such mails "
        "are never relayed; no setting changes that. To have it relayed, send it to the mailbox "
        "once more, as a new mail."
    )


def _group(mail: Mail, other: Mail | None) -> Iterator[Step]:
    text = _(
        "Of all mails about “%(group)s” one is relayed in a month, or in the time that is set "
        "(enable_subject_group_dedup, subject_group_ttl_seconds)."
    ) % {"group": subject_group(mail.subject)}
    yield Step(text=text, link=mailbox_page(mail.mailbox.name, "enable_subject_group_dedup"))
    if other is None:
        yield Step(text=_("The mail that was relayed is not in the journal any more."))
        return
    facts = {"subject": other.subject, "moment": moment(other.received_at or other.seen_at)}
    text = _("The one that was relayed is “%(subject)s” of %(moment)s.") % facts
    yield Step(text=text, link=mail_page(other.pk))


def _processing(reason: Reason, mail: Mail, prefs: ProcessingPrefs | None) -> Step:
    field, text = {
        Reason.SIZE: ("max_email_size_mb", _size(mail, prefs)),
        Reason.KEYWORD: ("exclude_keywords", _keywords(prefs)),
        Reason.NO_ATTACHMENT: (
            "require_attachments",
            _(
                "Mails without an attachment are kept back as long as only those with one are "
                "wanted."
            ),
        ),
        Reason.NO_LINK: (
            "relay_without_links",
            _(
                "Mails without a link to Dropbox, FromSmash or SwissTransfer are relayed only if "
                "“Relay mails without delivery links too” is on."
            ),
        ),
    }[reason]
    link: Link = processing_page(field)
    return Step(text=text, link=link)


def _size(mail: Mail, prefs: ProcessingPrefs | None) -> str:
    size = formats.number_format(mail.size / BYTES_PER_MB, 1)
    if prefs is None or not prefs.max_email_size_mb:
        return _("It has %(size)s MB, which was more than allowed (max_email_size_mb).") % {
            "size": size
        }
    return _("It has %(size)s MB; %(limit)d MB are allowed (max_email_size_mb).") % {
        "size": size, "limit": prefs.max_email_size_mb,
    }  # fmt: skip


def _keywords(prefs: ProcessingPrefs | None) -> str:
    if prefs is None or not prefs.exclude_keywords:
        return _("Its subject or its text had one of the words of exclude_keywords.")
    return _("Its subject or its text has one of the words that keep mails back: %(words)s.") % {
        "words": _few(prefs.exclude_keywords)
    }
