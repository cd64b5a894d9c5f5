"""The outbox: what has to be delivered, and every try."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webhooks.alerts.models import Alert as Alert
from webhooks.alerts.models import Notice as Notice


class State(models.TextChoices):
    """queued -> sending -> delivered | retry -> … | dead | cancelled."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    RETRY = "retry", _("waiting for a retry")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("dead")
    CANCELLED = "cancelled", _("cancelled")


WAITING = (State.QUEUED, State.RETRY)
SETTLED = (State.DELIVERED, State.DEAD, State.CANCELLED)


class Delivery(models.Model):
    """One message on its way to one endpoint.

    payload is rendered once: each try sends the same. offload says that links of it lead to
    files that may be transferred before the first try, and have not been yet: see TO_OFFLOAD.
    due_at is when it may be claimed; while it is being sent, or its files are transferred,
    token says by whom and lease_until for how long. failures is its
    place in the retry schedule, attempts counts every try. outage_mark is what its endpoint's
    outage_seconds were when it failed there first. received_at is when the message reached its
    mailbox.
    """

    message_id = models.CharField(_("message id"), max_length=64)
    source = models.CharField(_("mailbox"), max_length=100)
    endpoint = models.CharField(_("endpoint"), max_length=64)
    webhook_id = models.CharField(_("webhook id"), max_length=64, unique=True)
    subject = models.CharField(_("subject"), max_length=1000, blank=True)
    sender_email = models.CharField(_("sender"), max_length=500, blank=True, db_default="")
    payload = models.TextField(_("payload"))
    offload = models.BooleanField(default=False, db_default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    received_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("due at"))
    tried_at = models.DateTimeField(_("tried at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    outage_mark = models.FloatField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "endpoint"], name="one_delivery_per_message_and_endpoint"
            )
        ]
        indexes = [
            # settled_at is set while the state is one of SETTLED. SQLite takes no index whose
            # condition is a list of states; queries repeat this one.
            models.Index(
                fields=["source", "id"],
                name="delivery_open",
                condition=models.Q(settled_at__isnull=True),
            ),
            models.Index(
                fields=["endpoint", "due_at", "id"],
                name="delivery_due",
                condition=models.Q(settled_at__isnull=True),
            ),
            models.Index(
                fields=["lease_until"],
                name="delivery_sending",
                condition=models.Q(state="sending"),
            ),
            models.Index(fields=["tried_at"], name="delivery_tried"),
            models.Index(
                fields=["settled_at"],
                name="delivery_dead",
                condition=models.Q(state="dead"),
            ),
            # Why they are dead is counted without reading them.
            models.Index(
                fields=["endpoint", "reason", "settled_at"],
                name="delivery_dead_reason",
                condition=models.Q(state="dead"),
            ),
            models.Index(
                fields=["endpoint", "due_at"],
                name="delivery_to_offload",
                condition=models.Q(offload=True),  # SQLite takes no index for more
            ),
            # For the journal, whose rows are too wide to go through.
            models.Index(fields=["state", "settled_at"], name="delivery_by_state"),
            models.Index(fields=["created_at"], name="delivery_created"),
        ]

    def __str__(self) -> str:
        return self.webhook_id


# The first try freezes the body for all of them. It clears the field too, except where an older
# release makes it: that one knows nothing of the field.
TO_OFFLOAD = models.Q(state__in=WAITING, offload=True, attempts=0)


class SearchKey(models.Model):
    """By what a person finds a message: its subject, its sender, where its links lead. Folded
    (webhooks.search), so that databases need to know nothing of accents and capitals."""

    message_id = models.CharField(max_length=64)
    key = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("search key")
        verbose_name_plural = _("search keys")
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "key"], name="one_search_key_per_message_and_key"
            )
        ]
        indexes = [
            # The operators are those of LIKE in PostgreSQL; SQLite knows no others.
            models.Index(fields=["key"], name="search_key", opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.key


class Outcome(models.TextChoices):
    """unknown stays when the sender died between the request and the answer."""

    UNKNOWN = "unknown", pgettext_lazy("outcome", "unknown")
    DELIVERED = "delivered", pgettext_lazy("outcome", "delivered")
    FAILED = "failed", pgettext_lazy("outcome", "failed")
    LATE = "late", pgettext_lazy("outcome", "too late to count")


class Attempt(models.Model):
    """One try. answer is the beginning of what the endpoint said."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField(_("number"))
    token = models.UUIDField()
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.UNKNOWN
    )
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="one_attempt_per_delivery_and_number"
            )
        ]
        indexes = [models.Index(fields=["started_at"], name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}"


class EndpointState(models.Model):
    """What the last tries told about an endpoint.

    After several failures in a row it is not tried but by one probe at probe_at; paused says
    that a person has to act. fingerprint is that of the address all this is about.
    outage_seconds is how long it has been failing in all its outages; time in which nobody
    tried it, because deliveries were held or nothing ran, is left out.
    """

    endpoint = models.CharField(_("endpoint"), max_length=64, unique=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=16)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failed_at = models.DateTimeField(null=True)
    outage_seconds = models.FloatField(null=True)
    probe_at = models.DateTimeField(_("next probe at"), null=True)
    paused = models.CharField(_("paused"), max_length=500, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("endpoint state")
        verbose_name_plural = _("endpoint states")

    def __str__(self) -> str:
        return self.endpoint

    @property
    def is_troubled(self) -> bool:
        return bool(self.failures or self.paused)


class Transfer(models.Model):
    """Files that the Worker has stored, or why it has not. digest is that of their URL, and
    source the URL without what is secret in it. reused counts the deliveries that needed no
    transfer of their own."""

    digest = models.CharField(max_length=64, unique=True)
    source = models.TextField(_("source"))
    provider = models.CharField(_("provider"), max_length=50)
    object_key = models.CharField(_("object key"), max_length=250)
    bucket = models.CharField(_("bucket"), max_length=100)
    r2_url = models.TextField(_("R2 URL"), blank=True)
    original_filename = models.CharField(_("original file name"), max_length=255, null=True)
    transferred_at = models.DateTimeField(_("transferred at"), null=True)
    reused = models.PositiveIntegerField(_("times reused"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [
            models.Index(fields=["transferred_at"], name="transfer_made"),
            models.Index(fields=["failed_at"], name="transfer_failed"),
        ]

    def __str__(self) -> str:
        return self.source
