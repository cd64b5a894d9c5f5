"""What the command prints."""

from __future__ import annotations

import json

from django.utils import translation

from render_signal.doctor.finding import Examined, Finding, Level, green, red, worst, yellow
from render_signal.doctor.report import as_json, lines, summary

PLAIN = dict.fromkeys(Level, str)
FOUND = [
    Examined(
        name="redis", title="Redis", findings=(green("It answers."), red("It hangs.", "Act."))
    ),
    Examined(name="lock", title="Lock", findings=(yellow("Nobody é.", "Wait for it a while."),)),
]


def test_each_finding_has_its_word_and_its_advice() -> None:
    assert list(lines(FOUND[0], PLAIN, 0)) == [
        "Redis",
        "  green   It answers.",
        "  red     It hangs.",
        "          → Act.",
    ]


def test_only_the_word_is_painted() -> None:
    paints = {level: lambda word: f"<{word}>" for level in Level}
    assert list(lines(FOUND[1], paints, 0))[1] == "  <yellow>  Nobody é."


def test_long_sentences_are_folded_on_a_terminal() -> None:
    finding = green("word " * 30)
    folded = list(lines(Examined(name="a", title="A", findings=(finding,)), PLAIN, 60))
    assert len(folded) > 2
    assert max(map(len, folded)) <= 60
    assert folded[2].startswith(" " * 10 + "word")


def test_the_summary_counts_and_says_where_to_begin() -> None:
    assert summary(FOUND) == "1 green, 1 yellow, 1 red. Begin with what is red."
    assert summary(FOUND[1:]).endswith("It works, and could be safer.")
    assert summary([]).endswith("All is well.")


def test_levels_are_english_in_json_whatever_the_language() -> None:
    with translation.override("fr"):
        answer = json.loads(as_json(FOUND))
    assert answer["level"] == "red"
    assert answer["counts"] == {"green": 1, "yellow": 1, "red": 1}
    assert answer["findings"][2] == {
        "examination": "lock",
        "level": "yellow",
        "sentence": "Nobody é.",
        "advice": "Wait for it a while.",
    }


def test_the_worst_counts() -> None:
    def level(*findings: Finding) -> Level:
        return worst([Examined(name="a", title="A", findings=findings)])

    assert level(green("a"), yellow("b", ""), green("c")) is Level.YELLOW
    assert level(red("a", ""), yellow("b", "")) is Level.RED
    assert level() is Level.GREEN
