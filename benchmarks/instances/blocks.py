"""Maximal covering on real census blocks, with the best values known.

Máximo, Cordeau and Nascimento, AILS-PR for the maximal covering location problem, International
Transactions in Operational Research (2023); instances of the AILS-MCLP repository (MIT licence).
Candidates are the blocks themselves. Distances are the authors' own: single precision, a sphere of
6,378,100 m.
"""

from __future__ import annotations

import csv
import lzma
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.instances.instance import Instance, benchmark_data, fingerprint

_EARTH_M = 6_378_100


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """One city: reach of shape (n, n) and people of shape (n,)."""

    instance: Instance
    reach: csr_array
    people: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Published:
    """A city, a radius, a number of sites, and what is known of the best plan."""

    city: str
    radius_m: float
    n_sites: int
    best_known: int
    is_proved: bool


def published() -> list[Published]:
    """Give the twelve published questions."""
    path = benchmark_data() / "mclp_cities" / "best_known.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Published(
                row["instance"],
                float(row["radius_m"]),
                int(row["p"]),
                int(row["best_known"]),
                row["proved_optimal_by_authors"] == "yes",
            )
            for row in csv.DictReader(file)
        ]


def read_blocks(city: str, radius_m: float, *, n_first: int | None = None) -> Blocks:
    """Read a city; ``n_first`` keeps the sub-matrix of its first blocks."""
    with lzma.open(benchmark_data() / "mclp_cities" / f"{city}.txt.xz", "rt") as file:
        text = file.read()
    places, _, weights = text.partition("NODE_COORD_SECTION")[2].partition("DEMAND_SECTION")
    degrees = np.array(places.split(), dtype=np.float64).reshape(-1, 2)
    people = np.array(weights.removesuffix("EOF").split()[: len(degrees)], dtype=np.float64)
    degrees, people = degrees[:n_first], people[:n_first]
    reach = csr_array((_distances_m(degrees) <= radius_m).astype(np.int8))
    part = "" if n_first is None else f"-first{n_first}"
    digest = fingerprint(degrees, people, np.array([radius_m]))
    return Blocks(Instance(f"{city}-{radius_m:.0f}m{part}", None, digest), reach, people)


def _distances_m(degrees: NDArray[np.float64]) -> NDArray[np.float32]:
    lat, lon = np.radians(degrees).T
    cosine = np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    cosine += np.sin(lat)[:, None] * np.sin(lat)
    # Rounding may lift the cosine of a block with itself above 1.
    angle = np.arccos(np.minimum(cosine, 1.0)).astype(np.float32)
    return np.asarray(angle * np.float32(_EARTH_M), dtype=np.float32)
