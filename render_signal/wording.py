"""Why a part of the service is not well, for pages to tell in the language of their reader."""

from __future__ import annotations

from configstore.fields import translatable as _

SENTENCES = (
    _("the endpoint is failing: %(delivery_fault)s"),
    _("a store does not answer: what it said last stays in force"),
    _("a fault of the relay: the log shows it"),
)
