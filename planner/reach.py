"""Who reaches which station within the service standard.

Reach is sparse: rows are places of demand, columns are stations or candidate sites. The standard is
inclusive: a journey of exactly the standard counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.network import Network
from geodata.streets import DETOUR_FACTOR
from geodata.travel import Travel, between, milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Pairs of place and facility within a standard.

    Attributes
    ----------
    travel_s
        CSR, shape (n_places, n_facilities): seconds of the stored pairs, zeros included.
    mode, standard_s
        How people travel, and the longest journey that counts.
    off_network_places, off_network_facilities
        Positions of those farther from any street than the snapping limit; nobody reaches them.
    is_straight_line
        True where the city has no streets.
    """

    travel_s: csr_array
    mode: str
    standard_s: float
    off_network_places: NDArray[np.int64]
    off_network_facilities: NDArray[np.int64]
    is_straight_line: bool

    @classmethod
    def of(cls, travel: Travel, *, mode: str, standard_s: float) -> Reach:
        """Give travel from places to facilities, limited by the standard, as their reach."""
        return cls(
            travel.seconds,
            mode,
            standard_s,
            np.flatnonzero(np.isinf(travel.origin_access_m)),
            np.flatnonzero(np.isinf(travel.destination_access_m)),
            travel.is_straight_line,
        )

    def matrix(self) -> csr_array:
        """Give 1 where a place reaches a facility, as CSR of 8-bit integers."""
        return csr_array(
            (np.ones(self.travel_s.nnz, np.int8), self.travel_s.indices, self.travel_s.indptr),
            shape=self.travel_s.shape,
        )

    def within(self, standard_s: float) -> Reach:
        """Give the part of the reach within a shorter standard, inclusive."""
        kept = np.rint(self.travel_s.data * 1000) <= milliseconds(standard_s)
        before = np.concatenate([[0], np.cumsum(kept)])
        travel_s = csr_array(
            (self.travel_s.data[kept], self.travel_s.indices[kept], before[self.travel_s.indptr]),
            shape=self.travel_s.shape,
        )
        return Reach(
            travel_s,
            self.mode,
            standard_s,
            self.off_network_places,
            self.off_network_facilities,
            self.is_straight_line,
        )


def measure(
    places: gpd.GeoSeries,
    facilities: gpd.GeoSeries,
    network: Network | None,
    *,
    mode: str,
    standard_s: float,
    detour_factor: float = DETOUR_FACTOR,
    threads: int | None = None,
) -> Reach:
    """Find all pairs of place and facility within the standard.

    Parameters
    ----------
    places, facilities
        Points in WGS 84 (EPSG:4326).
    network
        The streets; None means straight line × `detour_factor`.
    mode
        ``walk`` or ``ebike``.
    standard_s
        Longest journey in seconds, inclusive.
    detour_factor
        Street distance over straight line; used without a network only.
    threads
        As in `geodata.travel.between`.

    Raises
    ------
    InvalidInputError
        When the mode or the standard breaks the rules of `geodata.travel.between`.
    """
    travel = between(
        network,
        places,
        facilities,
        mode=mode,
        limit_s=standard_s,
        detour_factor=detour_factor,
        with_metres=False,
        threads=threads,
    )
    return Reach.of(travel, mode=mode, standard_s=standard_s)
