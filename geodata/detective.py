"""The frame detective: which frame the unnamed coordinates of a sheet are in, and how surely.

Every frame that the numbers allow is a hypothesis: where would the rows be? What the city knows of
the rows then speaks: stations of the same name, the district a row states, the street it names,
streets at all. GCJ-02 is 300 to 700 m from WGS 84 and BD-09 about 1.2 km, so that with a street map
some ten rows are enough, while with districts alone only the rows near a border count. Without
anything of the city WGS 84, GCJ-02 and BD-09 cannot be told apart, and the answer is "cannot tell";
no frame is held likelier because offices use it more.

Rows may be in several frames. The sheet's frame is that of most rows: under each hypothesis a row
is either in that frame or, with a probability summed over 3, 12 and 30 %, in another one. One row
alone can therefore never convince. Rows at one spot count less than rows apart, for they share
their errors. Beside the frames stands the hypothesis "none of them", under which rows are anywhere
within some kilometres or all moved together by an unknown step; and when one kind of evidence
speaks plainly for another frame than all together do, the answer is "cannot tell" as well.

Numbers of Xi'an 1980 and Beijing 1954 zones look like those of CGCS2000 and are told as such; they
are some 100 m off.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from geodata.inquiry import testimony
from geodata.inquiry.hypotheses import contradicted, probabilities, put
from geodata.inquiry.misfits import find_misfits
from geodata.inquiry.readings import read
from geodata.inquiry.scene import City, Scene, Texts
from geodata.inquiry.verdict import Evidence, Misfit, Verdict, verdict_findings

__all__ = ["Evidence", "Misfit", "Verdict", "detect", "verdict_findings"]

SURE = 0.9
"""A frame is named when it is at least this probable."""

MOST_SURE = 0.999
"""No verdict is surer than this: the city itself may be wrong."""

MOST_ROWS = 800
"""So many rows, evenly drawn, decide; all rows are then looked at one by one."""

_MOST_CANDIDATES = 6


def detect(
    x: ArrayLike,
    y: ArrayLike,
    *,
    names: Sequence[object] | None = None,
    addresses: Sequence[object] | None = None,
    districts: Sequence[object] | None = None,
    known: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    streets: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    frame: str | None = None,
) -> Verdict:
    """Say which frame the coordinates of a sheet are in, or that it cannot be told.

    Parameters
    ----------
    x, y
        Shape (n,): numbers as the file gives them; NaN where there is none.
    names, addresses, districts
        Texts by row; None where the sheet has no such column, empty where a cell has nothing.
    known
        Stations of the register (WGS 84, column `name`).
    areas
        Districts (polygons in WGS 84, columns `id` and `name`).
    streets
        Streets frame of the city.
    places
        Named points in WGS 84 (column `name`).
    frame
        Frame that somebody names; where the rows do not tell theirs, those that do not fit this
        one are looked for.

    Returns
    -------
    Verdict
        Its frame is None unless one is at least `SURE`.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    finite = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    few = finite[np.linspace(0, len(finite) - 1, min(len(finite), MOST_ROWS)).astype(np.intp)]
    city = City(*(_placed(frame) for frame in (known, areas, streets, places)))
    readings = read(a[few], b[few], box=city.box())
    if not readings.names:
        city = City()
        readings = read(a[few], b[few], box=None)
    if not readings.names:
        return Verdict(frame=None, is_swapped=False, confidence=0.0, candidates=(), evidence=())
    columns = (names, addresses, districts)
    there = readings.is_there[0]
    scene = Scene.around(
        city,
        lon_deg=readings.lon_deg[0][there],
        lat_deg=readings.lat_deg[0][there],
        step_m=float(readings.step_m[0]),
    )
    case = put(readings, Texts.of(few, *columns), scene)
    probable = probabilities(case)
    order = np.argsort(-probable, kind="stable")
    likely = [readings.names[i] for i in order[:_MOST_CANDIDATES]]
    sure = np.minimum(probable[order[:_MOST_CANDIDATES]], MOST_SURE).tolist()
    spoken = testimony.evidence_of(readings, case.kinds, case.distances, case.layers, order)
    if contradicted(case, int(order[0])):
        sure[0] = min(sure[0], 0.5)
        spoken = (testimony.conflict(likely[0][0]), *spoken)
    misfits: tuple[Misfit, ...] = ()
    if sure[0] >= SURE:
        rows = Texts.of(finite, *columns)
        misfits = find_misfits(a, b, finite, rows, scene, readings=likely)
    else:
        named = _named(readings.names, frame)
        if named is not None:
            rows = Texts.of(finite, *columns)
            others = [name for name in likely if name != named]
            misfits = find_misfits(a, b, finite, rows, scene, readings=[named, *others])
    return Verdict(
        frame=likely[0][0] if sure[0] >= SURE else None,
        is_swapped=likely[0][1],
        confidence=sure[0],
        candidates=tuple((*name, p) for name, p in zip(likely, sure, strict=True)),
        evidence=spoken,
        rows=misfits,
    )


def _named(names: Sequence[tuple[str, bool]], frame: str | None) -> tuple[str, bool] | None:
    """Give the reading of a frame that somebody names, with exchanged axes only where it must."""
    told_as = "wgs84" if frame == "cgcs2000" else frame
    return min((name for name in names if name[0] == told_as), key=lambda n: n[1], default=None)


def _placed(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Leave out rows without a place; None when none has one."""
    if frame is None:
        return None
    kept = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    return kept if len(kept) else None
