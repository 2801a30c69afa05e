"""Testimony: what the evidence says, in sentences for people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from geodata.frames import Floats
from geodata.inquiry.evidence import Districts, Kind
from geodata.inquiry.readings import Readings
from geodata.inquiry.verdict import Evidence, length

_MOST_FRAMES = 6
_DEGREES = "the numbers are degrees in China; by themselves they may be {frames}"
_METRES = "the numbers are metres; by themselves they may be {frames}"
_SWAPPED = "read as {frame}, x is the north and y the east"
_NOTHING = (
    "the sheet and the city have nothing in common that could tell {frames} apart: no station, "
    "district or street of the same name"
)
_CONFLICT = "one kind of evidence alone speaks plainly against {frame}; look at the rows"
_INSIDE = "{n} of {total} rows lie in the district they state when read as {frame}"
_INSIDE_ELSE = (
    "{n} of {total} rows lie in the district they state when read as {frame}, {k} when read as "
    "{other}"
)
_AWAY = {
    "known": "{n} rows bear the names of known stations and lie {m} from them when read as {frame}",
    "streets": "{n} rows name a street and lie {m} from it when read as {frame}",
    "places": "{n} rows name a known place and lie {m} from it when read as {frame}",
    "beside": "{n} other rows lie {m} from the nearest street when read as {frame}",
}
_AWAY_ELSE = {
    "known": (
        "{n} rows bear the names of known stations and lie {m} from them when read as {frame}, "
        "{k} when read as {other} (medians)"
    ),
    "streets": (
        "{n} rows name a street and lie {m} from it when read as {frame}, {k} when read as {other} "
        "(medians)"
    ),
    "places": (
        "{n} rows name a known place and lie {m} from it when read as {frame}, {k} when read as "
        "{other} (medians)"
    ),
    "beside": (
        "{n} other rows lie {m} from the nearest street when read as {frame}, {k} when read as "
        "{other} (medians)"
    ),
}


def evidence_of(
    readings: Readings,
    kinds: Mapping[str, Kind],
    distances: Mapping[str, Floats],
    layers: Mapping[str, Floats],
    order: NDArray[np.intp],
) -> tuple[Evidence, ...]:
    """Give the sentences, the weightiest first, what the numbers say by themselves last.

    Parameters
    ----------
    distances, layers
        What `Kind.measured` and `Kind.log_ratios` gave for the readings.
    order
        Numbers of the readings, the likeliest first; the first is compared with the second.
    """
    best = int(order[0])
    other = int(order[1]) if len(order) > 1 else None
    said = [_told(name, kinds[name], distances[name], layers[name], readings, best, other)
            for name in kinds]  # fmt: skip
    said.sort(key=lambda e: -abs(e.weight))
    return (*(said or [_nothing(readings, best)]), *_numbers(readings, best))


def conflict(frame: str) -> Evidence:
    """Say that the kinds of evidence do not agree."""
    return Evidence(kind="conflict", frame=frame, template=_CONFLICT, details={"frame": frame})


def _numbers(readings: Readings, best: int) -> list[Evidence]:
    frame, is_swapped = readings.names[best]
    template = _METRES if frame.startswith("epsg:") else _DEGREES
    details = {"frames": _frames(readings)}
    said = [Evidence(kind="numbers", frame=frame, template=template, details=details)]
    if is_swapped:
        details = {"frame": frame}
        said.append(Evidence(kind="numbers", frame=frame, template=_SWAPPED, details=details))
    return said


def _nothing(readings: Readings, best: int) -> Evidence:
    details = {"frames": _frames(readings)}
    frame = readings.names[best][0]
    return Evidence(kind="nothing", frame=frame, template=_NOTHING, details=details)


def _frames(readings: Readings) -> str:
    """Name the frames, or the first of many."""
    names = list(dict.fromkeys(frame for frame, _ in readings.names))
    return ", ".join(names[:_MOST_FRAMES]) + (", …" if len(names) > _MOST_FRAMES else "")


def _told(
    name: str,
    kind: Kind,
    distance_m: Floats,
    layer: Floats,
    readings: Readings,
    best: int,
    other: int | None,
) -> Evidence:
    details: dict[str, object] = {"frame": readings.names[best][0]}
    weight = 0.0
    if other is not None:
        details["other"] = readings.names[other][0]
        weight = float((layer[:, best] - layer[:, other]).sum(axis=-1).mean())
    if isinstance(kind, Districts):
        rows = kind.matches.row
        details |= {"n": _inside(rows, distance_m[best]), "total": len(np.unique(rows))}
        template = _INSIDE
        if other is not None:
            details["k"], template = _inside(rows, distance_m[other]), _INSIDE_ELSE
    else:
        details |= {"n": distance_m.shape[1], "m": length(float(np.median(distance_m[best])))}
        template = _AWAY[name]
        if other is not None:
            details["k"] = length(float(np.median(distance_m[other])))
            template = _AWAY_ELSE[name]
    return Evidence(
        kind=name, frame=readings.names[best][0], template=template, details=details, weight=weight
    )


def _inside(rows: NDArray[np.intp], distance_m: Floats) -> int:
    """Count the rows that lie in one of the districts they state."""
    return len(np.unique(rows[distance_m >= 0]))
