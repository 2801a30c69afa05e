"""Read a Shapefile from the archive that holds its parts.

GDAL reads it, from copies with names of ours: it is told apart from other formats first, so that
GDAL takes no other driver for it; the index (``.shx``) is made anew, and the coordinate system and
the encoding are read here, as they are often missing or wrong.

References
----------
ESRI Shapefile Technical Description (July 1998); dBASE III file structure.
"""

from __future__ import annotations

import math
import posixpath
import shutil
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TypeAlias

import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import InvalidInputError
from geodata.importers import archives, limits
from geodata.importers.gather import Gatherer
from geodata.importers.layer import Layer
from geodata.importers.raw import the_one
from geodata.importers.sheets import Progress
from geodata.importers.systems import system_of

_CODE, _VERSION = 9994, 1000
_HEAD_BYTES = 100
_MAX_SMALL_BYTES = 20_000
_FIELD_BYTES = 32
_CODE_PAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}
_PAGES = {0x03: "cp1252", 0x4D: "gb18030", 0x4F: "big5", 0x7A: "gb18030"}
_LONGEST = 3  # bytes that can be left of a character where a column ends
_BATCH_ROWS = 10_000
_Batch: TypeAlias = tuple[list[str], list[bytes | None], list[list[object]]]
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FieldError,
    pyogrio.errors.FeatureError, pyogrio.errors.GeometryError,
)  # fmt: skip
_BYTES_AS_SIGNS = "ISO-8859-1"


def read(path: Path, file: IO[bytes], layers: Sequence[str], progress: Progress | None) -> Layer:
    """Read the Shapefile in an archive.

    Parameters
    ----------
    path
        The file, for messages.
    file
        Bytes of the archive.
    layers
        Names of the Shapefile to take when there are several.
    progress
        Told now and then.

    Raises
    ------
    InvalidInputError
        When there is none, or several, a part is missing or damaged, it is too large, or it names a
        coordinate system that is not known.
    """
    try:
        with archives.opened(path, file) as archive:
            parts = _parts(path, archive, layers)
            return _read(path, archive, parts, progress)
    except InvalidInputError:
        raise
    except (*archives.BROKEN, struct.error, *_GDAL_ERRORS) as err:
        raise InvalidInputError(
            "{path} holds a damaged Shapefile; export it again from the GIS", path=path.name
        ) from err


def _parts(path: Path, archive: zipfile.ZipFile, layers: Sequence[str]) -> dict[str, str]:
    """Give the parts of the Shapefile to read, by their endings."""
    stems: dict[str, dict[str, str]] = {}
    for name in archive.namelist():
        if name.startswith("__MACOSX/") or posixpath.basename(name).startswith("._"):
            continue
        stem, ending = posixpath.splitext(name)
        stems.setdefault(stem.casefold(), {})[ending.casefold()] = name
    found = {_shown(stem): parts for stem, parts in stems.items() if ".shp" in parts}
    if not found:
        raise InvalidInputError("{path} holds no Shapefile", path=path.name)
    parts = found[the_one(path, list(found), layers)]
    if ".dbf" not in parts:
        raise InvalidInputError(
            "{path}: the .dbf part with the attributes is missing; pack all parts of the Shapefile",
            path=path.name,
        )
    archives.check_parts(path, archive, parts.values())
    return parts


def _shown(stem: str) -> str:
    """Give the name of a Shapefile; archives of Chinese systems hold names in GBK."""
    name = posixpath.basename(stem)
    try:
        return name.encode("cp437").decode("gb18030") if not name.isascii() else name
    except UnicodeError:
        return name


def _read(
    path: Path, archive: zipfile.ZipFile, parts: dict[str, str], progress: Progress | None
) -> Layer:
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".shp", ".dbf"):
            with archive.open(parts[ending]) as part, Path(folder, f"a{ending}").open("wb") as copy:
                shutil.copyfileobj(part, copy)
        n_rows = _make_index(path, Path(folder))
        n_columns, page = _check_attributes(Path(folder, "a.dbf"))
        limits.check_rows(path, n_rows)
        limits.check_columns(path, 1, n_columns)
        limits.check_cells(path, n_rows * n_columns)
        encoding = _encoding(path, _small(archive, parts, ".cpg"), page, _batches(Path(folder)))
        gathered = Gatherer(path, progress, n_rows)
        budget = limits.Budget(path)
        blobs: list[bytes | None] = []
        for names, shapes, columns in _batches(Path(folder)):
            known = _unique([_text(name, encoding) for name in names])
            for values in zip(*columns, strict=True):
                cells = (_cell(value, encoding) for value in values)
                gathered.add(dict(zip(known, cells, strict=True)))
            blobs += shapes
            budget.take(other_bytes=sum(len(b) for b in shapes if b is not None))
    return Layer(gathered.table(), blobs, _system(path, _small(archive, parts, ".prj")))


