"""Read a whole ``opening_hours`` text."""

from __future__ import annotations

from geodata.opening.reader import Reader
from geodata.opening.reading_days import read_days
from geodata.opening.reading_times import read_spans
from geodata.opening.rules import Hours, Joint, Rule
from geodata.opening.states import CLOSED, OPEN, UNKNOWN
from geodata.opening.tokens import UnreadableError, tokens

_CODES = {"open": OPEN, "closed": CLOSED, "off": CLOSED, "unknown": UNKNOWN}


def read(text: str) -> Hours:
    """Read an ``opening_hours`` text.

    Raises
    ------
    UnreadableError
        When it is not of the syntax; holds the place from which on.
    """
    reader = Reader(tuple(tokens(text)), len(text))
    rules: list[Rule] = []
    joint = Joint.NORMAL
    while True:
        if not reader.sees(";") and not reader.sees("end"):
            rules.append(_rule(reader, joint))
        if reader.sees("end"):
            break
        joint = _joint(reader, rules)
    if not rules:
        raise UnreadableError(0)
    return Hours(text, tuple(rules))


def _joint(reader: Reader, rules: list[Rule]) -> Joint:
    """Take the sign between two rules; what is added to a fallback is a fallback too."""
    word = reader.peek()
    if word.text not in set(Joint):
        raise UnreadableError(word.at)
    reader.take(word.text)
    if word.text != Joint.NORMAL and (not rules or reader.sees("end") or reader.sees(";")):
        raise UnreadableError(word.at)
    if word.text == Joint.ADDITIONAL and rules[-1].joint is Joint.FALLBACK:
        return Joint.FALLBACK
    return Joint(word.text)


def _rule(reader: Reader, joint: Joint) -> Rule:
    at = reader.peek().at
    days = read_days(reader)
    is_always = reader.takes("always")
    spans = () if is_always else read_spans(reader)
    code = _code(reader)
    if not (days or is_always or spans or code is not None):
        raise UnreadableError(at)
    if reader.sees(",") and not (is_always or spans or code is not None):
        raise UnreadableError(reader.peek().at)
    return Rule(joint=joint, days=days, spans=spans, code=OPEN if code is None else code)


def _code(reader: Reader) -> int | None:
    """Take state and comment; a comment alone is a condition, so nobody knows."""
    code = _CODES[reader.take("state").text] if reader.sees("state") else None
    if reader.takes("comment"):
        return UNKNOWN if code is None else code
    return code
