"""Write GeoJSON (RFC 7946): WGS 84, one Feature for each row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import shapely

from geodata.exporters.draft import finished
from geodata.exporters.flat import has_sample, in_wgs84, noted, plain
from geodata.exporters.headers import SAMPLE_COLUMN, SAMPLE_NOTE
from geodata.records import Closure, Offer
from geodata.written import known


def write(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a frame as GeoJSON; raises as `dumps` and `draft.finished` do."""
    text = dumps(frame)
    with finished(path) as draft:
        draft.write_text(text, encoding="utf-8")


def dumps(frame: gpd.GeoDataFrame) -> str:
    """Give a frame as the text of a FeatureCollection.

    Properties keep the names of the columns; facilities are a list, offers and closures lists of
    objects, presence is left out, what is not known is null. A collection with invented places
    says so, as does each of them.

    Raises
    ------
    InvalidInputError
        When the frame does not name its coordinate system.
    """
    table = noted(frame)
    names = [str(c) for c in table.columns if c != frame.geometry.name]
    columns = [[_property(v) for v in table[n]] for n in names]
    shapes = shapely.to_geojson(np.asarray(in_wgs84(frame).geometry.array, dtype=object))
    rows = zip(*columns, strict=True) if columns else [()] * len(frame)
    features = [
        {
            "type": "Feature",
            "geometry": None if shape is None else orjson.Fragment(shape),
            "properties": dict(zip(names, row, strict=True)),
        }
        for shape, row in zip(shapes, rows, strict=True)
    ]
    note = {SAMPLE_COLUMN: SAMPLE_NOTE} if has_sample(frame) else {}
    return orjson.dumps({"type": "FeatureCollection", **note, "features": features}).decode()


def _property(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [known(v) if isinstance(v, Offer | Closure) else plain(v) for v in value]
    return plain(value)
