"""Regular expressions of rules, and what they may cost before they are even tried."""

from __future__ import annotations

import re

import regex

from configstore.fields import translatable as _

# Case is no matter to whoever writes a rule for mails.
FLAGS = regex.IGNORECASE | regex.MULTILINE
# regex builds what a count repeats as often as it says, counts inside counts multiplied: a few
# characters take all memory. Of groups in groups it builds one inside the other.
MOST_COPIES = 20_000
DEEPEST = 50
_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(|\)|\{(?P<least>\d*)(?:,\d*)?\}[+?]?|.", re.DOTALL
)


def compiled(expression: str) -> regex.Pattern[str]:
    """Raises ValueError, in plain words."""
    _check_cost(expression)
    try:
        return regex.compile(expression, FLAGS)
    except regex.error as exc:
        raise ValueError(f"{_('not a regular expression')}: {exc}") from None


def _check_cost(expression: str) -> None:
    """Copies of each group that is open, the whole first, and those of the last piece."""
    open_groups, last = [0], 0
    for piece in _PIECE.finditer(expression):
        text = piece[0]
        if text == "(":
            open_groups.append(0)
            last = 0
        elif text == ")" and len(open_groups) > 1:
            last = open_groups.pop() + 1
            open_groups[-1] += last
        elif piece["least"] is not None:
            more = last * (max(int(piece["least"] or 0), 1) - 1)
            open_groups[-1] += more
            last += more
        else:
            last = 1
            open_groups[-1] += 1
        if len(open_groups) > DEEPEST:
            raise ValueError(_("this regular expression has too many groups inside groups"))
        if sum(open_groups) > MOST_COPIES:
            raise ValueError(_("this regular expression repeats too much: make its counts smaller"))
