"""SciPy: bounded Dijkstra from some sources, all in one call."""

import json
import sys
from time import perf_counter

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

given = np.load(sys.argv[1])
n = len(given["indptr"]) - 1
graph = csr_array((given["weights"], given["indices"], given["indptr"]), shape=(n, n))
start = perf_counter()
away = dijkstra(graph, indices=given["sources"], limit=float(given["limit"]))
seconds = perf_counter() - start
pairs = int(np.isfinite(away).sum())
print(json.dumps({"version": f"SciPy {scipy.__version__}", "seconds": seconds, "pairs": pairs}))
