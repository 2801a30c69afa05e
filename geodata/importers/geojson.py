"""Read GeoJSON feature by feature, so that a large file takes little memory."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from geodata.errors import InvalidInputError, YizhanError
from geodata.importers import encodings

_CHUNK = 1 << 20
_MOST_MEMBERS = 10_000
_SIGN = re.compile(r"[^ \t\r\n]")
_OF_NUMBERS = "0123456789.eE+-"
_LONGEST_SIGN = len("-Infinity")

MAX_POINT = 4_000_000
"""Characters of one feature with a point, or of any other member."""

MAX_SHAPE = 64_000_000
"""Characters of one feature with a shape, such as the border of a province."""


@dataclass(slots=True)
class Collection:
    """What a FeatureCollection says beside its features; complete once these are read.

    Attributes
    ----------
    kind
        The ``type`` member, None where there is none.
    crs
        The ``crs`` member of the old standard, None where there is none.
    has_features
        Whether there is a list of features.
    """

    kind: object = None
    crs: object = None
    has_features: bool = False


def features(
    path: Path, file: IO[bytes], about: Collection, *, most: int = MAX_POINT
) -> Iterator[Any]:
    """Give the features of a FeatureCollection, one after another.

    Parameters
    ----------
    path
        The file, for messages.
    file
        Its bytes.
    about
        Filled in while the features are read.
    most
        Characters that a feature may have.

    Raises
    ------
    InvalidInputError
        When it is not JSON, or JSON but no FeatureCollection.
    """
    with encodings.opened(path, file, kind="GeoJSON") as text:
        reader = _Reader(path, text, most)
        if reader.next_sign() != "{":
            raise InvalidInputError(
                "{path} is not GeoJSON: it must begin with a brace; "
                "export the places as GeoJSON or as a table",
                path=path.name,
            )
        yield from _members(reader, about)
    if about.kind != "FeatureCollection" or not about.has_features:
        raise InvalidInputError(
            "{path} is JSON but no GeoJSON FeatureCollection; export the places as GeoJSON",
            path=path.name,
        )


def _members(reader: _Reader, about: Collection) -> Iterator[Any]:
    reader.take("{")
    if reader.next_sign() == "}":
        return
    for _ in range(_MOST_MEMBERS):
        name = (
            reader.value()
            if reader.next_sign() == '"'
            else reader.fail(YizhanError("a name is missing"))
        )
        reader.take(":")
        if name == "features" and reader.next_sign() == "[":
            about.has_features = True
            yield from _items(reader)
        else:
            value = reader.value()
            about.kind = value if name == "type" else about.kind
            about.crs = value if name == "crs" else about.crs
        if reader.next_sign() == "}":
            reader.take("}")
            break
        reader.take(",")
    else:
        reader.fail(YizhanError("it has thousands of members"))
    if reader.next_sign():
        reader.fail(YizhanError("something follows after the end"))


def _items(reader: _Reader) -> Iterator[Any]:
    reader.take("[")
    if reader.next_sign() == "]":
        reader.take("]")
        return
    while True:
        yield reader.value()
        if reader.next_sign() == "]":
            reader.take("]")
            return
        reader.take(",")


class _Reader:
    """Reads a text value by value, and holds no more of it than the value at hand needs."""

    def __init__(self, path: Path, text: io.TextIOWrapper, most: int) -> None:
        self.path = path
        self.text = text
        self.most = most
        self.held = ""
        self.at = 0
        self.is_all = False
        self.n_lines = 1  # and columns, before what is held
        self.n_columns = 0
        self.decoder = json.JSONDecoder(parse_constant=_no_constant)

    def next_sign(self) -> str:
        """Give the next character that is no blank, empty at the end."""
        while True:
            found = _SIGN.search(self.held, self.at)
            if found is not None:
                self.at = found.start()
                return found[0]
            self.at = len(self.held)
            if self.is_all:
                return ""
            self.more()

    def take(self, sign: str) -> None:
        """Pass over a character that must come next."""
        if self.next_sign() != sign:
            self.fail(YizhanError("a comma, colon or bracket is missing"))
        self.at += 1

    def value(self) -> Any:
        """Read a value."""
        self.next_sign()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.held, self.at)
            except RecursionError:
                self.fail(YizhanError("it is nested too deep"))
            except ValueError as error:
                if self.is_all or not self._may_go_on(error):
                    self.at = getattr(error, "pos", self.at)
                    self.fail(YizhanError("it is damaged or cut off here"))
            else:
                # A number may go on where the text held ends: 1 may be 1.5 or 1e-7.
                if self.is_all or self.held[end : end + 3].strip(_OF_NUMBERS):
                    self.at = end
                    return value
            if len(self.held) - self.at > self.most:
                raise InvalidInputError(
                    "{path}: the value that begins in line {line} has more than {limit} "
                    "characters; it is no place",
                    path=self.path.name,
                    limit=self.most,
                    line=self.n_lines,
                )
            self.more()

    def _may_go_on(self, error: ValueError) -> bool:
        """Tell whether the text held may just end within a value."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        rest = self.held[error.pos : error.pos + _CHUNK].strip()
        return len(rest) <= _LONGEST_SIGN or error.msg.startswith("Unterminated string")

    def more(self) -> None:
        """Hold more of the text, twice as much each time that it was not enough."""
        gone = self.held[: self.at]
        if gone:
            lines = gone.count("\n")
            self.n_lines += lines
            self.n_columns = len(gone) - gone.rfind("\n") - 1 + (0 if lines else self.n_columns)
        rest = self.held[self.at :]
        new = self.text.read(max(_CHUNK, len(rest)))
        self.is_all = not new
        self.held, self.at = rest + new, 0

    def fail(self, reason: YizhanError) -> Any:
        """Refuse the file for what stands at the place reached."""
        gone = self.held[: self.at]
        line_start = gone.rfind("\n") + 1
        raise InvalidInputError(
            "{path} is not valid JSON: {reason} (line {line}, column {column}); export it again",
            path=self.path.name,
            reason=reason,
            line=self.n_lines + gone.count("\n"),
            column=self.at - line_start + 1 + (0 if line_start else self.n_columns),
        )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")
