"""Read XML that a stranger wrote: no document types, no entities, nothing fetched, nothing huge."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeAlias
from xml.parsers import expat

from geodata.errors import InvalidInputError

BROKEN = expat.ExpatError
"""Raised by `steps` when the text is no XML."""

Parser: TypeAlias = expat.XMLParserType

Source: TypeAlias = IO[bytes] | codecs.StreamRecoder
"""What gives the text of a document in chunks."""

MAX_ELEMENTS = 10_000_000
"""Elements of a document; each takes a handler about 1 µs."""

_CHUNK = 1 << 16
_MAX_TOKEN_BYTES = 1_000_000
_MAX_DEPTH = 200
_MOST_SMALL = 1_000_000


def parser_for(path: Path, *, encoding: str | None = None) -> Parser:
    """Give a parser of XML with namespaces, whose element names are ``namespace}name``.

    An `encoding` goes before the one that the document names. A document type is refused by an
    `InvalidInputError`, and with it every entity of the document's own; expat fetches nothing by
    itself.
    """
    parser = expat.ParserCreate(encoding, "}")
    parser.buffer_text = True
    parser.buffer_size = _CHUNK

    def refuse(*_: object) -> None:
        raise InvalidInputError(
            "{path} declares a document type or entities of its own, which files of places never "
            "need and attackers use; save it again from its program",
            path=path.name,
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def steps(parser: Parser, file: Source, path: Path) -> Iterator[None]:
    """Let a parser read a file step by step, to look at what its handlers have gathered.

    Parameters
    ----------
    parser
        As `parser_for` gives it, with handlers.
    file
        Read to its end.
    path
        The file, for messages.

    Raises
    ------
    InvalidInputError
        When the document type, a tag or a comment of the document is such as no program writes.
    expat.ExpatError
        When it is no XML.
    """
    fed = 0
    while chunk := file.read(_CHUNK):
        parser.Parse(chunk)
        fed += len(chunk)
        # What expat holds back is one token that has not ended: it would scan it again and again.
        if fed - max(parser.CurrentByteIndex, 0) > _MAX_TOKEN_BYTES:
            raise _absurd(path)
        yield
    parser.Parse(b"", True)
    yield


def each_start(path: Path, file: IO[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    """Call a handler with the name and the attributes of each element of a file.

    Errors as for `steps`.
    """
    depth = n_elements = 0
    parser = parser_for(path)

    def deeper(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, n_elements
        depth += 1
        n_elements += 1
        start(name, attributes)

    def back(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = deeper
    parser.EndElementHandler = back
    for _ in steps(parser, file, path):
        check_size(path, depth, n_elements, most=_MOST_SMALL)


def check_size(path: Path, depth: int, n_elements: int, *, most: int = MAX_ELEMENTS) -> None:
    """Check how deep elements stand inside each other, and how many there are.

    Raises
    ------
    InvalidInputError
        When it is more than in any file of places.
    """
    if depth > _MAX_DEPTH:
        raise _absurd(path)
    if n_elements > most:
        raise InvalidInputError(
            "{path} holds more than {limit} elements; split it", path=path.name, limit=most
        )


def local(name: str) -> str:
    """Give the name of an element without its namespace."""
    return name.rpartition("}")[2]


def _absurd(path: Path) -> InvalidInputError:
    return InvalidInputError(
        "{path} holds tags nested or stretched as no program writes them; "
        "save it again from its program",
        path=path.name,
    )
