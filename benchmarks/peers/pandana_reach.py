"""Pandana: its preparation, the table of nodes in range, and its internal search of all nodes."""

import contextlib
import json
import os
import sys
from time import perf_counter

import numpy as np
import pandana  # noqa: TID251  a peer, never in the product's environment
import pandas as pd

given = np.load(sys.argv[1])
limit = float(given["limit"])
weights = pd.DataFrame({"cost": given["edge_weights"]})
with contextlib.redirect_stdout(sys.stderr):
    saved = os.dup(1)
    os.dup2(2, 1)  # the library's C++ part prints to standard output
    start = perf_counter()
    network = pandana.Network(
        given["x"],
        given["y"],
        pd.Series(given["edge_from"]),
        pd.Series(given["edge_to"]),
        weights,
    )
    prepare_s = perf_counter() - start
    start = perf_counter()
    found = network.nodes_in_range(given["sources"], limit)
    table_s = perf_counter() - start
    start = perf_counter()
    network.precompute(limit)
    search_s = perf_counter() - start
    os.dup2(saved, 1)
print(
    json.dumps(
        {
            "version": f"pandana {pandana.__version__}",
            "seconds": prepare_s + search_s,
            "prepare_s": prepare_s,
            "search_s": search_s,
            "table_ms_per_source": table_s * 1000 / len(given["sources"]),
            "table_pairs": len(found),
        }
    )
)
