"""Which frame the coordinates of a file are in: named by a person or the file, or found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from geodata import detective
from geodata.checks import Finding
from geodata.detective import Verdict, verdict_findings
from geodata.errors import InvalidInputError, YizhanError
from geodata.frames import check_frame
from geodata.importers.position_rules import in_wgs84, is_swapped

Floats = NDArray[np.float64]
_GEOD = Geod(ellps="WGS84")
_SAME_M = 30.0  # frames that put the rows as near together as this are no contradiction
_SWAPPED_SHARE = 0.8
_EXAMPLES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a city knows that tells frames apart: stations, districts, streets and places."""

    known: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """Numbers with their frame.

    Attributes
    ----------
    frame, confidence
        The frame, and how surely it is that, 0 to 1.
    x, y
        Shape (n,): as they stand in the file, exchanged where whole columns were.
    findings
        What was found out, and rows that do not fit.
    """

    frame: str
    confidence: float
    x: Floats
    y: Floats
    findings: tuple[Finding, ...] = field(default_factory=tuple)


def chosen(
    named: list[str], frame: str, *, has_unnamed: bool, can_detect: bool, file_name: str
) -> tuple[str | None, str | None, list[Finding]]:
    """Choose among the frames that headers name; what a person names goes before them.

    Returns
    -------
    tuple
        Which header's frame to read (None for headers that name none), the frame to take it for
        (None when it must be found out), and findings.

    Raises
    ------
    InvalidInputError
        When there is no choice, or no clear one.
    """
    if frame != "auto":
        return _as_told(named, check_frame(frame), has_unnamed=has_unnamed, file_name=file_name)
    if len(named) == 1:
        return named[0], named[0], []
    if named:
        raise InvalidInputError(
            "{path} has coordinates in several frames: {frames}; say which to read with --frame",
            path=file_name,
            frames=", ".join(named),
        )
    if can_detect:
        return None, None, []
    raise InvalidInputError(
        "{path} does not say which coordinate frame it is in; add --frame wgs84, gcj02, bd09 "
        "or cgcs2000 (AMap and Tencent coordinates are gcj02, Baidu bd09, GPS wgs84, "
        "Tianditu cgcs2000)",
        path=file_name,
    )


def _as_told(
    named: list[str], frame: str, *, has_unnamed: bool, file_name: str
) -> tuple[str | None, str, list[Finding]]:
    if frame in named:
        return frame, frame, []
    if has_unnamed:
        return None, frame, []
    if len(named) > 1:
        raise InvalidInputError(
            "{path} has coordinates in {frames}, not in {frame}; name one of these or leave "
            "--frame out",
            path=file_name,
            frames=", ".join(named),
            frame=frame,
        )
    return named[0], frame, [overridden(named[0], frame)]


def overridden(named: str, frame: str) -> Finding:
    """Warn that a person names another frame than the file does, and is believed."""
    return Finding(
        "frame_overridden",
        "the file names the frame {named}, but {frame} was asked for and is used",
        {"named": named, "frame": frame},
        "file",
    )


def framed(
    x: Floats,
    y: Floats,
    rows: NDArray[np.int64],
    *,
    frame: str | None,
    detect: Detector | None,
    column: str,
    file_name: str,
    is_weak: bool = False,
) -> Framed:
    """Find out the frame where nobody names it, and check it where somebody does.

    Parameters
    ----------
    x, y
        Shape (n,): NaN where they cannot be read.
    rows
        Shape (n,): row numbers as a person counts them.
    frame
        The frame that was named; None when it must be found out.
    detect
        What finds it out; None believes `frame`.
    column
        How findings name the columns.
    file_name
        How messages name the file.
    is_weak
        Whether `frame` is only what a format says of every file; evidence goes before it.

    Raises
    ------
    InvalidInputError
        When it cannot be told; says what the rows show and asks.
    """
    is_read = np.isfinite(x) & np.isfinite(y)
    is_asked = detect is not None and (frame is None or detect.knows_anything)
    verdict = detect.verdict(x, y, frame=frame) if detect and is_asked and is_read.any() else None
    if frame is None or (is_weak and verdict is not None and verdict.frame is not None):
        if verdict is None or verdict.frame is None:
            raise _unclear(verdict, file_name)
        if verdict.is_swapped:
            x, y = y, x
        found = verdict_findings(verdict, rows=rows.tolist(), column=column)
        return Framed(verdict.frame, verdict.confidence, x, y, found)
    x, y, findings = _turned_round(x, y, frame, column)
    if verdict is None:
        return Framed(frame, 1.0, x, y, tuple(findings))
    if verdict.frame is None:
        verdict = replace(verdict, frame=frame)
    if _is_another(x, y, frame, verdict):
        findings.append(_doubted(verdict, frame, column))
    else:
        told = verdict_findings(verdict, rows=rows.tolist(), column=column)
        findings += [f for f in told if f.row is not None]
    return Framed(frame, 1.0, x, y, tuple(findings))


