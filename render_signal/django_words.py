"""Sentences of Django that our catalogue says anew: its own French does not fit their words."""

from __future__ import annotations

from configstore.fields import translatable as _

SENTENCES = (
    _("Add %s"),
    _("Add %(name)s"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
)
