"""Branch and bound for p-median on its Lagrangian bound, least bound first.

A node fixes sites in or out of the plan; its bound then fixes more of them and drops journeys too
long to be in a better plan, so that nodes shrink quickly (Beasley 1985; Christofides and Beasley
1982, A tree search algorithm for the p-median problem, European Journal of Operational Research
10).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice
from planner.models.journeys import Journeys, fixed
from planner.solve.interchange import improved
from planner.solve.median_best import Best
from planner.solve.median_bound import Prices, raised, verdict
from planner.solve.watch import Watch

_STEPS = 60
"""Steps of the bound in each round at a node."""
_FRESH_STEP = 0.3
_LEAST_STEP = 0.05
_MUCH = 0.1
"""Share of the sites that a round must decide for another round."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of all plans.

    Attributes
    ----------
    bound
        No plan of this part is better.
    is_in, is_out
        Shape (n_sites,): decided sites.
    most_cost
        Shape (n_rows,): longest journeys worth a thought, in people × impedance.
    u
        Shape (n_rows,): multipliers.
    branch
        The site to be decided next.
    """

    bound: float
    is_in: NDArray[np.bool_]
    is_out: NDArray[np.bool_]
    most_cost: NDArray[np.float64]
    u: NDArray[np.float64]
    branch: int


def narrowed(sites: Choice, is_in: NDArray[np.bool_], is_out: NDArray[np.bool_]) -> Choice:
    """Take decided sites out of a choice."""
    is_free = ~(is_in | is_out)
    return replace(
        sites,
        kept=np.sort(np.concatenate([sites.kept, sites.free[is_in]])),
        free=sites.free[is_free],
        n_left=min(sites.n_left - int(is_in.sum()), int(is_free.sum())),
        cost=sites.cost[is_free],
        money_left=sites.money_left - float(sites.cost[is_in].sum())
        if not sites.is_counted
        else sites.money_left,
    )


def explored(best: Best, u: NDArray[np.float64], watch: Watch, max_nodes: int) -> float:
    """Search until the best plan is proved, and give the bound.

    Parameters
    ----------
    best
        The question and the best plan so far; better ones are put here.
    u
        Shape (n_rows,): multipliers to start from.
    watch
        Ends the search.
    max_nodes
        Ends the search too.

    Returns
    -------
    float
        Bound on all plans; the value of the best when it is proved.
    """
    journeys = best.journeys
    nothing = np.zeros(journeys.n_sites, bool)
    root = Node(-np.inf, nothing, nothing, np.full(journeys.n_rows, np.inf), u, -1)
    first = _bounded(root, best, watch)
    nodes = [] if first is None else [(first.bound, 0, first)]
    count = 0
    while nodes and nodes[0][0] <= best.cut:
        if watch.is_over or count >= max_nodes:
            return min(nodes[0][0], best.value)
        node = heapq.heappop(nodes)[2]
        for child in _children(node):
            count += 1
            result = _bounded(child, best, watch)
            if result is not None:
                heapq.heappush(nodes, (result.bound, -count, result))
        watch.report(best.value, min(nodes[0][0], best.value) if nodes else best.value)
    return best.value


def _children(node: Node) -> list[Node]:
    is_in, is_out = node.is_in.copy(), node.is_out.copy()
    is_in[node.branch] = is_out[node.branch] = True
    return [replace(node, is_in=is_in), replace(node, is_out=is_out)]


def _bounded(node: Node, best: Best, watch: Watch) -> Node | None:
    """Bound a node and decide what the bound decides, as long as that is much; None when done."""
    is_first = True
    step = 1.0 if node.branch < 0 else _FRESH_STEP
    while True:
        free = np.flatnonzero(~(node.is_in | node.is_out))
        part = fixed(best.journeys, node.is_in, node.is_out, node.most_cost)
        left = narrowed(best.sites, node.is_in, node.is_out)
        if _is_barred(part, left):
            return None
        if left.n_left <= 0 or len(free) == 0:
            best.offer(node.is_in)
            return None
        nothing = np.zeros(len(free))
        prices = Prices(node.u, -np.inf, nothing, step, nothing)
        prices = raised(part, left, prices, best.value, _STEPS, watch)
        plan = _asked(node.is_in, free, prices.share, left)
        best.offer(improved(best.place, plan, watch) if is_first else plan)
        bound = max(node.bound, prices.bound)
        if bound > best.cut:
            return None
        ruled = verdict(part, left, prices, best.cut)
        is_decided = ruled.is_in | ruled.is_out
        node = Node(
            bound,
            _marked(node.is_in, free[ruled.is_in]),
            _marked(node.is_out, free[ruled.is_out]),
            np.minimum(node.most_cost, ruled.most_cost),
            prices.u,
            int(free[np.argmax(_doubt(prices.share, is_decided))]),
        )
        if not is_decided.all() and is_decided.sum() < _MUCH * len(free):
            return node
        is_first, step = False, max(prices.step, _LEAST_STEP)


def _marked(flags: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    flags = flags.copy()
    flags[places] = True
    return flags


def _is_barred(part: Journeys, left: Choice) -> bool:
    """Say whether no plan is left in a node."""
    if left.n_left < 0 or left.money_left < 0:
        return True
    return bool((np.isinf(part.kept) & (np.diff(part.start) == 0)).any())


def _doubt(share: NDArray[np.float64], is_decided: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give how undecided each site is."""
    return np.where(is_decided, -1.0, np.minimum(share, 1 - share))


def _asked(
    is_in: NDArray[np.bool_], number: NDArray[np.int64], share: NDArray[np.float64], left: Choice
) -> NDArray[np.bool_]:
    """Add the sites most often asked for, as long as the limits allow."""
    plan = is_in.copy()
    n, money = left.n_left, left.money_left
    for k in np.argsort(-share, kind="stable"):
        if n > 0 and (left.is_counted or left.cost[k] <= money):
            plan[number[k]] = True
            n -= 1
            money -= 0.0 if left.is_counted else float(left.cost[k])
    return plan
