"""Read a file of places into raw rows: CSV, XLSX, GeoJSON or GeoPackage.

Nothing is interpreted here beyond what the format itself says, and nothing is ever evaluated: of a
formula only the value that the office program saved is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers import grids, places
from geodata.importers.raw import RawTable

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gpkg")
MAX_BYTES = 200_000_000


def read_table(path: Path, *, is_header: grids.IsHeader, layers: Sequence[str] = ()) -> RawTable:
    """Read a table of places.

    Parameters
    ----------
    path
        A file with one of `ENDINGS`.
    is_header
        Tells whether a row of cells names columns. The first such row within the first ten is the
        header; where there is none, the first row that is not empty.
    layers
        Names of the sheet or layer to take when several would do.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it is a folder, empty, too large, of another kind than its name says, damaged, or holds
        no table or several.
    """
    content = _content(path)
    ending = path.suffix.lower()
    if ending == ".xlsx":
        table = grids.read_xlsx(path, content, is_header, layers)
    elif ending in (".geojson", ".json"):
        table = places.read_geojson(path, content)
    elif ending == ".gpkg":
        table = places.read_geopackage(path, content, layers)
    else:
        table = grids.read_csv(path, content, is_header)
    if table.rows.empty:
        raise InvalidInputError("{path} holds no rows; nothing can be read from it", path=path)
    return replace(table, sha256=hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidInputError("{path} is a folder; name a file in it", path=path)
    if not path.exists():
        raise NotFoundError("there is no file {path}; check the name", path=path)
    if path.suffix.lower() not in ENDINGS:
        raise InvalidInputError(
            "{path} is of a kind that is not read; save it as one of {endings}",
            path=path,
            endings=" ".join(ENDINGS),
        )
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInputError(
                "{path} has {size} MB; at most {limit} MB are read, so split it",
                path=path,
                size=size // 1_000_000,
                limit=MAX_BYTES // 1_000_000,
            )
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be read ({reason}); check its permissions",
            path=path,
            reason=error.strerror,
        ) from error
    if not content.strip():
        raise InvalidInputError("{path} is empty; export it again from its source", path=path)
    return content
