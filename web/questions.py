"""Questions as they arrive, in a query or a JSON body, read into values or refused clearly."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import datetime

from geodata.errors import InvalidInputError
from geodata.streets import MODES
from stations.finder import NearRequest

Values = Mapping[str, object]

NEAR_FIELDS = (
    "lon_deg", "lat_deg", "needs", "open_only", "walk_in", "mode", "minutes", "limit", "at", "lang",
)  # fmt: skip
MINUTES = (5, 10, 15, 30)
"""Walking or riding times offered on the page."""
MAX_MINUTES = 60
DEFAULT_LIMIT = 10
_LARGEST_EXACT = 2**53
"""Beyond this a number of JSON is no exact integer any more."""

_TRUE, _FALSE = ("1", "true", "on", "yes"), ("", "0", "false", "off", "no")


def near_request(values: Values, now: datetime) -> NearRequest:
    """Read a question for the nearest stations.

    Parameters
    ----------
    values
        `NEAR_FIELDS`; ``lon_deg`` and ``lat_deg`` must be there.
    now
        Moment used when ``at`` is absent.

    Raises
    ------
    InvalidInputError
        When a value is missing or cannot be read.
    """
    refuse_unknown(values, NEAR_FIELDS)
    return NearRequest(
        lon_deg=degrees(values, "lon_deg"),
        lat_deg=degrees(values, "lat_deg"),
        moment=moment(values, now),
        needs=words(values, "needs"),
        open_only=yes(values, "open_only"),
        walk_in=yes(values, "walk_in"),
        mode=mode(values),
        limit=whole(values, "limit", default=DEFAULT_LIMIT),
        limit_s=60.0 * minutes(values, default=30),
    )


def refuse_unknown(values: Values, known: Collection[str]) -> None:
    """Refuse names that mean nothing here: a misspelt filter must not be ignored.

    Raises
    ------
    InvalidInputError
        When there is one; says which are known.
    """
    for name in values:
        if name not in known:
            raise InvalidInputError(
                "there is no parameter {name!s} here; known are {known}",
                name=name,
                known=", ".join(known),
            )


def degrees(values: Values, name: str) -> float:
    """Read a coordinate in degrees.

    Raises
    ------
    InvalidInputError
        When it is missing or no number.
    """
    value = values.get(name)
    if value is None or value == "":
        raise InvalidInputError(
            "{name} is missing; give lon_deg and lat_deg in degrees (WGS 84)", name=name
        )
    return _number(name, value)


def minutes(values: Values, *, default: int) -> float:
    """Read a travel time in minutes, more than 0 and at most `MAX_MINUTES`.

    Raises
    ------
    InvalidInputError
        When it is no number or out of range.
    """
    value = values.get("minutes")
    found = float(default) if value in (None, "") else _number("minutes", value)
    if not 0 < found <= MAX_MINUTES:
        raise InvalidInputError(
            "minutes is {minutes}; ask for more than 0 and at most {most}",
            minutes=found,
            most=MAX_MINUTES,
        )
    return found


def whole(values: Values, name: str, *, default: int) -> int:
    """Read a whole number.

    Raises
    ------
    InvalidInputError
        When it is none.
    """
    value = values.get(name)
    if value is None or value == "":
        return default
    number = _number(name, value)
    if number != int(number) or abs(number) > _LARGEST_EXACT:
        raise InvalidInputError("{name} is {value!s}; give a whole number", name=name, value=value)
    return int(number)


def in_range(values: Values, name: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number from `least` to `most`.

    Raises
    ------
    InvalidInputError
        When it is no whole number or out of range.
    """
    found = whole(values, name, default=default)
    if not least <= found <= most:
        raise InvalidInputError(
            "{name} is {value}; ask for {least} to {most}",
            name=name,
            value=found,
            least=least,
            most=most,
        )
    return found


def amount(values: Values, name: str, *, most: float) -> float:
    """Read an amount of money, 0 to `most`.

    Raises
    ------
    InvalidInputError
        When it is no number or out of range.
    """
    found = _number(name, values.get(name))
    if not 0 <= found <= most:
        raise InvalidInputError(
            "{name} is {value}; ask for {least} to {most}",
            name=name,
            value=found,
            least=0,
            most=most,
        )
    return found


def box(values: Values) -> tuple[float, float, float, float] | None:
    """Read ``box``: west,south,east,north in degrees.

    Raises
    ------
    InvalidInputError
        When it is not four numbers, or its edges are in the wrong order.
    """
    parts = words(values, "box")
    if not parts:
        return None
    numbers = tuple(_number("box", part) for part in str(values["box"]).split(","))
    if len(numbers) != 4 or numbers[0] > numbers[2] or numbers[1] > numbers[3]:
        raise InvalidInputError(
            "box is {value!s}; give west,south,east,north in degrees", value=values["box"]
        )
    return (numbers[0], numbers[1], numbers[2], numbers[3])


def mode(values: Values) -> str:
    """Read how to travel; walking when nothing is said.

    Raises
    ------
    InvalidInputError
        When it is not one of the modes.
    """
    found = values.get("mode") or "walk"
    if not isinstance(found, str) or found not in MODES:
        raise InvalidInputError(
            "mode {mode!s} is not known; use one of {known}", mode=found, known=", ".join(MODES)
        )
    return found


def yes(values: Values, name: str) -> bool:
    """Read a yes or no.

    Raises
    ------
    InvalidInputError
        When it is neither.
    """
    value = values.get(name, False)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    raise InvalidInputError("{name} is {value!s}; say true or false", name=name, value=value)


def words(values: Values, name: str) -> tuple[str, ...]:
    """Read a list of words: a JSON list, or text with commas.

    Raises
    ------
    InvalidInputError
        When it is neither.
    """
    value = values.get(name)
    if value is None or value == "":
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(p, str) for p in parts):
        raise InvalidInputError(
            "{name} is {value!s}; give words separated by commas", name=name, value=value
        )
    return tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))


def text(values: Values, name: str) -> str:
    """Read a text; empty when it is absent.

    Raises
    ------
    InvalidInputError
        When it is something else.
    """
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInputError("{name} is {value!s}; give a text", name=name, value=value)
    return value


def moment(values: Values, now: datetime) -> datetime:
    """Read ``at``: a naive ISO moment in the city's own time; now when it is absent.

    Raises
    ------
    InvalidInputError
        When it cannot be read, carries a time zone, or lies outside the years 1901 to 2999.
    """
    value = values.get("at")
    if value is None or value == "":
        return now
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not 1900 < found.year < 3000:
        raise InvalidInputError(
            "at is {value!s}; give the city's own time without a zone, like 2026-09-20T10:00",
            value=value,
        )
    return found


def _number(name: str, value: object) -> float:
    # bool is a kind of int in Python, and no number here.
    is_numeric = isinstance(value, str | int | float) and not isinstance(value, bool)
    try:
        number = float(value) if is_numeric else math.nan  # type: ignore[arg-type]  # numeric, as just seen
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInputError("{name} is {value!s}; give a number", name=name, value=value)
    return number
