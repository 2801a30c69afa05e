"""Find out in which encoding a text is written."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from geodata.errors import InvalidInputError

_CHUNK = 1 << 20
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_CHINESE = 4  # of a line in UTF-8; GBK is not read so by chance
_MARKS = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


def encoding_of(path: Path, file: IO[bytes], *, kind: str) -> str:
    """Tell the encoding of a text: UTF-8, UTF-16 with its mark, or GB18030 (which holds GBK).

    Parameters
    ----------
    path
        The file, for messages.
    file
        Its bytes; read to the end, from the beginning.
    kind
        What to save the file as, for messages.

    Raises
    ------
    InvalidInputError
        When it is none of these, or ends in the middle of a character.
    """
    file.seek(0)
    head = file.read(3)
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        state = _read_through(file, encoding)
        if state == "whole" and encoding == "gb18030" and _has_lines_in_utf8(file):
            raise InvalidInputError(
                "{path} holds lines in UTF-8 and others in GBK; save it again as {kind} in UTF-8",
                path=path.name,
                kind=kind,
            )
        if state == "whole":
            return encoding
        if state == "cut":
            raise InvalidInputError(
                "{path} ends in the middle of a character: it was cut off; "
                "ask for it again or export it again",
                path=path.name,
            )
    raise InvalidInputError(
        "{path} is not text in UTF-8 or GB18030 (GBK); save it again as {kind} in UTF-8",
        path=path.name,
        kind=kind,
    )


def _read_through(file: IO[bytes], encoding: str) -> str:
    """Tell whether all of the file is text in the encoding: ``whole``, ``cut`` or ``other``."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    seen_other = False
    while chunk := file.read(_CHUNK):
        if encoding != "utf-16" and b"\0" in chunk:
            return "other"
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            return "other"
        seen_other = seen_other or not text.isascii()
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        # A lone byte at the end of plain text may as well be of the other encoding.
        return "cut" if seen_other else "other"
    return "whole"


def _has_lines_in_utf8(file: IO[bytes]) -> bool:
    """Tell whether a text that is not UTF-8 as a whole has lines that can be nothing else."""
    file.seek(0)
    while line := file.readline(_CHUNK):
        if not line.isascii():
            with suppress(UnicodeDecodeError):
                if len(_CHINESE.findall(line.decode("utf-8"))) >= _FEWEST_CHINESE:
                    return True
    return False


@contextmanager
def opened(path: Path, file: IO[bytes], *, kind: str) -> Iterator[io.TextIOWrapper]:
    """Give the text of a file to read on from, line ends as they are; the file stays open.

    Parameters and errors as for `encoding_of`.
    """
    encoding = encoding_of(path, file, kind=kind)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()
