"""Tiles of many stations behind the page of a small folder: what the map draws at full size."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
import numpy as np
from apiflask import APIFlask
from flask import Flask, Response, jsonify, send_file
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from benchmarks.instances.instance import Instance, fingerprint
from benchmarks.instances.sample_city import sample
from benchmarks.row import Size
from geodata.basemap import write_basemap
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.country import make_country
from geodata.tiles import TilesWritten, write_station_tiles
from web.app import create_app
from web.settings import Settings

_JITTER_DEG = 0.012


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiled:
    """A folder to serve and the tiles that its map shows.

    Attributes
    ----------
    lon_deg, lat_deg
        Where many stations are.
    """

    instance: Instance
    folder: Path
    tiles: Path
    written: TilesWritten
    lon_deg: float
    lat_deg: float

    @property
    def environment(self) -> dict[str, str]:
        """What `make_app` reads."""
        return {"YIZHAN_CITY": str(self.folder), "YIZHAN_BENCH_TILES": str(self.tiles)}


@cache
def country(size: Size) -> Tiled:
    """Give the invented country: 186,000 stations, 400 when tiny; the folder holds a few of them.

    The page lists what the folder has; only the map shows them all.
    """
    frame = make_country(n=186_000 if size == "full" else 400)
    few = frame.iloc[:: max(1, len(frame) // 400)]
    return _tiled("country", frame, CityTables(stations=few), lon_deg=113.63, lat_deg=34.75)


@cache
def city(size: Size) -> Tiled:
    """Give the sample city with 5,000 stations, 100 when tiny, over its own basemap."""
    case = sample("full")
    rng = np.random.default_rng(0)
    n = 5000 if size == "full" else 100
    frame = case.stations.iloc[rng.integers(len(case.stations), size=n)].reset_index(drop=True)
    away = rng.normal(0, _JITTER_DEG, (n, 2))
    frame["id"] = [f"C{k:05d}" for k in range(n)]
    frame["code"] = ""
    frame = frame.set_geometry(
        gpd.points_from_xy(frame.geometry.x + away[:, 0], frame.geometry.y + away[:, 1], crs=4326)
    )
    tables = CityTables(streets=case.streets, areas=case.areas, stations=frame)
    return _tiled("city", frame, tables, lon_deg=113.66, lat_deg=34.755)


def make_app() -> APIFlask:
    """Make the application, with the tiles in the place of its published files."""
    app = create_app(Settings(city=Path(os.environ["YIZHAN_CITY"])))
    tiles = Path(os.environ["YIZHAN_BENCH_TILES"])
    files = Flask("tiles")

    @files.get("/manifest.json")
    def manifest() -> Response:
        return jsonify({"tiles": "all.pmtiles"})

    @files.get("/all.pmtiles")
    def parts() -> Response:
        return send_file(tiles, mimetype="application/vnd.pmtiles", conditional=True)

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/snapshot": files})  # type: ignore[method-assign]  # as Flask says
    return app


def _tiled(
    name: str, frame: gpd.GeoDataFrame, tables: CityTables, *, lon_deg: float, lat_deg: float
) -> Tiled:
    folder = Path(mkdtemp(prefix="yizhan-bench-")) / "city"

    def extra(staging: Path) -> None:
        if tables.streets is not None:
            write_basemap(
                staging / "basemap.pmtiles", tables.streets, tables.areas, name="", attribution=""
            )

    write_city(folder, CitySettings(name=name, is_synthetic=True), tables, write_extra=extra)
    tiles = folder.parent / "all.pmtiles"
    written = write_station_tiles(frame, tiles)
    digest = fingerprint(frame.get_coordinates().to_numpy())
    return Tiled(
        instance=Instance(f"{name}-{len(frame)}", 0, digest),
        folder=folder,
        tiles=tiles,
        written=written,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
    )
