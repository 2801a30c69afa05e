"""Who cannot be served, by name, and the smallest standard that would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geodata.areas import assign
from geodata.errors import UnanswerableError
from planner.posed import Posed, nearest_s
from planner.question import Question
from planner.reach import measure
from planner.setting import LONGEST_S, Setting

_N_NAMED = 5
_ROUNDING = 1e-9
_STEP_S = 6.0
"""Standards are named to a tenth of a minute."""


def refuse_unserved(setting: Setting, question: Question, posed: Posed) -> None:
    """Refuse a question that even all candidates together do not answer.

    Raises
    ------
    UnanswerableError
        With up to five of the `places` that are out of reach, their `people`, and as `least` the
        smallest standard in minutes that would do, or the share that can be served.
    """
    people = setting.demand.people_by_place()
    if posed.has_way is not None and not question.leaves_out:
        _refuse_strangers(setting, people, ~posed.has_way & (people > 0))
    is_lost = ~posed.is_near & (people > 0)
    if not is_lost.any():
        return
    total = float(people.sum())
    if question.model == "lscp" and not question.leaves_out:
        _refuse_everybody(setting, posed, people, is_lost)
    served = float(people[~is_lost].sum())
    if question.share is not None and served < question.share * total * (1 - _ROUNDING):
        _refuse_share(setting, question.share, posed, people, is_lost)
    if posed.floors is not None:
        _refuse_floors(setting, posed, people, is_lost)


def in_city_terms(error: UnanswerableError, setting: Setting) -> UnanswerableError:
    """Put the names of the city where a model speaks of the numbers of areas and rows."""
    details: dict[str, object] = dict(error.details)
    area, rows = details.get("area"), details.get("rows")
    if isinstance(area, int) and setting.areas is not None:
        details["area"] = str(setting.areas["name"].iloc[area])
    if isinstance(rows, tuple):
        details["rows"] = _places(setting, rows)
    return UnanswerableError(error.template, **details)


def _places(setting: Setting, rows: Sequence[int]) -> str:
    """Name up to five of these places: the name or else the id, and the area."""
    demand = setting.demand
    areas = [""] * len(rows)
    if setting.areas is not None and len(rows):
        called = dict(zip(setting.areas["id"], setting.areas["name"], strict=True))
        found = assign(_some(demand.places, list(rows)), setting.areas)
        areas = [str(called.get(i) or "") for i in found]
    words = [
        " · ".join(part for part in (demand.names[i] or str(demand.places.index[i]), area) if part)
        for i, area in zip(rows, areas, strict=True)
    ]
    return ", ".join(list(dict.fromkeys(words))[:_N_NAMED])


def _refuse_strangers(
    setting: Setting, people: NDArray[np.float64], is_away: NDArray[np.bool_]
) -> None:
    if is_away.any():
        raise UnanswerableError(
            "{people} people at {n} places have no way of at most {longest} minutes to any"
            " candidate or station: {places}; offer candidates near them, or leave them out with"
            " --leave-out",
            longest=f"{LONGEST_S / 60:g}",
            **_who(setting, people, is_away),
        )


def _refuse_everybody(
    setting: Setting, posed: Posed, people: NDArray[np.float64], is_lost: NDArray[np.bool_]
) -> NoReturn:
    details = {
        "minutes": f"{setting.standard_s / 60:g}",
        "share": _rounded_down(float(people[~is_lost].sum()) / float(people.sum())),
        **_who(setting, people, is_lost),
    }
    least = _least(_nearest_to(setting, posed, is_lost).max())
    if least is None:
        raise UnanswerableError(
            "{people} people at {n} places are out of reach of every candidate and station within"
            " {minutes} minutes: {places}; no standard up to {longest} minutes would do; offer"
            " candidates near them, leave them out with --leave-out, or ask the model pscp for a"
            " share of {share}",
            longest=f"{LONGEST_S / 60:g}",
            **details,
        )
    raise UnanswerableError(
        "{people} people at {n} places are out of reach of every candidate and station within"
        " {minutes} minutes: {places}; a standard of {least} minutes would do, or ask the model"
        " pscp for a share of {share}",
        least=least,
        **details,
    )


def _refuse_share(
    setting: Setting,
    share: float,
    posed: Posed,
    people: NDArray[np.float64],
    is_lost: NDArray[np.bool_],
) -> NoReturn:
    wanted = share * float(people.sum()) - float(people[~is_lost].sum())
    details = {
        "share": f"{share:.10g}",
        "minutes": f"{setting.standard_s / 60:g}",
        "most": _rounded_down(float(people[~is_lost].sum()) / float(people.sum())),
        **_who(setting, people, is_lost),
    }
    least = _least(_until(_nearest_to(setting, posed, is_lost), people[is_lost], wanted))
    if least is None:
        raise UnanswerableError(
            "a share of {share} of the people cannot be served within {minutes} minutes, at most"
            " {most}; out of reach are {people} people at {n} places: {places}; no standard up to"
            " {longest} minutes would do",
            longest=f"{LONGEST_S / 60:g}",
            **details,
        )
    raise UnanswerableError(
        "a share of {share} of the people cannot be served within {minutes} minutes, at most"
        " {most}; out of reach are {people} people at {n} places: {places}; a standard of {least}"
        " minutes would do",
        least=least,
        **details,
    )


def _refuse_floors(
    setting: Setting, posed: Posed, people: NDArray[np.float64], is_lost: NDArray[np.bool_]
) -> None:
    """Refuse the first floor that cannot be kept; the standard named is enough for all floors."""
    floors, areas = posed.floors, setting.areas
    if floors is None or areas is None:
        return
    away_s = np.zeros(len(people))
    short: list[tuple[int, float]] = []
    for k, floor in enumerate(floors.min_share):
        inside = floors.area == k
        total = float(people[inside].sum())
        served = float(people[inside & ~is_lost].sum())
        if served < floor * total * (1 - _ROUNDING):
            short.append((k, floor * total - served))
    if not short:
        return
    away_s[is_lost] = _nearest_to(setting, posed, is_lost)
    enough = [
        _until(away_s[rows], people[rows], wanted)
        for k, wanted in short
        for rows in [is_lost & (floors.area == k)]
    ]
    first = short[0][0]
    inside = floors.area == first
    most = float(people[inside & ~is_lost].sum()) / float(people[inside].sum())
    details = {
        "area": str(areas["name"].iloc[first]),
        "floor": f"{floors.min_share[first]:.10g}",
        "minutes": f"{setting.standard_s / 60:g}",
        "most": _rounded_down(most),
        **_who(setting, people, is_lost & inside),
    }
    least = _least(max(enough))
    if least is None:
        raise UnanswerableError(
            "area {area} cannot have a share of {floor} of its people served within {minutes}"
            " minutes, at most {most}; out of reach there are {people} people at {n} places:"
            " {places}; no standard up to {longest} minutes would do for all floors",
            longest=f"{LONGEST_S / 60:g}",
            **details,
        )
    raise UnanswerableError(
        "area {area} cannot have a share of {floor} of its people served within {minutes}"
        " minutes, at most {most}; out of reach there are {people} people at {n} places: {places};"
        " a standard of {least} minutes would do for all floors",
        least=least,
        **details,
    )


def _nearest_to(setting: Setting, posed: Posed, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the seconds from some places to the nearest that may serve; infinite beyond an hour."""
    sites = posed.may_serve
    if setting.network is None:  # straight lines depend on all places: they are drawn on one plane
        return nearest_s(setting.within(LONGEST_S).reach(sites))[chosen]
    places = _some(setting.demand.places, np.flatnonzero(chosen))
    return nearest_s(
        measure(places, sites, setting.network, mode=setting.mode, standard_s=LONGEST_S)
    )


