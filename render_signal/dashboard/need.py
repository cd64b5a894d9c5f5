"""Something that needs a person."""

from __future__ import annotations

from dataclasses import dataclass

from render_signal.dashboard.addresses import Link


@dataclass(frozen=True, kw_only=True)
class Need:
    """In the reader's language: what is wrong, what to do, and where. detail is what a server has
    said. resume names an endpoint that is paused or failing. urgent False: nothing stands still
    for it."""

    sentence: str
    advice: str
    detail: str = ""
    links: tuple[Link, ...] = ()
    resume: str = ""
    urgent: bool = True
