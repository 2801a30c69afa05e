"""The words of an ``opening_hours`` text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SUN_EVENTS = ("dawn", "sunrise", "sunset", "dusk")

_END = r"(?![A-Za-z])"
_TOKEN = re.compile(
    r"\s*(?:"
    + "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "comment": r'"[^"]*"',
            "always": r"24/7(?!\d)",
            "year": r"(?:19|20|21)\d\d(?![\d:])",
            "time": r"\d{1,2}:\d\d(?!\d)",
            "number": r"\d{1,2}(?![\d:])",
            "weekday": f"(?:{'|'.join(WEEKDAYS)}){_END}",
            "month": f"(?:{'|'.join(MONTHS)}){_END}",
            "holiday": f"(?:PH|SH){_END}",
            "week": r"week(?![A-Za-z])",
            "easter": f"easter{_END}",
            "sun": f"(?:{'|'.join(SUN_EVENTS)}){_END}",
            "state": f"(?:open|closed|off|unknown){_END}",
            "days": f"days?{_END}",
            "joint": r"\|\||;",
            "sign": r"[-+,:/()\[\]]",
        }.items()
    )
    + r")\s*",
    re.IGNORECASE | re.ASCII,
)
_WRITTEN = {word.lower(): word for word in (*WEEKDAYS, *MONTHS, "PH", "SH")}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, its text in the usual spelling, and where it stands."""

    kind: str
    text: str
    at: int


class UnreadableError(Exception):
    """The text cannot be read; holds the place from which on."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def tokens(text: str) -> Iterator[Token]:
    """Give the words of a text; the case of letters does not matter.

    Raises
    ------
    UnreadableError
        At the first sign that is no word of the syntax.
    """
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise UnreadableError(at)
        word = found[found.lastgroup]
        if found.lastgroup != "comment":
            word = _WRITTEN.get(word.lower(), word.lower())
        yield Token(found.lastgroup, word, found.start(found.lastgroup))
        at = found.end()