def _batches(folder: Path) -> Iterator[_Batch]:
    """Give names, shapes and columns, some thousand rows at a time."""
    done = 0
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about shapes and dates that are looked at later
            about, _, shapes, columns = pyogrio.raw.read(
                folder / "a.shp",
                encoding=_BYTES_AS_SIGNS,
                datetime_as_string=True,
                skip_features=done,
                max_features=_BATCH_ROWS,
            )
        if not len(shapes):
            return
        yield about["fields"].tolist(), list(shapes), [c.tolist() for c in columns]
        done += len(shapes)


def _make_index(path: Path, folder: Path) -> int:
    """Write the index of the records, and give their number.

    Raises
    ------
    ValueError
        When it is no Shapefile, or its records do not fill it.
    """
    size = (folder / "a.shp").stat().st_size
    places = bytearray()
    with (folder / "a.shp").open("rb") as shp:
        head = bytearray(shp.read(_HEAD_BYTES))
        code, version = struct.unpack_from(">i", head)[0], struct.unpack_from("<i", head, 28)[0]
        if (code, version) != (_CODE, _VERSION):
            raise ValueError(code)
        at = _HEAD_BYTES
        while at < size:
            shp.seek(at)
            _, words = struct.unpack(">ii", shp.read(8))
            if words < 2 or at + 8 + 2 * words > size:
                raise ValueError(at)
            places += struct.pack(">ii", at // 2, words)
            at += 8 + 2 * words
            limits.check_rows(path, len(places) // 8)
    struct.pack_into(">i", head, 24, (_HEAD_BYTES + len(places)) // 2)
    (folder / "a.shx").write_bytes(head + places)
    return len(places) // 8


def _check_attributes(dbf: Path) -> tuple[int, int]:
    """Give the number of columns of a dBASE table, and the mark of its code page.

    Raises
    ------
    ValueError
        When it is cut off or claims what cannot be.
    """
    with dbf.open("rb") as file:
        head = file.read(65_600)
    n_rows, head_bytes, row_bytes = struct.unpack_from("<IHH", head, 4)
    n_columns = (head_bytes - 33) // _FIELD_BYTES
    if n_columns < 1 or row_bytes < 2 or head_bytes + n_rows * row_bytes > dbf.stat().st_size:
        raise ValueError(n_rows)
    return int(n_columns), head[29]


def _small(archive: zipfile.ZipFile, parts: dict[str, str], ending: str) -> bytes:
    if ending not in parts:
        return b""
    with archive.open(parts[ending]) as part:
        return part.read(_MAX_SMALL_BYTES)


def _system(path: Path, prj: bytes) -> CRS | None:
    text = prj.decode("utf-8-sig", "replace").strip("\0 \r\n")
    if not text:
        return None
    try:
        return system_of(text)
    except CRSError as error:
        raise InvalidInputError(
            "{path} names a coordinate system that is not known: {crs}; save it in WGS 84",
            path=path.name,
            crs=text[:100],
        ) from error


def _encoding(path: Path, cpg: bytes, page: int, batches: Iterable[_Batch]) -> str:
    """Choose the encoding in which all texts can be read; what the file names comes first."""
    named = cpg.decode("ascii", "ignore").strip().casefold().removeprefix("ansi ")
    named = _CODE_PAGES.get(named, named)
    known = [e for e in (named, "utf-8", _PAGES.get(page, ""), "gb18030") if _is_codec(e)]
    for names, _, columns in batches:
        texts = set(_raw_texts([names, *columns]))
        known = [e for e in known if all(_is_readable(raw, e) for raw in texts)]
    if not known:
        raise InvalidInputError(
            "{path}: the texts in its .dbf part are neither UTF-8 nor GBK; "
            "export it again in UTF-8",
            path=path.name,
        )
    return known[0]


def _is_codec(name: str) -> bool:
    try:
        b"a".decode(name or "-")
    except (LookupError, UnicodeError):
        return False
    return True


def _raw_texts(columns: Iterable[Iterable[object]]) -> Iterator[bytes]:
    for column in columns:
        for value in column:
            if isinstance(value, str) and not value.isascii():
                yield value.encode("latin-1")


def _is_readable(raw: bytes, encoding: str) -> bool:
    """Tell whether bytes are text, but for a last character that the width of a column cut."""
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        return len(raw) - error.start <= _LONGEST and error.end == len(raw) and error.start > 0
    return True


def _unique(names: Sequence[str]) -> list[str]:
    """Give each column a name of its own, as cut names may be the same."""
    found: list[str] = []
    for name in names:
        found.append(f"{name} ({len(found) + 1})" if name in found else name)
    return found


def _text(value: str, encoding: str) -> str:
    if value.isascii():
        return value
    return value.encode("latin-1").decode(encoding, "ignore")


def _cell(value: object, encoding: str) -> object:
    if isinstance(value, str):
        return _text(value, encoding).strip("\0 ") or None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return value
