"""The offline basemap: streets, rivers, railways and areas as vector tiles in one PMTiles file.

One layer, ``basemap``, with the attributes ``kind`` and ``name``. A tile holds the kinds that are
worth drawing at its zoom, see `MIN_ZOOM`, so that small scales stay light. GDAL cuts and encodes
the tiles, once for each span of zooms that shows the same kinds; the spans then go into one file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pmtiles.reader import MmapSource, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geodata.errors import InvalidInputError, UnavailableError

LAYER = "basemap"

MOST_LAT_DEG = 85.0511
"""Web maps end at this latitude, north and south."""

MIN_ZOOM = {
    "motorway": 9,
    "trunk": 9,
    "primary": 10,
    "secondary": 11,
    "tertiary": 12,
    "residential": 13,
    "service": 14,
    "footway": 14,
    "river": 9,
    "water": 9,
    "railway": 10,
    "border": 9,
    "place": 10,
}
"""Kinds, and the smallest zoom at which each is in the tiles."""

_KIND = {
    "unclassified": "residential",
    "living_street": "residential",
    "road": "residential",
    "track": "service",
    "path": "footway",
    "pedestrian": "footway",
    "steps": "footway",
    "cycleway": "footway",
    "bridleway": "footway",
    "corridor": "footway",
    "platform": "footway",
    "elevator": "footway",
}
_TILE_LIMIT_BYTES = "4000000"
"""GDAL thins out tiles that are larger; none of a city's comes near it."""


def write_basemap(
    path: Path,
    streets: gpd.GeoDataFrame | None,
    areas: gpd.GeoDataFrame | None = None,
    *,
    name: str,
    attribution: str,
    min_zoom: int = 9,
    max_zoom: int = 14,
) -> None:
    """Write the basemap of a city, all or nothing.

    Parameters
    ----------
    path
        The PMTiles file; one that is there is replaced.
    streets
        Streets frame (WGS 84), or None.
    areas
        Areas frame (WGS 84), or None; drawn as borders, with a point for each name.
    name, attribution
        Written into the file for whoever shows it.
    min_zoom, max_zoom
        Zooms to make tiles for; from 0 to 16.

    Raises
    ------
    InvalidInputError
        When there is nothing to draw, something lies beyond `MOST_LAT_DEG`, or the zooms are out
        of order.
    UnavailableError
        When the file cannot be written.
    """
    if not 0 <= min_zoom <= max_zoom <= 16:
        raise InvalidInputError(
            "zooms {min_zoom} to {max_zoom} are out of order; give two from 0 to 16",
            min_zoom=min_zoom,
            max_zoom=max_zoom,
        )
    features = pd.concat([_street_features(streets), _area_features(areas)], ignore_index=True)
    if len(features) == 0:
        raise _nothing()
    shapes = features["shape"].to_numpy(dtype=object)
    table = gpd.GeoDataFrame(
        features[["kind", "name"]].astype("str"), geometry=shapes, crs="EPSG:4326"
    )
    _check_latitudes(table.total_bounds)
    about: dict[str, object] = {
        "name": name,
        "attribution": attribution,
        "format": "pbf",
        "type": "baselayer",
        "vector_layers": [
            {
                "id": LAYER,
                "fields": {"kind": "String", "name": "String"},
                "minzoom": min_zoom,
                "maxzoom": max_zoom,
            }
        ],
    }
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".basemap-") as folder:
            tiles = _tiles(table, min_zoom, max_zoom, Path(folder))
            made = _pack(tiles, about, table.total_bounds, Path(folder) / "all")
            made.replace(path)
    except OSError as error:
        raise UnavailableError(
            "the basemap {path} cannot be written ({reason}); check the folder and its space",
            path=path,
            reason=error.strerror,
        ) from error


def _nothing() -> InvalidInputError:
    return InvalidInputError("there is nothing to draw on a map; give streets or areas")


