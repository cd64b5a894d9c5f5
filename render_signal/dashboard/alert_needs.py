"""That nobody would hear of trouble."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from configstore.documents import ProcessingPrefs
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.addresses import Link
from render_signal.dashboard.need import Need
from webhooks.alerts.unheard import Unheard


def alert_needs(unheard: Unheard | None, access: Access) -> Iterator[Need]:
    if unheard is None or not access.processing:
        return
    page = addresses.document(ProcessingPrefs.NAME)
    yield Need(
        sentence=unheard.sentence,
        advice=unheard.advice,
        links=(Link(_("Who gets alerts"), f"{page}#id_{unheard.field}"),),
        urgent=False,
    )
