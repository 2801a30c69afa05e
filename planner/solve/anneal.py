"""Simulated annealing over sets of sites: the search that finds good covering plans fast.

Kirkpatrick, Gelatt and Vecchi (1983), Optimization by simulated annealing, Science 220. A move puts
one site of the plan somewhere else, mostly to a candidate that serves some of the same people: a
random row of the site, and a random candidate of that row, so near candidates are tried in
proportion to what they share. A move costs the rows of two sites, whatever the size of the city.

Under a budget sites are also added and dropped. Floors of areas are kept by a penalty: people an
area lacks count several times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.mclp import Maximal
from planner.solve.moves import N_BEST, N, begin, try_moves
from planner.solve.swaps import sole_service, try_swaps

_CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every annealing of one question shares: its rows and columns in compiled form.

    Attributes
    ----------
    columns, rows
        ``(indptr, indices)`` of the reach by column and by row.
    people, area, cost, floor_people
        As in `planner.models.mclp.Maximal`.
    n_most
        Most sites in a plan.
    money
        Most money; infinite for none.
    """

    columns: tuple[NDArray[np.int32], NDArray[np.int32]]
    rows: tuple[NDArray[np.int32], NDArray[np.int32]]
    people: NDArray[np.float64]
    area: NDArray[np.int64]
    cost: NDArray[np.float64]
    floor_people: NDArray[np.float64]
    n_most: int
    money: float

    @classmethod
    def of(cls, question: Maximal) -> Ground:
        """Make the rows and columns of a question ready."""
        reach = question.cover.reach
        by_column = reach.T.tocsr()
        has_floors = bool((question.floor_people > 0).any())
        return cls(
            (by_column.indptr, by_column.indices),
            (reach.indptr, reach.indices),
            question.cover.people,
            question.cover.area if has_floors else np.full(reach.shape[0], -1, np.int64),
            question.cover.cost,
            question.floor_people if has_floors else np.zeros(0),
            question.n_left,
            question.money_left,
        )


def anneal(
    ground: Ground,
    start: NDArray[np.int64],
    *,
    hot_people: float,
    cold_people: float,
    moves: int,
    seed: int,
    is_over: Callable[[], bool],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Improve a plan; give the best one met, and the last.

    From a good plan the best one met is often the plan itself; the last is another as good in most
    places, which is what merging needs.

    Parameters
    ----------
    ground
        The question.
    start
        Columns of a plan within the limits.
    hot_people, cold_people
        Temperatures at the first and the last move: a loss of so many people is accepted with
        probability 1/e.
    moves
        Moves to try.
    seed
        Of the random numbers.
    is_over
        Asked often; true ends the search early.
    """
    n_columns = len(ground.cost)
    plan = np.full(n_columns, -1, np.int64)
    plan[: len(start)] = start
    place = np.full(n_columns, -1, np.int64)
    place[start] = np.arange(len(start))
    best = plan.copy()
    counts = np.zeros(len(ground.people), np.int32)
    lacking = ground.floor_people.copy()
    state = np.zeros(5)
    random = np.array([np.random.default_rng(seed).integers(1, 2**63)], np.uint64)
    begin(
        ground.columns,
        ground.people,
        ground.area,
        ground.cost,
        plan,
        counts,
        lacking,
        state,
        len(start),
    )
    cooling = (cold_people / hot_people) ** (1.0 / moves)
    heat = hot_people
    is_plain = not np.isfinite(ground.money) and len(ground.floor_people) == 0
    alone = sole_service(ground.columns, ground.people, plan[: len(start)], counts)
    done = 0
    while done < moves and not is_over():
        n = min(_CHUNK, moves - done)
        if is_plain:
            try_swaps(
                ground.columns,
                ground.rows,
                ground.people,
                plan,
                place,
                (counts, *alone),
                best,
                state,
                random,
                heat,
                cooling,
                n,
            )
            heat *= cooling**n
            done += n
            continue
        try_moves(
            ground.columns,
            ground.rows,
            ground.people,
            ground.area,
            ground.cost,
            ground.n_most,
            ground.money,
            plan,
            place,
            counts,
            lacking,
            best,
            state,
            random,
            heat,
            cooling,
            n,
        )
        heat *= cooling**n
        done += n
    return np.sort(best[: int(state[N_BEST])]), np.sort(plan[: int(state[N])])
