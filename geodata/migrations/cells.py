"""The values of one column, as frames hold them and as the tables hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from geodata.errors import InvalidInputError
from geodata.records import HOURS_PER_WEEK, STATION_LISTS, Closure, Offer

_RECORDS: dict[str, Callable[..., Offer | Closure]] = {"offers": Offer, "closures": Closure}
_NUMBERS = ("area_m2", "seats", "source_x", "source_y", "people", "lon_deg", "lat_deg")


def to_cells(name: str, column: pd.Series[Any]) -> list[Any]:
    """Give a column of a frame as plain values: text, numbers, lists, bytes; None is not known.

    Raises
    ------
    InvalidInputError
        When a value cannot be stored in the column `name`.
    """
    if name in _NUMBERS:
        return _numbers(name, column)
    if name in STATION_LISTS:
        return _lists(name, column)
    if name == "presence":
        return [_packed(values) for values in column]
    if name == "is_synthetic":
        return [bool(v) for v in column]
    return texts(name, column.tolist())


def to_cell(name: str, value: object) -> Any:
    """Give one value as `to_cells` gives a column."""
    return to_cells(name, pd.Series([value], dtype=object))[0]


def to_series(name: str, values: Sequence[Any]) -> pd.Series[Any]:
    """Give plain values as a column of a frame; the opposite of `to_cells`."""
    if name in _NUMBERS:
        return pd.Series(values, dtype="float64")
    if name in STATION_LISTS:
        known = {id(v): from_cell(name, v) for v in {id(v): v for v in values}.values()}
        return pd.Series([known[id(v)] for v in values], dtype=object)
    if name == "presence":
        return pd.Series([from_cell(name, v) for v in values], dtype=object)
    return pd.Series(values, dtype=bool if name == "is_synthetic" else "str")


def from_cell(name: str, value: Any) -> Any:
    """Give one plain value as records hold it."""
    if name in STATION_LISTS:
        made = _RECORDS.get(name)
        return tuple(made(**item) for item in value) if made and value else tuple(value)
    if name == "presence":
        return np.frombuffer(value, "<f4").astype(np.float32)
    return value


def texts(name: str, values: Sequence[object]) -> list[str]:
    """Give values as text that any database can store; missing ones are empty.

    Raises
    ------
    InvalidInputError
        When a text holds a zero byte or half a character (a lone surrogate), left by broken
        decoding.
    """
    found = [v if isinstance(v, str) else _text(v) for v in values]
    whole = "".join(found)
    if "\0" in whole or _is_torn(whole):
        bad = next(v for v in found if "\0" in v or _is_torn(v))
        raise InvalidInputError(
            "column {column} holds text that cannot be stored: {value}",
            column=name,
            value=ascii(bad),
        )
    return found


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]  # one cell


def _is_torn(value: str) -> bool:
    if value.isascii():
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _numbers(name: str, column: pd.Series[Any]) -> list[float | None]:
    try:
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidInputError(
            "column {column} holds something that is no number ({cause}); correct it",
            column=name,
            cause=error,
        ) from error
    if np.isinf(values).any():
        raise InvalidInputError(
            "column {column} holds an infinite number; leave out what is not known", column=name
        )
    return [None if v != v else v for v in values.tolist()]


def _lists(name: str, column: pd.Series[Any]) -> list[list[Any]]:
    """Turn each list only once: there are few different ones in a city."""
    made: dict[Any, list[Any]] = {}
    found = []
    for values in column:
        listed = _listed(name, values)
        try:
            known = made.get(listed)
            if known is None:
                known = made[listed] = [_item(name, v) for v in listed]
        except TypeError:  # holds something without a hash
            known = [_item(name, v) for v in listed]
        found.append(known)
    return found


def _listed(name: str, values: Any) -> tuple[Any, ...]:
    if values is None or isinstance(values, float):
        return ()
    if isinstance(values, str):
        raise InvalidInputError(
            "column {column} must hold tuples, not the text {value}", column=name, value=values
        )
    return tuple(values)


def _item(name: str, value: Any) -> Any:
    """Give a key as text, an offer or a closure as the fields that say something."""
    made = _RECORDS.get(name)
    if made is None:
        return texts(name, [value])[0]
    record = made(**value) if isinstance(value, Mapping) else value
    if not isinstance(record, Offer | Closure):
        raise InvalidInputError(
            "column {column} must hold records, not {value}; use geodata.records",
            column=name,
            value=value,
        )
    plain = asdict(record)
    return {k: v for k, v in zip(plain, texts(name, list(plain.values())), strict=True) if v}


def _packed(presence: Any) -> bytes:
    values = np.asarray(presence, dtype="<f4")
    if values.shape != (HOURS_PER_WEEK,):
        raise InvalidInputError(
            "presence has {n} values; it needs 168, one for each hour of the week", n=values.size
        )
    return values.tobytes()
