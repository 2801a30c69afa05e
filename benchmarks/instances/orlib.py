"""The p-median graphs of the OR-Library, with the optima of p-median and p-centre.

Beasley, OR-Library: distributing test problems by electronic mail, Journal of the Operational
Research Society 41 (1990). An edge given twice takes its last value; every node is a customer and
a candidate.
"""

from __future__ import annotations

import csv
import io
import tarfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from benchmarks.instances.instance import Instance, benchmark_data, fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class MedianGraph:
    """One graph: shortest ways of shape (n, n), the number of sites, and both optima."""

    instance: Instance
    travel: NDArray[np.float64]
    n_sites: int
    median_optimum: int
    centre_optimum: int


def read_graphs(names: list[str] | None = None) -> list[MedianGraph]:
    """Read the named graphs, or all of pmed1 to pmed20."""
    with tarfile.open(benchmark_data() / "orlib_pmed1-20.tar.xz") as archive:
        table = csv.DictReader(io.StringIO(_text(archive, "optima.csv")))
        return [
            MedianGraph(
                *_graph(row["instance"], _text(archive, f"{row['instance']}.txt")),
                int(row["p"]),
                int(row["p_median_optimum"]),
                int(row["p_center_optimum"]),
            )
            for row in table
            if names is None or row["instance"] in names
        ]


def _text(archive: tarfile.TarFile, name: str) -> str:
    file = archive.extractfile(f"orlib_pmed/{name}")
    if file is None:
        message = f"{name} is missing in the OR-Library archive"
        raise FileNotFoundError(message)
    return file.read().decode("ascii")


def _graph(name: str, text: str) -> tuple[Instance, NDArray[np.float64]]:
    numbers = [int(word) for word in text.split()]
    n, edges = numbers[0], np.array(numbers[3:]).reshape(-1, 3)
    last = {(min(a, b), max(a, b)): length for a, b, length in edges.tolist()}
    ends = np.array(list(last)) - 1
    lengths = np.array(list(last.values()), dtype=np.float64)
    graph = coo_array((lengths, (ends[:, 0], ends[:, 1])), shape=(n, n)).tocsr()
    travel = shortest_path(graph, directed=False)
    return Instance(name, None, fingerprint(travel)), travel
