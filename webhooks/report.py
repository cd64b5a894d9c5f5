"""What the log says of deliveries."""

from __future__ import annotations

import logging

from webhooks.pause import Pause

logger = logging.getLogger(__name__)


class Report:
    """Tells what has changed, once."""

    def __init__(self) -> None:
        self._held = ""

    def hold(self, pause: Pause | None) -> None:
        held = "" if pause is None else _sentence(pause)
        if held == self._held:
            return
        self._held = held
        if pause is None:
            logger.info("Deliveries go out again")
        else:
            logger.log(pause.urgency, "%s", held)


def _sentence(pause: Pause) -> str:
    if pause.urgency > logging.INFO:
        return f"Deliveries wait: {pause.reason}"
    return f"Deliveries are held: {pause.reason}, until {pause.until or 'it is changed'}"
