"""Write GeoPackage: one layer for each frame, for QGIS and other GIS."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd
import pyogrio

from geodata.errors import InvalidInputError, UnavailableError
from geodata.exporters.draft import finished
from geodata.exporters.flat import for_programs, in_wgs84, noted


def write(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write frames as layers of one file, in WGS 84.

    Columns keep their names; lists are joined by semicolons, offers and closures are JSON, presence
    is left out. Layers with invented places have a column that says so in their rows.

    Parameters
    ----------
    path
        File to write; replaced as a whole when it exists.
    layers
        Frame by name of its layer. A frame without rows becomes an empty layer of points.

    Raises
    ------
    InvalidInputError
        When there is no layer, or a frame does not name its coordinate system.
    NotFoundError, UnavailableError
        When `path` cannot be written, see `draft.finished`.
    """
    if not layers:
        raise InvalidInputError("a GeoPackage needs at least one layer; give one")
    ready = {name: _layer(frame) for name, frame in layers.items()}
    with finished(path) as draft, TemporaryDirectory() as folder:
        plain = Path(folder, "places.gpkg")  # GDAL gives meaning to some characters of a path
        try:
            for i, (name, frame) in enumerate(ready.items()):
                pyogrio.write_dataframe(
                    frame,
                    plain,
                    layer=name,
                    driver="GPKG",
                    append=i > 0,
                    geometry_type="Point" if frame.empty else None,
                )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise UnavailableError(
                "{path} cannot be written ({reason}); check permissions and disk space",
                path=path,
                reason=error,
            ) from error
        shutil.copyfile(plain, draft)


def _layer(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    placed = in_wgs84(frame)
    table = noted(pd.DataFrame(placed.drop(columns=placed.geometry.name)))
    for column in table.columns:
        if table[column].dtype == object:
            values = for_programs(table[column].tolist())
            table[column] = pd.Series(values, index=table.index, dtype=object)
    return gpd.GeoDataFrame(table, geometry=placed.geometry.array, crs="EPSG:4326")
