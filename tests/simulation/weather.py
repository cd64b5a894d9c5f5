"""What may go wrong in a story, and how often: not all of it in each."""

from __future__ import annotations

import random
from dataclasses import dataclass

TROUBLES = (
    *("kill", "freeze", "lose_disk", "leave", "join", "redis", "imap", "endpoint"),
    *("forget", "drop", "read", "delete", "move_back", "number_anew", "calendar"),
)
# Few in a story, so that what needs several of one kind comes to pass too.
MOST_TROUBLES = 4
# Many short stories find more than a few long ones.
TURNS = (2, 4, 7, 12)


@dataclass(kw_only=True)
class Weather:
    """Chances: at each place where a process can be interrupted, for each question to another
    machine, and between two steps. turns are those before all is well. shared: all machines have
    one database."""

    crash: float
    freeze: float
    interrupt: float
    lost_question: float
    lost_answer: float
    event: float
    troubles: tuple[str, ...]
    turns: int
    shared: bool

    @classmethod
    def of(cls, rng: random.Random) -> Weather:
        def some(most: float) -> float:
            return rng.choice((0.0, 0.0, most / 3, most))

        return cls(
            crash=some(0.03),
            freeze=some(0.05),
            interrupt=some(0.3),
            lost_question=some(0.06),
            lost_answer=some(0.06),
            event=rng.choice((0.2, 0.3, 0.5)),
            troubles=tuple(rng.sample(TROUBLES, MOST_TROUBLES)),
            turns=rng.choice(TURNS),
            shared=rng.random() < 0.3,
        )

    def clear_up(self) -> None:
        self.crash = self.freeze = self.interrupt = self.lost_question = self.lost_answer = 0.0
