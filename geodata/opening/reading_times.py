"""Read which minutes a rule speaks of."""

from __future__ import annotations

from geodata.opening.reader import Reader
from geodata.opening.spans import Clock, Span
from geodata.opening.states import DAY_MIN
from geodata.opening.tokens import UnreadableError

_MINUTES = 59


def read_spans(reader: Reader) -> tuple[Span, ...]:
    """Read times such as ``09:00-12:00,14:00-17:00`` or ``17:00+``; none without any.

    Raises
    ------
    UnreadableError
        When what follows looks like times and is none.
    """
    found: list[Span] = []
    while _is_clock(reader):
        found += _span(reader)
        if not (reader.sees(",") and _is_clock(reader, 1)):
            break
        reader.take(",")
    return tuple(found)


def _is_clock(reader: Reader, ahead: int = 0) -> bool:
    word = reader.peek(ahead)
    return word.kind in ("time", "sun") or word.text == "("


def _span(reader: Reader) -> list[Span]:
    """Read one span; ``10:00-16:00+`` gives two."""
    at = reader.peek().at
    start = _clock(reader)
    if not start.event and start.minutes >= DAY_MIN:
        raise UnreadableError(at)
    if reader.takes("+"):
        return [Span(start, None)]
    reader.take("-")
    at = reader.peek().at
    end = _clock(reader)
    if not end.event and end.minutes > 2 * DAY_MIN:
        raise UnreadableError(at)
    span = Span(start, end)
    if not reader.takes("+"):
        return [span]
    is_next_day = end.nominal_min < start.nominal_min
    return [Span(Clock(end.minutes + is_next_day * DAY_MIN, end.event), None), span]


def _clock(reader: Reader) -> Clock:
    if reader.takes("("):
        event = reader.take("sun").text
        factor = 1 if reader.peek().text == "+" else -1
        reader.take("+" if factor > 0 else "-")
        minutes = factor * _minutes(reader)
        reader.take(")")
        return Clock(minutes, event)
    if reader.sees("sun"):
        return Clock(0, reader.take("sun").text)
    return Clock(_minutes(reader))


def _minutes(reader: Reader) -> int:
    word = reader.take("time")
    hour, minute = (int(part) for part in word.text.split(":"))
    if minute > _MINUTES:
        raise UnreadableError(word.at)
    return hour * 60 + minute
