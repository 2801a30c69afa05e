"""Read the placemarks of KML, and of the document packed in a KMZ.

Links to other documents and pictures (NetworkLink, Icon, Overlay) are not followed. Programs on
desks and telephones write what they know of a place as lines or as a table into its description;
these become columns as well.

References
----------
OGC 12-007r2 (KML 2.3), chapters 9, 10 and 15.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import IO

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import archives, encodings, limits, markup
from geodata.importers.markup import local

FOLDER_COLUMN = "文件夹"
"""Column with the name of the folder that a placemark lies in."""

_WITH_TEXT = {
    "name": "Placemark", "address": "Placemark", "phoneNumber": "Placemark",
    "description": "Placemark", "coordinates": "Point", "value": "Data", "SimpleData": "SchemaData",
}  # fmt: skip
_MOST_TAGS = 1_000
_MOST_ELEMENTS = 4_000_000
_SHAPES = (
    "LineString", "LinearRing", "Polygon", "Model", "Track", "MultiTrack", "Tour",
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/tr|/li|/table)\b[^>]{0,200}>", re.IGNORECASE)
_NEXT_CELL = re.compile(r"<\s*/\s*t[dh]\s*>\s*<\s*t[dh]\b[^>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[/!a-zA-Z][^<>]{0,2000}>")
_PAIR = re.compile(r"\s*([^\d\s:：=\x1f][^:：=\x1f]{0,15}?)\s*(?:[:：=]|\x1f[:：]?)\s*(.*)")


@dataclass(slots=True)
class Placemark:
    """A place as it is gathered.

    Attributes
    ----------
    fields
        By column.
    points
        Texts of ``coordinates`` of its points.
    shapes
        Names of its other geometry.
    """

    fields: dict[str, object] = field(default_factory=dict)
    points: list[str] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)

    def point(self) -> tuple[float | None, float | None, str]:
        """Give longitude and latitude, or None and what there is instead."""
        if len(self.points) != 1:
            kinds = self.shapes + ["several points"] * bool(self.points)
            return None, None, ", ".join(dict.fromkeys(kinds)) or "nothing"
        numbers = re.split(r"[\s,]+", self.points[0].strip())
        if len(numbers) < 2 or not all(map(_NUMBER.fullmatch, numbers[:2])):
            return None, None, "an empty point"
        return float(numbers[0]), float(numbers[1]), "Point"


def read(path: Path, file: IO[bytes], findings: list[Finding]) -> Iterator[Placemark]:
    """Give the placemarks of a document in their order.

    Parameters
    ----------
    path
        The file, for messages.
    file
        Its bytes.
    findings
        Gets one for links that were not followed.

    Raises
    ------
    InvalidInputError
        When it is damaged, too large, made to do harm, or holds nothing but links.
    """
    encoding = encodings.encoding_of(path, file, kind="KML")
    file.seek(0)
    reader = _Reader(path)
    parser = markup.parser_for(path, encoding="utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        recoded = codecs.EncodedFile(file, "utf-8", encoding)
        yield from _fed(path, parser, recoded, reader)
    except markup.BROKEN as error:
        raise InvalidInputError(
            "{path} is damaged KML: {reason}; export it again",
            path=path.name,
            reason=error,
        ) from error
    if reader.n_links:
        if not reader.n_marks:
            raise InvalidInputError(
                "{path} only links to data elsewhere, which is not fetched; "
                "save the places themselves as KML",
                path=path.name,
            )
        template = "the file links to {n} other documents; they were not fetched"
        findings.append(Finding("link_ignored", template, {"n": reader.n_links}, "file"))


def _fed(
    path: Path, parser: markup.Parser, file: markup.Source, reader: _Reader
) -> Iterator[Placemark]:
    ready: list[Placemark] = reader.ready
    for _ in markup.steps(parser, file, path):
        reader.check()
        yield from ready
        ready.clear()


def read_packed(path: Path, file: IO[bytes], findings: list[Finding]) -> Iterator[Placemark]:
    """Give the placemarks of the main document of a KMZ; parameters and errors as for `read`."""
    try:
        with archives.opened(path, file) as archive:
            names = [n for n in archive.namelist() if n.casefold().endswith(".kml")]
            outer = [n for n in names if "/" not in n] or names
            archives.check_parts(path, archive, outer[:1])
            with archive.open(outer[0]) as part:
                yield from read(path, part, findings)
    except InvalidInputError:
        raise
    except archives.BROKEN as error:
        raise archives.damaged(path) from error


class _Reader:
    """The handlers that make placemarks of a document."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ready: list[Placemark] = []
        self.n_marks = 0
        self.n_links = 0
        self.n_elements = 0
        self.tags: dict[str, str] = {}
        self.open: list[str] = [""]
        self.folders: list[str] = []
        self.mark: Placemark | None = None
        self.key = ""
        self.texts: list[str] | None = None
        self.n_characters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        tag = self.tags.get(name) or self._tag(name)
        above = self.open[-1]
        self.open.append(tag)
        self.n_elements += 1
        if tag in _WITH_TEXT:
            if self._is_wanted(tag, above):
                self.texts, self.n_characters = [], 0
            if tag == "SimpleData":
                self.key = attributes.get("name", "")
        elif tag == "Data":
            self.key = attributes.get("name", "")
        elif tag == "Placemark":
            self.mark = Placemark()
            self.n_marks += 1
        elif tag == "Folder":
            self.folders.append("")
        elif tag == "NetworkLink":
            self.n_links += 1
        elif tag in _SHAPES and self.mark is not None:
            self.mark.shapes.append(tag)

    def _tag(self, name: str) -> str:
        tag = local(name)
        if len(self.tags) < _MOST_TAGS:
            self.tags[name] = tag
        return tag

    def _is_wanted(self, tag: str, above: str) -> bool:
        """Tell whether the text of an element below another is wanted."""
        if self.mark is None:
            return tag == "name" and above == "Folder"
        return tag == "SimpleData" or _WITH_TEXT[tag] == above

    def text(self, text: str) -> None:
        """Gather text that is wanted."""
        if self.texts is not None:
            self.texts.append(text)
            self.n_characters += len(text)
            limits.check_text(self.path, self.n_marks, self.n_characters)

    def end(self, _: str) -> None:
        """End an element."""
        tag = self.open.pop()
        if self.texts is not None:
            text, self.texts = "".join(self.texts).strip(), None
            self._take(tag, text)
        elif tag == "Folder":
            self.folders.pop()
        elif tag == "Placemark" and self.mark is not None:
            folder = next((f for f in reversed(self.folders) if f), "")
            if folder:
                self.mark.fields.setdefault(FOLDER_COLUMN, folder)
            _spread_description(self.mark.fields)
            self.ready.append(self.mark)
            self.mark = None

    def _take(self, tag: str, text: str) -> None:
        if self.mark is None:
            self.folders[-1] = text
        elif tag == "coordinates":
            self.mark.points.append(text)
        elif text:
            key = self.key if tag in ("value", "SimpleData") else tag
            taken = self.mark.fields
            taken[f"{key} (2)" if key in taken else key] = text

    def check(self) -> None:
        """Look at what grew."""
        markup.check_size(self.path, len(self.open), self.n_elements, most=_MOST_ELEMENTS)


def _spread_description(fields: dict[str, object]) -> None:
    """Make columns of the lines ``key: value`` of a description."""
    text = fields.pop("description", None)
    if not isinstance(text, str):
        return
    if "<" in text:
        text = _NEXT_CELL.sub("\x1f", text)
        text = unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    rest = []
    for line in filter(None, map(str.strip, text.splitlines())):
        pair = _PAIR.fullmatch(line)
        if pair is None or pair[2].startswith("//") or pair[1] in fields:
            rest.append(line.replace("\x1f", " "))
        elif pair[2]:
            fields[pair[1]] = pair[2]
    if rest:
        fields["description"] = "\n".join(rest)