def _turned_round(
    x: Floats, y: Floats, frame: str, column: str
) -> tuple[Floats, Floats, list[Finding]]:
    """Exchange whole columns that stand in each other's place; single rows are left to a person."""
    swapped = is_swapped(x, y, frame)
    n = int((np.isfinite(x) & np.isfinite(y)).sum())
    if not n or swapped.sum() <= _SWAPPED_SHARE * n:
        return x, y, []
    template = (
        "{column}: longitude and latitude stand in each other's place in {n} of {total} rows; "
        "the columns were exchanged"
    )
    details = {"column": column, "n": int(swapped.sum()), "total": n}
    return y, x, [Finding("columns_swapped", template, details, "file", None, column)]


def _is_another(x: Floats, y: Floats, frame: str, verdict: Verdict) -> bool:
    """Tell whether a verdict puts the rows elsewhere than the frame that was named."""
    if verdict.frame == frame or verdict.frame is None:
        return False
    if {verdict.frame, frame} == {"wgs84", "cgcs2000"}:
        return False
    some = np.flatnonzero(np.isfinite(x) & np.isfinite(y))[:_EXAMPLES]
    here = in_wgs84(x[some], y[some], frame)
    there = in_wgs84(x[some], y[some], verdict.frame)
    is_place = np.isfinite(np.concatenate([here, there])).all(axis=0)
    apart_m = _GEOD.inv(*(v[is_place] for v in (*here, *there)))[2]
    return not len(apart_m) or float(np.median(apart_m)) > _SAME_M


def _doubted(verdict: Verdict, frame: str, column: str) -> Finding:
    template = (
        "the coordinates were taken for {frame} as they are said to be, but the rows fit {other} "
        "({confidence}): {evidence}; check the frame before you apply this"
    )
    details = {
        "frame": frame,
        "other": verdict.frame,
        "confidence": f"{verdict.confidence:.1%}",
        "evidence": _why(verdict),
    }
    return Finding("frame_doubted", template, details, "file", None, column)


def _unclear(verdict: Verdict | None, file_name: str) -> InvalidInputError:
    frames = [] if verdict is None else [f for f, _, _ in verdict.candidates[:3]]
    if verdict is None or not frames:
        return InvalidInputError(
            "{path} does not say which coordinate frame it is in, and its numbers are no "
            "coordinates in China; correct them, or add --frame wgs84, gcj02, bd09, cgcs2000 or "
            "epsg:N (AMap and Tencent coordinates are gcj02, Baidu bd09, GPS wgs84, Tianditu "
            "cgcs2000)",
            path=file_name,
        )
    return InvalidInputError(
        "{path} does not say which coordinate frame it is in, and its rows may be in {frames}: "
        "{evidence}; add --frame wgs84, gcj02, bd09, cgcs2000 or epsg:N (AMap and Tencent "
        "coordinates are gcj02, Baidu bd09, GPS wgs84, Tianditu cgcs2000)",
        path=file_name,
        frames=", ".join(dict.fromkeys(frames)),
        evidence=_why(verdict),
    )


def _why(verdict: Verdict) -> object:
    """Give the weightiest evidence as a sentence that can be said in another language."""
    if not verdict.evidence:
        return InvalidInputError("nothing that its rows name is known to the city")
    first = verdict.evidence[0]
    return YizhanError(first.template, **first.details)


def finest(areas: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Leave out provinces and cities whose districts are there too, by their codes (GB/T 2260)."""
    if areas is None or not areas["id"].str.fullmatch(r"\d{6}").all():
        return areas
    codes = areas["id"].tolist()
    below = Counter(code[:n] for code in codes for n in (2, 4))
    stem = [code[:2] if code.endswith("0000") else code[:4] for code in codes]
    is_above = [c.endswith("00") and below[s] > 1 for c, s in zip(codes, stem, strict=True)]
    return areas[[not above for above in is_above]]


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """Tells the frame of rows by what they say and what the city knows.

    Attributes
    ----------
    surroundings
        What the city knows.
    said
        ``name``, ``address`` and ``district`` of each row, n of each.
    """

    surroundings: Surroundings
    said: Mapping[str, Sequence[str]]

    @property
    def knows_anything(self) -> bool:
        """Whether there is anything of the city to go by."""
        city = self.surroundings
        frames = (city.known, city.areas, city.streets, city.places)
        return any(frame is not None and len(frame) for frame in frames)

    def verdict(self, x: Floats, y: Floats, *, frame: str | None = None) -> Verdict:
        """Say which frame x and y of all rows are in, or which do not fit one that was named."""
        return detective.detect(
            x,
            y,
            names=self.said["name"],
            addresses=self.said["address"],
            districts=self.said["district"],
            known=self.surroundings.known,
            areas=finest(self.surroundings.areas),
            streets=self.surroundings.streets,
            places=self.surroundings.places,
            frame=frame,
        )
