"""spopt: build a maximal covering model from a cost matrix and, when time is given, solve it."""

import importlib.metadata
import json
import sys
from time import perf_counter

import numpy as np
import pulp
from spopt.locate import MCLP

given = np.load(sys.argv[1])
limit_s = float(given["limit_s"])
cost = np.ones((int(given["n_demand"]), int(given["n_candidates"])))
rows = np.repeat(np.arange(len(cost)), np.diff(given["indptr"]))
cost[rows, given["indices"]] = 0.0
start = perf_counter()
model = MCLP.from_cost_matrix(cost, given["people"], 0.5, int(given["n_sites"]))
build_s = perf_counter() - start
solve_s = 0.0
answer = {"version": f"spopt {importlib.metadata.version('spopt')}", "build_s": build_s}
if limit_s > 0:
    start = perf_counter()
    model.problem.solve(pulp.HiGHS(msg=False, threads=1, timeLimit=limit_s))
    answer["solve_s"] = solve_s = perf_counter() - start
    chosen = [j for j, x in enumerate(model.fac_vars) if x.value() and x.value() > 0.5]
    served = (cost[:, chosen] < 0.5).any(axis=1)
    answer["outcome"] = pulp.LpStatus[model.problem.status]
    answer["value"] = float(given["people"][served].sum())
answer["seconds"] = build_s + solve_s
print(json.dumps(answer))
