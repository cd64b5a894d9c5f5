"""Examinations side by side, each of which ends in time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence

from django.db import DatabaseError, connections
from django.utils import translation
from django.utils.translation import gettext as _

from configstore.store import ConfigurationUnknown
from configstore.wording import translated
from render_signal.doctor.finding import Examination, Examined, Finding, red, yellow

logger = logging.getLogger(__name__)
SECONDS = 10.0
AT_ONCE = 16


def examine(
    examinations: Sequence[Examination], language: str, seconds: float = SECONDS
) -> Iterator[Examined]:
    """In their order. None takes longer than that, and none raises."""
    for first in range(0, len(examinations), AT_ONCE):
        visits = [_Visit(each, language) for each in examinations[first : first + AT_ONCE]]
        ends = time.monotonic() + seconds
        for visit in visits:
            visit.start()
        for visit in visits:
            visit.join(max(0.0, ends - time.monotonic()))
            yield visit.examined(seconds)


class _Visit(threading.Thread):
    """One that does not end in time is left to itself, with what it has found until then."""

    def __init__(self, examination: Examination, language: str) -> None:
        super().__init__(name=f"doctor-{examination.name}", daemon=True)
        self._examination = examination
        self._language = language
        self._findings: list[Finding] = []
        self._over = False

    def run(self) -> None:
        with translation.override(self._language):
            try:
                for finding in self._examination.run():
                    self._findings.append(finding)
            except DatabaseError:
                self._findings.append(_not_examined(_("the database cannot be asked")))
            except ConfigurationUnknown as exc:
                self._findings.append(_not_examined(translated(str(exc))))
            except Exception as exc:
                logger.exception("A fault while %s was examined", self._examination.name)
                self._findings.append(_fault(exc))
            finally:
                self._over = True
                connections.close_all()

    def examined(self, seconds: float) -> Examined:
        findings = self._findings[:]
        if not self._over:
            findings.append(_too_slow(seconds))
        name, title = self._examination.name, str(self._examination.title)
        return Examined(name=name, title=title, findings=tuple(findings))


def _not_examined(reason: str) -> Finding:
    return yellow(
        _("Not examined: %(reason)s.") % {"reason": reason}, _("Mend that first, then look again.")
    )


def _fault(error: Exception) -> Finding:
    return red(
        _("Not examined: a fault of the doctor itself (%(error)s).")
        % {"error": type(error).__name__},
        _("Report it with the traceback above."),
    )


def _too_slow(seconds: float) -> Finding:
    return red(
        _("No answer within %(seconds)g s.") % {"seconds": seconds},
        _("Something on the way answers too slowly or not at all: look at its log, then again."),
    )
