"""The loop that looks for trouble and tells people of it."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import translation

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.store import ConfigStore, ConfigurationUnknown
from runtime.connections import drop_connection, give_back_connection
from runtime.database_clock import database_clock
from runtime.stopping import Stop, Wake
from webhooks.alerts import notices, raising
from webhooks.alerts.notices import bulletin
from webhooks.alerts.notify import Messenger, channels
from webhooks.alerts.sights import Lookout

logger = logging.getLogger(__name__)
LOOK_SECONDS = 30.0
NOBODY = (
    "notify_on_failure is on, but alerts reach nobody but this log: set ALERT_SMTP_URL and an "
    "address, or alert_webhook_url in processing_prefs"
)


class Watch:
    """A thread of its own: whatever a mail server does, deliveries do not wait for it."""

    def __init__(self, store: ConfigStore, stop: Stop) -> None:
        self.wake = stop.attach(Wake())
        self._store = store
        self._stop = stop
        self._lookout = Lookout()
        self._messenger = Messenger()
        self._said_nobody = False

    def run(self) -> None:
        while not self._stop:
            self.look()
            give_back_connection()
            self.wake.wait(LOOK_SECONDS)

    def look(self) -> None:
        """One step, whose faults are nobody else's."""
        try:
            with translation.override(settings.LANGUAGE_CODE):
                self.step(database_clock.now())
        except ConfigurationUnknown:
            pass  # said by whoever watches the configuration
        except DatabaseError:
            logger.exception("The database failed; alerts go on with the next look")
            drop_connection()
        except Exception:
            logger.exception("A fault in the alerts; they go on with the next look")

    def step(self, now: datetime) -> None:
        """Look once, and send what is due."""
        prefs = self._store.get(ProcessingPrefs)
        if not prefs.notify_on_failure:
            return
        zone = ZoneInfo(self._store.get(PollingConfig).timezone)
        ways = channels(prefs)
        if not ways and not self._said_nobody:
            logger.warning(NOBODY)
        self._said_nobody = not ways
        raising.weigh(self._lookout.look(self._store, zone, now), ways, zone, now)
        self._send(prefs, now)

    def cut(self) -> None:
        """End what is being sent: it is sent again by whoever comes next."""
        self._messenger.cut()

    def _send(self, prefs: ProcessingPrefs, now: datetime) -> None:
        """A channel that has just failed would make the others wait, too."""
        failed: set[str] = set()
        begun = time.monotonic()
        while not self._stop and (notice := notices.claim(now, failed)):
            outcome = self._messenger.send(notice.channel, bulletin(notice), prefs)
            now += timedelta(seconds=time.monotonic() - begun)
            begun = time.monotonic()
            notices.settle(notice, outcome.told, outcome.error, now)
            if outcome.told:
                logger.info("Told %s kind=%s", notice.channel, notice.kind)
            else:
                failed.add(notice.channel)
                logger.warning(
                    "Alert kind=%s endpoint=%s could not be told by %s: %s; tried again",
                    notice.kind,
                    notice.alert.endpoint,
                    notice.channel,
                    outcome.error,
                )
