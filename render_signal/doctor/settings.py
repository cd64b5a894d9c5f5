"""What Django's system checks say of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings as django_settings
from django.core import checks
from django.utils.translation import gettext as _

from render_signal.doctor.finding import Finding, green, red, yellow


def settings() -> Iterator[Finding]:
    """All but what is told of secrets."""
    told = {message.id for message in system_checks(checks.Tags.security)}
    rest = [message for message in system_checks() if message.id not in told]
    yield from findings_of(rest, _("The system checks find nothing in the settings."))


def system_checks(*tags: str) -> list[checks.CheckMessage]:
    """On Render with those for a deployment."""
    found = checks.run_checks(
        tags=tags or None, include_deployment_checks=django_settings.ON_RENDER
    )
    return [message for message in found if not message.is_silenced()]


def findings_of(messages: Iterable[checks.CheckMessage], otherwise: str) -> Iterator[Finding]:
    said = False
    for message in messages:
        if message.level < checks.WARNING:
            continue
        said = True
        level = red if message.level >= checks.ERROR else yellow
        yield level(f"{message.msg} ({message.id})", str(message.hint or _("See the hint above.")))
    if not said:
        yield green(otherwise)
