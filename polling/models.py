"""What is remembered of mailboxes and of every mail they showed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from polling.accounts import Account
from polling.errors import MailboxTrouble
from polling.protocol.models import ProtocolLine as ProtocolLine
from polling.protocol.models import ProtocolLog as ProtocolLog
from polling.selection import Reason


class MailboxState(models.Model):
    """How far a mailbox has been read.

    last_uid is the watermark: every mail up to it is in the journal. It counts only together
    with uidvalidity; None means that the catch-up is not finished. start_uid and started_at
    tell what was there when this numbering was first met, and may be no business of ours.
    connected_at is when the last session began.
    """

    name = models.CharField(_("name"), max_length=100)
    identity = models.CharField(_("identity"), max_length=500, unique=True)
    uidvalidity = models.BigIntegerField(_("UIDVALIDITY"), default=0)
    last_uid = models.BigIntegerField(_("last UID"), null=True)
    start_uid = models.BigIntegerField(_("start UID"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    catch_up_done = models.PositiveIntegerField(_("caught up on"), default=0, db_default=0)
    catch_up_total = models.PositiveIntegerField(_("to catch up on"), default=0, db_default=0)
    connected_at = models.DateTimeField(_("connected at"), null=True)
    searched_at = models.DateTimeField(_("searched at"), null=True)
    trouble = models.CharField(_("trouble"), max_length=500, blank=True)
    trouble_kind = models.CharField(_("kind of trouble"), max_length=20, blank=True)
    trouble_since = models.DateTimeField(_("trouble since"), null=True)
    standing_down = models.CharField(_("standing down"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("mailbox state")
        verbose_name_plural = _("mailbox states")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, account: Account) -> MailboxState:
        state, _ = cls.objects.get_or_create(
            identity=account.identity, defaults={"name": account.name}
        )
        if state.name != account.name:
            state._set(name=account.name)
        return state

    def begin_epoch(self, uidvalidity: int) -> None:
        """The UIDs that were known mean nothing any more (RFC 9051, 2.3.1.1)."""
        self._set(uidvalidity=uidvalidity, last_uid=None, start_uid=None, started_at=None)

    def note_start(self, last_uid: int, now: datetime) -> bool:
        """What there was when it was first met under this numbering. False if that is known."""
        if self.start_uid is not None:
            return False
        self._set(start_uid=last_uid, started_at=now)
        return True

    def advance(self, last_uid: int) -> None:
        """Every mail up to this one is committed."""
        self._set(last_uid=last_uid)

    def note_connected(self, now: datetime) -> None:
        self._set(connected_at=now, standing_down="")

    def note_progress(self, done: int, total: int, now: datetime) -> None:
        """Of a catch-up, which is a search that takes its time."""
        self._set(catch_up_done=done, catch_up_total=total, searched_at=now)

    def note_searched(self, now: datetime, less: MailboxTrouble | None = None) -> None:
        """The proof that the mailbox is served: a search that was answered. less: a trouble with
        which it is served all the same; it is older than the search."""
        if self.catch_up_total:
            self._set(catch_up_done=0, catch_up_total=0)
        if less is None:
            self._set(searched_at=now, trouble="", trouble_kind="", trouble_since=None)
            return
        self._set(
            searched_at=now,
            trouble=str(less)[:500],
            trouble_kind=less.kind.value,
            trouble_since=self.trouble_since or now,
        )

    def note_trouble(self, sentence: str, kind: str, now: datetime) -> None:
        since = now if self.trouble_since is None or self.served else self.trouble_since
        self._set(trouble=sentence[:500], trouble_kind=kind, trouble_since=since)

    @property
    def served(self) -> bool:
        """In spite of its trouble."""
        searched, since = self.searched_at, self.trouble_since
        return searched is not None and since is not None and searched >= since

    @cached_property
    def quarantined(self) -> int:
        """How many of its mails could not be read."""
        return self.mails.filter(state=MailState.QUARANTINED).count()

    def note_standing_down(self, reason: str) -> None:
        self._set(standing_down=reason[:200])

    def _set(self, **fields: Any) -> None:
        """Only these columns, here and in the row: other columns may have other writers."""
        for name, value in fields.items():
            setattr(self, name, value)
        type(self).objects.filter(pk=self.pk).update(**fields)


class MailState(models.TextChoices):
    """failed -> … | quarantined; relayed -> settled."""

    IGNORED = "ignored", _("ignored")
    RELAYED = "relayed", _("handed over for delivery")
    SETTLED = "settled", pgettext_lazy("mail", "settled")
    FAILED = "failed", _("could not be read yet")
    QUARANTINED = "quarantined", _("quarantined")
    GONE = "gone", _("vanished before it was read")


class Mail(models.Model):
    """A mail that a mailbox showed, and what became of it.

    message_id is our own id, by which its deliveries are found; "" while it has none. words is
    what a person finds it by (polling.mail_words), None where an older release wrote the row. A
    row whose uidvalidity is negative is retired: its UID belongs to another mail by now.
    """

    mailbox = models.ForeignKey(
        MailboxState, models.CASCADE, related_name="mails", verbose_name=_("mailbox")
    )
    uidvalidity = models.BigIntegerField(_("UIDVALIDITY"))
    uid = models.BigIntegerField(_("UID"))
    state = models.CharField(_("state"), max_length=12, choices=MailState)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    fault = models.CharField(_("fault"), max_length=500, blank=True)
    message_id = models.CharField(_("message id"), max_length=64, blank=True)
    subject = models.CharField(_("subject"), max_length=1000, blank=True)
    sender_email = models.CharField(_("sender"), max_length=500, blank=True)
    words = models.TextField(null=True, editable=False)
    subject_group = models.CharField(_("subject group"), max_length=1000, blank=True)
    size = models.BigIntegerField(_("size"), default=0)
    received_at = models.DateTimeField(_("received at"), null=True)
    seen_at = models.DateTimeField(_("seen at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    retry_at = models.DateTimeField(_("retry at"), null=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uidvalidity", "uid"], name="one_row_per_mail"
            )
        ]
        indexes = [
            # Of one state: SQLite takes no index whose condition is a list.
            models.Index(
                fields=["mailbox", "uidvalidity", "uid"],
                name="mail_relayed",
                condition=models.Q(state="relayed"),
            ),
            models.Index(
                fields=["mailbox", "uidvalidity", "retry_at"],
                name="mail_failed",
                condition=models.Q(state="failed"),
            ),
            models.Index(
                fields=["mailbox"],
                name="mail_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(fields=["message_id"], name="mail_by_message"),
            models.Index(fields=["mailbox", "seen_at"], name="mail_by_mailbox"),
            models.Index(fields=["state", "seen_at"], name="mail_by_state"),
            models.Index(
                fields=["subject_group", "seen_at"],
                name="mail_by_subject_group",
                condition=~models.Q(subject_group=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.subject}"


class Tally(models.Model):
    """How often something happened, in all processes, ever: labels is a JSON object."""

    name = models.CharField(max_length=100)
    labels = models.CharField(max_length=500)
    value = models.FloatField(default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(fields=["name", "labels"], name="one_tally_per_series")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}"


class KnownTerm(models.Model):
    """The last term of a mailbox's lock in which this database knew what had been sent, for
    databases that are not shared. held_back: what waits here may have been sent by another
    poller since, and the mailbox could not be asked yet."""

    mailbox = models.CharField(max_length=100, unique=True)
    term = models.CharField(max_length=500, blank=True)
    held_back = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("known term")
        verbose_name_plural = _("known terms")

    def __str__(self) -> str:
        return self.mailbox

    @classmethod
    def of(cls, mailbox: str) -> str:
        known = cls.objects.filter(mailbox=mailbox).first()
        return "" if known is None else known.term

    @classmethod
    def note(cls, mailbox: str, **fields: Any) -> None:
        cls.objects.update_or_create(mailbox=mailbox, defaults=fields)