def _some(points: gpd.GeoSeries, rows: Sequence[int] | NDArray[np.int64]) -> gpd.GeoSeries:
    return gpd.GeoSeries(points.to_numpy()[rows], crs=points.crs)


def _until(away_s: NDArray[np.float64], people: NDArray[np.float64], wanted: float) -> float:
    """Give the shortest journey within which so many people are."""
    order = np.argsort(away_s, kind="stable")
    served = np.cumsum(people[order])
    enough = int(np.searchsorted(served, wanted * (1 - _ROUNDING)))
    return float(away_s[order[min(enough, len(order) - 1)]])


def _least(away_s: float) -> str | None:
    """Name a standard in minutes, rounded up; None beyond an hour."""
    if not away_s <= LONGEST_S:
        return None
    tenths = np.ceil(away_s / _STEP_S - _ROUNDING)
    return f"{min(tenths / 10, LONGEST_S / 60):g}"


def _who(
    setting: Setting, people: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> dict[str, object]:
    """Say how many people are out of reach, and where the most of them are."""
    rows = np.flatnonzero(chosen)
    most_first = rows[np.argsort(-people[rows], kind="stable")]
    # Places may share a name; a few more are looked at than are named.
    return {
        "n": len(rows),
        "people": f"{people[rows].sum():,.0f}",
        "places": _places(setting, [int(i) for i in most_first[: 10 * _N_NAMED]]),
    }


def _rounded_down(share: float) -> str:
    """Give a share that can be asked for and answered."""
    return f"{np.floor(share * 1e4 + _ROUNDING) / 1e4:g}"