def _check_latitudes(bounds_deg: NDArray[np.float64]) -> None:
    """Refuse what the projection of web maps cannot show."""
    lat = max(bounds_deg[[1, 3]].tolist(), key=abs)
    if abs(lat) > MOST_LAT_DEG:
        raise InvalidInputError(
            "streets or areas reach latitude {lat}, but web maps end at {limit} degrees; "
            "leave out what lies beyond",
            lat=f"{lat:.6g}",
            limit=MOST_LAT_DEG,
        )


def _tiles(
    table: gpd.GeoDataFrame, min_zoom: int, max_zoom: int, folder: Path
) -> Iterator[tuple[int, bytes]]:
    """Give the number and content of every tile, span by span of zooms."""
    from_zoom = np.minimum([MIN_ZOOM[kind] for kind in table["kind"]], max_zoom)
    starts = sorted({min_zoom, *(int(z) for z in from_zoom if z > min_zoom)})
    for first, after in zip(starts, [*starts[1:], max_zoom + 1], strict=True):
        shown = table.loc[from_zoom <= first]
        if len(shown) == 0:
            continue
        part = folder / f"{first}.pmtiles"
        pyogrio.write_dataframe(
            shown,
            part,
            layer=LAYER,
            driver="PMTiles",
            dataset_options={
                "MINZOOM": str(first),
                "MAXZOOM": str(after - 1),
                "MAX_SIZE": _TILE_LIMIT_BYTES,
            },
        )
        with part.open("rb") as file:
            for (zoom, column, row), content in all_tiles(MmapSource(file)):
                yield zxy_to_tileid(zoom, column, row), content


def _pack(
    tiles: Iterator[tuple[int, bytes]],
    about: dict[str, object],
    bounds_deg: NDArray[np.float64],
    path: Path,
) -> Path:
    first = next(tiles, None)
    if first is None:  # all is too small to be seen at any zoom
        raise _nothing()
    west, south, east, north = (round(side * 1e7) for side in bounds_deg.tolist())
    with path.open("wb") as file:
        writer: Any = Writer(file)
        for number, content in chain([first], tiles):
            writer.write_tile(number, content)
        writer.finalize(
            {
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": west,
                "min_lat_e7": south,
                "max_lon_e7": east,
                "max_lat_e7": north,
                "center_zoom": 12,
                "center_lon_e7": (west + east) // 2,
                "center_lat_e7": (south + north) // 2,
            },
            about,
        )
    return path


def _street_features(streets: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Join the pieces of each street between its junctions: fewer features draw faster."""
    if streets is None or streets.empty:
        return _features([], [], [])
    highway = streets["highway"].astype(str).str.removesuffix("_link")
    kind = highway.map(lambda h: _KIND.get(h, h if h in MIN_ZOOM else "service"))
    lines = streets.geometry.to_numpy()
    table = pd.DataFrame({"kind": kind, "name": streets["name"].fillna("").astype(str)})
    of_line = table.groupby(["kind", "name"], sort=True).ngroup().to_numpy()
    labels = table.drop_duplicates().sort_values(["kind", "name"])
    order = np.argsort(of_line, kind="stable")
    joined = shapely.multilinestrings(lines[order], indices=of_line[order])
    parts, of = shapely.get_parts(shapely.line_merge(joined), return_index=True)
    kinds, names = (labels[c].to_numpy()[of].tolist() for c in ("kind", "name"))
    return _features(kinds, names, parts.tolist())


def _area_features(areas: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Draw a border between two areas once, and put each name inside its area."""
    if areas is None or areas.empty:
        return _features([], [], [])
    polygons = areas.geometry.to_numpy()
    borders = shapely.union_all(shapely.boundary(polygons))
    lines = shapely.get_parts(shapely.line_merge(borders)).tolist()
    places = shapely.point_on_surface(polygons).tolist()
    kinds = ["border"] * len(lines) + ["place"] * len(places)
    return _features(kinds, [""] * len(lines) + areas["name"].to_list(), lines + places)


def _features(kinds: list[str], names: list[str], shapes: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"kind": kinds, "name": names, "shape": shapes}, dtype=object)
