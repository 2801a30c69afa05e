"""Misfits: rows that do not fit the frame of their sheet, or that are not where their text says.

All rows are read in the frame of the verdict. Those that fit badly are then read in every other
frame that the numbers allow; a row that fits another one much better is in that frame. Of the rest,
some lie in another district than they state, and some lie far from what they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.areas import assign
from geodata.frames import Floats
from geodata.inquiry.clues import gather
from geodata.inquiry.evidence import Districts, Kind, Named, Points
from geodata.inquiry.mentions import plain, plains
from geodata.inquiry.readings import convert
from geodata.inquiry.scene import Scene, Texts
from geodata.inquiry.verdict import Misfit

Reading = tuple[str, bool]

BORDER_M = 100.0
"""A row this far outside the district it states, or less, may lie in it after all."""

KNOWN_FAR_M = 1000.0
STREET_FAR_M = 2000.0
ZONE_FAR_M = 5000.0
"""So far from the known station, the street or the other rows of its zone a row is misplaced."""

_MANY = 2000
_SUPPORT = 1.0
_LIKELY = 3.0
_SAME_FRAME = 0.5
_NOT_THERE = -7.0
_STRAY = 0.05
_SURE_ODDS = 19.0
_LEAST_IN_ZONE = 5
_ZONE_SPREADS = 8.0
_FAR_M = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of a sheet and what speaks of them, whatever frame they are in."""

    texts: Texts
    kinds: dict[str, Kind]

    def distances(self, xy: Floats) -> dict[str, Floats]:
        """Give what each kind measures for positions of shape (k, n, 2)."""
        return {name: kind.measured(xy) for name, kind in self.kinds.items()}

    def ratios(self, distances: dict[str, Floats]) -> Floats:
        """Give log likelihood ratios by kind, shape (kinds, k, n), texts taken at their word."""
        layers = [kind.log_ratios(distances[name])[0] for name, kind in self.kinds.items()]
        return np.array(layers)


def find_misfits(
    x: Floats,
    y: Floats,
    rows: NDArray[np.intp],
    texts: Texts,
    scene: Scene,
    *,
    readings: Sequence[Reading],
) -> tuple[Misfit, ...]:
    """Give the rows that do not fit, by row.

    Parameters
    ----------
    x, y
        Numbers of all rows of the sheet.
    rows
        Shape (n,): rows whose numbers are finite.
    texts
        Texts of those n rows.
    readings
        The verdict first, then other frames that rows may be in.
    """
    xy = _placed(x[rows], y[rows], readings[:1], scene)
    all_rows = _Rows(texts, gather(texts, scene, quickly=len(rows) > _MANY))
    distances = all_rows.distances(xy)
    ratios = all_rows.ratios(distances)[:, 0] if all_rows.kinds else np.zeros((1, len(rows)))
    doubtful = np.flatnonzero((ratios.min(axis=0) < 0.0) | ~_is_in_city(xy[0], scene))
    found = [
        *_outside(all_rows, xy[0], distances, scene),
        *_misplaced(all_rows, xy[0], distances, ratios.max(axis=0), scene),
    ]
    if len(doubtful) and len(readings) > 1:
        found += _strays(x[rows][doubtful], y[rows][doubtful], doubtful, texts, scene, readings)
    by_row = {m.row: m for m in found}
    return tuple(replace(by_row[i], row=int(rows[i])) for i in sorted(by_row))


def _placed(x: Floats, y: Floats, readings: Sequence[Reading], scene: Scene) -> Floats:
    """Give where readings put rows, shape (k, n, 2); far away where they make no sense."""
    placed = []
    for reading in readings:
        lon, lat = convert(x, y, reading)
        xy = scene.plane.to_xy_m(lon_deg=np.nan_to_num(lon), lat_deg=np.nan_to_num(lat))
        xy[~(np.isfinite(lon) & np.isfinite(xy).all(axis=1))] = _FAR_M
        placed.append(np.clip(xy, -_FAR_M, _FAR_M))
    return np.array(placed)


