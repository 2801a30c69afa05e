"""An unchanging snapshot of the stations of a city, placed on its street network."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import NotFoundError
from geodata.network import Network
from geodata.records import STATION_COLUMNS, STATION_LISTS, Station
from geodata.snap import Snapped, to_edges
from geodata.streets import DETOUR_FACTOR, MODES

LISTED = ("open", "suspended")
"""Statuses of stations that a worker is shown; a planned or revoked one is no place to go."""


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Stations as they were at one version of the data.

    Attributes
    ----------
    stations
        In the order of `frame`.
    frame
        Stations frame (EPSG:4326), index 0 to n - 1.
    network
        The street network, or None where the city has none.
    snapped
        The stations on the network, by mode; empty without a network.
    version
        Version of the data.
    detour_factor
        Street distance over straight line; used without a network only.
    """

    stations: tuple[Station, ...]
    frame: gpd.GeoDataFrame
    network: Network | None
    snapped: dict[str, Snapped]
    version: str
    detour_factor: float = DETOUR_FACTOR

    @classmethod
    def from_frame(
        cls,
        frame: gpd.GeoDataFrame,
        *,
        network: Network | None = None,
        version: str = "",
        detour_factor: float = DETOUR_FACTOR,
    ) -> Catalogue:
        """Make a catalogue of all stations of a frame that a worker may be shown.

        Parameters
        ----------
        frame
            Stations frame in WGS 84 with `geodata.records.STATION_COLUMNS`.
        network
            The street network; None means straight lines.
        version
            Version of the data, for caches.
        detour_factor
            Street distance over straight line; used without a network only.

        Raises
        ------
        InvalidInputError
            When a row breaks the rules of `geodata.records.Station`.
        """
        listed = frame.loc[frame["status"].isin(LISTED)].reset_index(drop=True)
        stations = tuple(to_stations(listed))
        snapped = {}
        if network is not None:
            xy_m = network.plane.to_xy_m(
                lon_deg=listed.geometry.x.to_numpy(), lat_deg=listed.geometry.y.to_numpy()
            )
            snapped = {mode: to_edges(network, xy_m, mode=mode) for mode in MODES}
        return cls(stations, listed, network, snapped, version, detour_factor)

    def get(self, station_id: str) -> Station:
        """Give one station.

        Raises
        ------
        NotFoundError
            When there is none with this id.
        """
        for station in self.stations:
            if station.id == station_id:
                return station
        raise NotFoundError(
            "there is no station {id!s}; look it up in the list of stations", id=station_id
        )


def to_stations(frame: gpd.GeoDataFrame) -> list[Station]:
    """Give the rows of a stations frame as records.

    Parameters
    ----------
    frame
        Stations frame in WGS 84.

    Raises
    ------
    InvalidInputError
        When a row breaks the rules of `geodata.records.Station`.
    """
    columns = [c for c in STATION_COLUMNS if c in frame.columns]
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    rows = frame[columns].to_dict("records")
    return [
        Station(lon_deg=float(x), lat_deg=float(y), **_plain_row(row))
        for row, x, y in zip(rows, lon, lat, strict=True)
    ]


def _plain_row(row: dict[Hashable, object]) -> dict[str, Any]:
    return {str(column): _plain(str(column), value) for column, value in row.items()}


def _plain(column: str, value: object) -> object:
    """Give a cell as the record wants it: no NaN, no NumPy scalar."""
    if column in STATION_LISTS:
        return tuple(value)  # type: ignore[arg-type]  # a list column
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None if column in ("area_m2", "seats", "source_x", "source_y") else ""
    return int(value) if column == "seats" else value  # type: ignore[call-overload]  # a number there
