"""The Worker that moves files to R2: whether it knows us, and that its failure costs nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from configstore.wording import translated
from render_signal.doctor import clock
from render_signal.doctor.finding import Finding, green, red, yellow
from webhooks.shared_files import Source
from webhooks.worker import Worker
from webhooks.worker_answers import Fetched

SECONDS = 8.0
# At no host that files may come from: a Worker that obeyed would be an open proxy.
BOGUS = "https://render-signal-doctor.invalid/file.zip"


def r2() -> Iterator[Finding]:
    if not settings.R2_FETCH_ENABLED:
        yield green(_("Files are not moved to R2 (R2_FETCH_ENABLED is false)."))
        return
    source = Source(provider="dropbox", url=BOGUS)
    host = urlsplit(settings.R2_FETCH_ENDPOINT).hostname or ""
    begun = time.time()
    fetched = Worker().ask(source, f"doctor-{secrets.token_hex(4)}", SECONDS)
    ended = time.time()
    yield _judged(fetched, host)
    if not fetched.r2_url:
        yield green(_("After such an answer a webhook leaves with the links of its mail."))
    yield from clock.receiver(host, fetched.said_at, begun, ended)


def _judged(fetched: Fetched, host: str) -> Finding:
    facts = {"host": host, "error": translated(fetched.error)}
    if fetched.r2_url or fetched.status == HTTPStatus.OK:
        return yellow(
            _("The Worker at %(host)s takes a source that it has to refuse.") % facts,
            _("Deploy the Worker of cloudflare/ anew: it checks where files come from."),
        )
    if fetched.status is None:
        return red(
            _("The Worker at %(host)s gives no answer: %(error)s.") % facts,
            _("Look at its log (npx wrangler tail), and at R2_FETCH_ENDPOINT."),
        )
    if fetched.status == HTTPStatus.UNAUTHORIZED or "token" in fetched.error:
        return red(
            _("The Worker at %(host)s refuses the token (%(error)s).") % facts,
            _("Set R2_FETCH_TOKEN to that of the Worker (wrangler secret put R2_FETCH_TOKEN)."),
        )
    if fetched.status == HTTPStatus.FORBIDDEN and "source_url" in fetched.error:
        return green(_("The Worker at %(host)s knows us, and refuses a foreign source.") % facts)
    return red(
        _("The Worker at %(host)s refuses all orders: %(error)s.") % facts,
        _("Compare R2_FETCH_ENDPOINT and R2_BUCKET_NAME with the settings of the Worker."),
    )
