"""Read the coordinate columns of a table: numbers, degrees and minutes, or both in one cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.importers.degrees import Pair, degrees_of, is_written_out, pair_of
from geodata.importers.how import Interpreted, ReadColumn, Reading, Texts

Floats = NDArray[np.float64]

_PLAIN_PAIR = (
    r"^[\s(\[（]*([+-]?\d{1,12}(?:\.\d+)?)\s*[,，\s]\s*([+-]?\d{1,12}(?:\.\d+)?)[\s)\]）]*$"
)
_MOST_SHARE = 0.5
_LAT_FIRST = (
    "row {row}: {column} has the latitude before the longitude, against the other rows; "
    "it was read so"
)
_ALL_LAT_FIRST = "{column} has the latitude before the longitude; it was read so"


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Pairs of numbers as they stand in a table, shape (n,); NaN where they cannot be read.

    Attributes
    ----------
    x, y
        Numbers.
    interpreted
        Cells that were more than plain numbers.
    findings
        About cells that have the latitude first.
    """

    x: Floats
    y: Floats
    interpreted: tuple[Interpreted, ...] = ()
    findings: tuple[Finding, ...] = field(default_factory=tuple)


def read_coordinates(
    rows: pd.DataFrame, headers: tuple[str, ...], *, is_lat_first: bool
) -> Coordinates:
    """Read the columns of longitude and latitude, or the one column of both.

    Parameters
    ----------
    rows
        The table; its index numbers the rows as a person does.
    headers
        Of x and y, or of both in one.
    is_lat_first
        Whether the header of both in one says that latitude comes first.
    """
    if len(headers) == 1:
        return _of_pairs(rows, headers[0], is_lat_first=is_lat_first)
    x, y = (_of_column(rows[header]) for header in headers)
    interpreted = [i for i in (x[1], y[1]) if i is not None]
    return Coordinates(x[0], y[0], tuple(interpreted))


def _of_column(cells: pd.Series[Any]) -> tuple[Floats, Interpreted | None]:
    found = _plain_numbers(cells)
    odd = np.flatnonzero(np.isnan(found) & cells.notna().to_numpy())
    if not len(odd):
        return found, None
    values = cells.to_numpy(dtype=object)[odd]
    found[odd] = [degrees_of(v) for v in values]
    good = odd[np.isfinite(found[odd])]
    if not len(good):
        return found, None
    texts = Texts.of(cells.to_numpy(dtype=object)[good])
    column = ReadColumn.of(str(cells.name), texts, _degrees)
    return found, column.interpreted(cells.index.to_numpy(dtype=np.int64)[good])


def _plain_numbers(cells: pd.Series[Any]) -> Floats:
    """Give the numbers of cells that are plain numbers, NaN elsewhere; truth values are none."""
    values = cells.to_numpy(dtype=object)
    is_truth = np.array([isinstance(v, bool) for v in values], bool)
    read = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
    found = read.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    found[is_truth] = np.nan
    return found


def _degrees(text: str) -> Reading:
    value = degrees_of(text)
    return Reading(value, "degrees" if is_written_out(text) else "", f"{value:.6f}")


def _of_pairs(rows: pd.DataFrame, header: str, *, is_lat_first: bool) -> Coordinates:
    cells = rows[header]
    texts = Texts.of(cells)
    plain = pd.Series(texts.distinct, dtype="str").str.extract(_PLAIN_PAIR).astype(np.float64)
    pairs = [
        _plain_pair(a, b, is_lat_first)
        if a == a and b == b
        else pair_of(t, is_lat_first=is_lat_first)
        for t, a, b in zip(texts.distinct, plain[0].tolist(), plain[1].tolist(), strict=True)
    ]
    readings = tuple(_pair_reading(t, p) for t, p in zip(texts.distinct, pairs, strict=True))
    column = ReadColumn(header, texts, readings)
    x, y = (
        np.array(v, np.float64)[texts.which] for v in zip(*((p.x, p.y) for p in pairs), strict=True)
    )
    numbers = cells.index.to_numpy(dtype=np.int64)
    found = column.interpreted(numbers)
    turned = np.array([p.is_lat_first for p in pairs], bool)[texts.which]
    findings = [] if is_lat_first else _turned(turned, np.isfinite(x), numbers, header)
    return Coordinates(x, y, () if found is None else (found,), tuple(findings))


def _plain_pair(first: float, second: float, is_lat_first: bool) -> Pair:
    """Order two plain numbers: one above 90 can only be a longitude."""
    if abs(first) <= 90 < abs(second) <= 180:
        return Pair(second, first, True)
    if is_lat_first and not abs(second) <= 90 < abs(first) <= 180:
        return Pair(second, first, True)
    return Pair(first, second)


def _pair_reading(text: str, pair: Pair) -> Reading:
    is_plain = pair.x != pair.x or text.replace(" ", "") == f"{pair.x!r},{pair.y!r}"
    return Reading(pair, "" if is_plain else "pair", f"{pair.x:.6f}, {pair.y:.6f}")


def _turned(
    turned: NDArray[np.bool_], is_read: NDArray[np.bool_], numbers: NDArray[np.int64], header: str
) -> list[Finding]:
    if not turned.any():
        return []
    if turned.sum() > _MOST_SHARE * is_read.sum():
        return [Finding("lat_before_lon", _ALL_LAT_FIRST, {"column": header}, "file", None, header)]
    return [
        Finding("lat_before_lon", _LAT_FIRST, {"row": row, "column": header}, "file", row, header)
        for row in numbers[turned].tolist()
    ]
