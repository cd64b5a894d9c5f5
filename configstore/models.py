"""The documents as the admin sees them, and their history.

Mailbox, Webhook, Processing, Routing and MagicLink are no tables: what they show is in the
stores of the documents. They are models so that permissions, links and the admin's log know
them.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mailbox(models.Model):
    """polling_config, or polling_config:NAME."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """webhook_config, or webhook_config:NAME."""

    name = models.CharField(max_length=40, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")

    def __str__(self) -> str:
        return self.name


class Processing(models.Model):
    """processing_prefs."""

    name = models.CharField(max_length=40, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("processing preferences")
        verbose_name_plural = _("processing preferences")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Routing(models.Model):
    """routing_rules."""

    name = models.CharField(max_length=40, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("routing rules")
        verbose_name_plural = _("routing rules")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class MagicLink(models.Model):
    """An entry of magic_link_tokens, by its public id."""

    id = models.CharField(max_length=100, primary_key=True)

    class Meta:
        managed = False
        verbose_name = _("magic link")
        verbose_name_plural = _("magic links")

    def __str__(self) -> str:
        return self.id


class Revision(models.Model):
    """One save of one document: who, when, what it was and what it became.

    before and after are the documents as stored, None where there was none. stores and missed
    name the stores that took it and those that were away.
    """

    document = models.CharField(_("document"), max_length=100)
    saved_at = models.DateTimeField(_("saved at"))
    author = models.CharField(_("author"), max_length=150)
    action = models.CharField(_("action"), max_length=100)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    stores = models.CharField(_("stores"), max_length=200)
    missed = models.CharField(_("stores that were away"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("change of the configuration")
        verbose_name_plural = _("history of the configuration")
        indexes = [models.Index(fields=["document", "-saved_at"], name="revision_by_document")]
        ordering = ("-saved_at", "-id")

    def __str__(self) -> str:
        return f"{self.document} {self.saved_at:%Y-%m-%d %H:%M:%S}"


class MagicLinkUse(models.Model):
    """A single-use link that was redeemed. The unique id lets one redemption win."""

    link = models.CharField(max_length=100, primary_key=True)
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("used magic link")
        verbose_name_plural = _("used magic links")

    def __str__(self) -> str:
        return self.link
