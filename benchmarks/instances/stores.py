"""San Francisco as spopt's notebook has it: 16 stores, 205 tracts, road distances.

Data and reference values of PySAL spopt (BSD licence).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.instances.instance import Instance, benchmark_data, fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class Stores:
    """Distances in metres, shape (205, 16), people, and the published values by question.

    Values stay as they were printed: those of p-centre have four decimals only.
    """

    instance: Instance
    distance_m: NDArray[np.float64]
    people: NDArray[np.float64]
    values: dict[str, Decimal]


def read_stores() -> Stores:
    """Read the distances, the people and the published values."""
    folder = benchmark_data() / "spopt_san_francisco"
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv.gz")
    table = pairs.pivot_table(index="DestinationName", columns="name", values="distance")
    people = pairs.groupby("DestinationName")["demand"].first().loc[table.index]
    with (folder / "SF_reference_values.csv").open(encoding="utf-8", newline="") as file:
        values = {row["model"]: Decimal(row["value"]) for row in csv.DictReader(file)}
    distance_m, weights = table.to_numpy(), people.to_numpy(dtype=np.float64)
    instance = Instance("spopt-san-francisco", None, fingerprint(distance_m, weights))
    return Stores(instance, distance_m, weights, values)
