"""Tell what a file is by what it holds, whatever it is called."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import IO, Literal, TypeAlias, get_args

from geodata.errors import InvalidInputError
from geodata.importers import archives

Kind: TypeAlias = Literal[
    "CSV", "XLSX", "XLS", "HTML", "GeoJSON", "GeoPackage", "Shapefile", "KML", "KMZ", "Parquet"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

_HEAD_BYTES = 4096
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_HTML = ("<html", "<!doctype html", "<table", "<head", "<meta", "<body", "<div", "<style")


def kind_of(path: Path, file: IO[bytes]) -> Kind:
    """Tell what a file is.

    Parameters
    ----------
    path
        The file, for messages.
    file
        Its bytes; left at its beginning.

    Returns
    -------
    str
        One of `KINDS`; text that is nothing else is called CSV.

    Raises
    ------
    InvalidInputError
        When it is of a kind that is never read; says of which and what to do.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        kind = _of_archive(path, file)
    elif head.startswith(_OLD_OFFICE):
        kind = _of_old_office(path, file)
    elif head.startswith(b"SQLite format 3\0"):
        kind = "GeoPackage"
    elif head.startswith(b"PAR1"):
        kind = "Parquet"
    elif head.startswith(_PACKED):
        raise InvalidInputError(
            "{path} is packed in a way that is not read; unpack it and name the table in it",
            path=path.name,
        )
    elif head.startswith(_PICTURES):
        raise InvalidInputError(
            "{path} is a picture or a PDF, not a table; ask the sender for the table itself",
            path=path.name,
        )
    else:
        kind = _of_text(path, head)
    file.seek(0)
    return kind


def _of_archive(path: Path, file: IO[bytes]) -> Kind:
    with archives.opened(path, file) as archive:
        names = archive.namelist()
    low = [name.casefold() for name in names]
    if "xl/workbook.bin" in low:
        raise _other_office(path)
    if any(name.startswith("xl/") for name in low):
        return "XLSX"
    if "content.xml" in low or any(name.startswith(("word/", "ppt/")) for name in low):
        raise _other_office(path)
    if any(name.endswith(".shp") for name in low):
        return "Shapefile"
    if any(name.endswith(".kml") for name in low):
        return "KMZ"
    if "[content_types].xml" in low:
        return "XLSX"  # whose parts are missing; its reader says so
    raise InvalidInputError(
        "{path} is an archive without a Shapefile in it ({names}); "
        "unpack it and name the table in it",
        path=path.name,
        names=", ".join(names[:5]) or "-",
    )


def _of_old_office(path: Path, file: IO[bytes]) -> Kind:
    file.seek(0)
    # The list of what is inside lies anywhere, in parts of 512 bytes.
    tail = b""
    while chunk := file.read(1 << 20):
        if _LOCKED in tail + chunk:
            raise archives.locked(path)
        tail = chunk[-len(_LOCKED) :]
    return "XLS"


def _other_office(path: Path) -> InvalidInputError:
    return InvalidInputError(
        "{path} is an office document of a kind that is not read (.ods, .xlsb, .docx); "
        "save its table as .xlsx",
        path=path.name,
    )


def _of_text(path: Path, head: bytes) -> Kind:
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if is_utf16 else "utf-8-sig", "replace").lstrip().casefold()
    if text.startswith("{"):
        return "GeoJSON"
    if not text.startswith("<"):
        return "CSV"
    if "<ogrvrt" in text:
        raise InvalidInputError(
            "{path} is a list of links to other files (VRT), which are not followed; "
            "send the places themselves",
            path=path.name,
        )
    if "<kml" in text or "opengis.net/kml" in text or "earth.google.com/kml" in text:
        return "KML"
    if any(tag in text for tag in _HTML):
        return "HTML"
    raise InvalidInputError(
        "{path} is XML of a kind that is not read; save it as .xlsx or CSV", path=path.name
    )