def _strays(
    x: Floats,
    y: Floats,
    doubtful: NDArray[np.intp],
    texts: Texts,
    scene: Scene,
    readings: Sequence[Reading],
) -> Iterator[Misfit]:
    """Give the doubtful rows that fit another frame much better."""
    xy = _placed(x, y, readings, scene)
    some = texts.at(doubtful)
    rows = _Rows(some, gather(some, scene, quickly=len(doubtful) > _MANY))
    score = np.zeros(xy.shape[:2])
    if rows.kinds:
        score = rows.ratios(rows.distances(xy)).sum(axis=0)
    score += np.where([_is_in_city(p, scene) for p in xy], 0.0, _NOT_THERE)
    score += np.array([[_SAME_FRAME if r[0] == readings[0][0] else 0.0] for r in readings])
    odds = score[1:] - score[0]
    best, most = odds.argmax(axis=0), odds.max(axis=0)
    share = np.bincount(best[most > _LIKELY], minlength=len(odds)) / len(texts.names)
    share = np.clip(share, _STRAY, 0.5)
    needed = np.log((1 - share) / share * _SURE_ODDS)
    for at in np.flatnonzero(most > needed[best]).tolist():
        other = 1 + int(best[at])
        frame, is_swapped = readings[other]
        is_turned = is_swapped != readings[0][1] and frame == readings[0][0]
        yield Misfit(
            row=int(doubtful[at]),
            kind="swapped" if is_turned else "other_frame",
            frame=frame,
            distance_m=float(np.hypot(*(xy[other, at] - xy[0, at]))),
        )


def _is_in_city(xy: Floats, scene: Scene) -> NDArray[np.bool_]:
    """Tell which places are in the box of the city, or of the rows where no city is known."""
    west, south, east, north = scene.city.box() or scene.box
    corners = scene.plane.to_xy_m(lon_deg=[west, east], lat_deg=[south, north])
    return np.asarray(((xy >= corners[0]) & (xy <= corners[1])).all(axis=1))


def _outside(
    rows: _Rows, xy: Floats, distances: dict[str, Floats], scene: Scene
) -> Iterator[Misfit]:
    """Give the rows that lie outside the district they state."""
    kind, areas = rows.kinds.get("districts"), scene.city.areas
    if not isinstance(kind, Districts) or areas is None:
        return
    inside, stated = np.full(kind.n, -np.inf), np.full(kind.n, -1)
    for row, target, metres in zip(
        kind.matches.row, kind.matches.target, distances["districts"][0], strict=True
    ):
        if metres > inside[row]:
            inside[row], stated[row] = metres, target
    wrong = np.flatnonzero((stated >= 0) & (inside < -np.hypot(BORDER_M, scene.step_m)))
    if not len(wrong):
        return
    name = dict(zip(areas["id"], areas["name"].astype(str), strict=True))
    for at, area in zip(wrong.tolist(), _areas_of(xy[wrong], scene, areas), strict=True):
        yield Misfit(
            row=at,
            kind="wrong_district",
            frame="",
            distance_m=float(-inside[at]),
            stated=kind.labels[stated[at]],
            found=name.get(area, ""),
        )


def _misplaced(
    rows: _Rows, xy: Floats, distances: dict[str, Floats], support: Floats, scene: Scene
) -> Iterator[Misfit]:
    """Give the rows that lie far from what they name, and that nothing else supports."""
    far: dict[int, tuple[float, str]] = {}
    for name, limit_m, least in (("known", KNOWN_FAR_M, 0.9), ("streets", STREET_FAR_M, 0.8)):
        kind = rows.kinds.get(name)
        if isinstance(kind, Points | Named):
            is_far = (kind.matches.trust >= least) & (distances[name][0] > limit_m)
            for at in np.flatnonzero(is_far & (support[kind.matches.row] < _SUPPORT)).tolist():
                far[int(kind.matches.row[at])] = float(distances[name][0, at]), kind.labels[at]
    far |= _far_from_zone(rows.texts, xy, scene)
    for row, (metres, what) in far.items():
        yield Misfit(row=row, kind="misplaced", frame="", distance_m=metres, stated=what)


def _far_from_zone(texts: Texts, xy: Floats, scene: Scene) -> dict[int, tuple[float, str]]:
    """Give the rows far from the others of a zone that nobody drew, inside districts drawn."""
    areas = scene.city.areas
    if areas is None:
        return {}
    drawn = set(plains([str(name) for name in areas["name"]]))
    members: dict[str, list[int]] = {}
    for row, text in enumerate(texts.districts):
        members.setdefault(text, []).append(row)
    members = {text: zone for text, zone in members.items() if text and plain(text) not in drawn}
    found: dict[int, tuple[float, str]] = {}
    for text, zone in members.items():
        is_drawn_over = _areas_of(xy[zone], scene, areas).notna().mean() > 0.5
        if len(zone) >= _LEAST_IN_ZONE and is_drawn_over:
            away = np.hypot(*(xy[zone] - np.median(xy[zone], axis=0)).T)
            limit = max(ZONE_FAR_M, _ZONE_SPREADS * float(np.median(away)))
            found |= {zone[i]: (float(away[i]), text) for i in np.flatnonzero(away > limit)}
    return found


def _areas_of(xy: Floats, scene: Scene, areas: gpd.GeoDataFrame) -> pd.Series:
    lon, lat = scene.plane.to_lon_lat_deg(xy)
    return assign(gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326"), areas)
