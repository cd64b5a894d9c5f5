"""Which sample mails have come out as webhooks, and which should have."""

from __future__ import annotations

from demo.receiver import Received
from demo.samples import Sample
from demo.terminal import links


class Score:
    """Webhooks are matched to their mails by the subject, which each sample has for itself.

    Times are those of time.monotonic(). faults are sentences about what went wrong.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._appended: dict[str, tuple[Sample, float]] = {}
        self._arrived: set[str] = set()

    def appended(self, sample: Sample, at: float) -> None:
        self._appended[sample.subject] = (sample, at)

    def received(self, received: Received) -> float | None:
        """The seconds since its mail; None when it belongs to no mail of ours."""
        subject = str(received.payload.get("subject"))
        if subject not in self._appended:
            return None
        sample, at = self._appended[subject]
        if sample.ignored:
            self.faults.append(f"“{subject}” was relayed although {sample.ignored}")
        elif subject in self._arrived:
            self.faults.append(f"“{subject}” came a second time")
        elif (found := len(links(received.payload))) != sample.links:
            self.faults.append(f"“{subject}” has {found} links instead of {sample.links}")
        self._arrived.add(subject)
        return received.at - at

    @property
    def missing(self) -> list[str]:
        """Subjects of the mails whose webhook has not come yet."""
        return [
            subject
            for subject, (sample, _) in self._appended.items()
            if not sample.ignored and subject not in self._arrived
        ]

    @property
    def summary(self) -> str:
        ignored = sum(bool(sample.ignored) for sample, _ in self._appended.values())
        relayed = len(self._appended) - ignored
        return (
            f"{relayed} of {len(self._appended)} mails became a webhook. "
            f"Ignored, as they should be: {ignored}."
        )
