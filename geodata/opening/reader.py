"""A place in the words of a text, and the small steps from it."""

from __future__ import annotations

from collections.abc import Sequence

from geodata.opening.tokens import Token, UnreadableError


class Reader:
    """Reads words one after another; every failure names the place in the text."""

    def __init__(self, words: Sequence[Token], length: int) -> None:
        self._words = words
        self._end = Token("end", "", length)
        self._next = 0

    def peek(self, ahead: int = 0) -> Token:
        """Give a word without taking it; after the last one, a word of kind ``end``."""
        at = self._next + ahead
        return self._words[at] if at < len(self._words) else self._end

    def sees(self, *wanted: str) -> bool:
        """Tell whether the next words are of these kinds, or are these signs."""
        return all(w in (self.peek(k).kind, self.peek(k).text) for k, w in enumerate(wanted))

    def take(self, wanted: str) -> Token:
        """Take the next word.

        Raises
        ------
        UnreadableError
            When it is not of this kind, or not this sign.
        """
        word = self.peek()
        if not self.sees(wanted):
            raise UnreadableError(word.at)
        self._next += 1
        return word

    def takes(self, *wanted: str) -> bool:
        """Take the next words if they are of these kinds or are these signs; tell whether."""
        if not self.sees(*wanted):
            return False
        self._next += len(wanted)
        return True

    def number(self, least: int, most: int, *, kind: str = "number") -> int:
        """Take a number.

        Raises
        ------
        UnreadableError
            When the next word is none, or it is out of range.
        """
        word = self.take(kind)
        if not least <= int(word.text) <= most:
            raise UnreadableError(word.at)
        return int(word.text)

    def offset_days(self) -> int:
        """Take ``+2 days`` or ``-1 day``; 0 without."""
        if not (self.sees("+", "number", "days") or self.sees("-", "number", "days")):
            return 0
        factor = 1 if self.take("sign").text == "+" else -1
        days = factor * self.number(0, 99)
        self.take("days")
        return days
