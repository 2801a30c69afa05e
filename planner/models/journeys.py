"""Journeys that are left to decide: those shorter than the one to a facility that is kept anyway.

What p-median and p-centre share. Demand points without people need not be served and are left out;
those of the same area with the same journeys are merged; neither changes an optimum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.errors import UnanswerableError
from planner.models.choice import Choice
from planner.problem import SitingProblem

FLOOR_SLACK = 1e-9
"""Relative rounding of sums of people that is forgiven against a floor."""

_ROWS_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Journeys:
    """Journeys from each group of demand points to the free candidates, nearest first.

    Attributes
    ----------
    people
        Shape (n_rows,): people of each row, above 0.
    area
        Shape (n_rows,): its area with a floor, -1 for none.
    kept
        Shape (n_rows,): impedance to the nearest kept facility, infinite for none.
    start
        Shape (n_rows + 1,): the journeys of row i are ``start[i]:start[i + 1]``.
    site
        Shape (n_journeys,): position of the candidate among the free ones.
    impedance
        Shape (n_journeys,): below that of the kept facility, rising in each row.
    n_sites
        Number of free candidates.
    need_people
        Shape (n_areas,): people of each area that must have a facility within the standard.
    standard
        Longest impedance that counts for `need_people`; infinite without floors.
    """

    people: NDArray[np.float64]
    area: NDArray[np.int64]
    kept: NDArray[np.float64]
    start: NDArray[np.int64]
    site: NDArray[np.int32]
    impedance: NDArray[np.float64]
    n_sites: int
    need_people: NDArray[np.float64]
    standard: float

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.people)

    @property
    def row(self) -> NDArray[np.int64]:
        """Row of each journey, shape (n_journeys,)."""
        return np.repeat(np.arange(self.n_rows), np.diff(self.start))

    @property
    def cost(self) -> NDArray[np.float64]:
        """People × impedance of each journey, shape (n_journeys,)."""
        return self.people[self.row] * self.impedance

    @property
    def has_floors(self) -> bool:
        """True when an area needs more than the kept facilities give it."""
        return not meets_floors(self, self.kept)

    def nearest(self, is_in: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give each row's impedance to the nearest of some free and all kept facilities.

        Parameters
        ----------
        is_in
            Shape (n_sites,).
        """
        least = self.kept.copy()
        used = is_in[self.site]
        np.minimum.at(least, self.row[used], self.impedance[used])
        return least

    def within(self, radius: float) -> csr_array:
        """Give the journeys of at most a radius, as 32-bit ones of shape (n_rows, n_sites)."""
        used = self.impedance <= radius
        counts = np.bincount(self.row[used], minlength=self.n_rows)
        ones = np.ones(int(used.sum()), np.float32)
        start = np.concatenate([[0], np.cumsum(counts)])
        matrix = csr_array((ones, self.site[used], start), shape=(self.n_rows, self.n_sites))
        matrix.sort_indices()
        return matrix


def meets_floors(journeys: Journeys, nearest: NDArray[np.float64]) -> bool:
    """Say whether enough people of each area have a facility within the standard.

    Parameters
    ----------
    journeys
        The question.
    nearest
        Shape (n_rows,): impedance to the nearest facility.
    """
    return bool((_within_standard(journeys, nearest) >= journeys.need_people).all())


def _within_standard(journeys: Journeys, nearest: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = (journeys.area >= 0) & (nearest <= journeys.standard)
    n_areas = len(journeys.need_people)
    people = np.bincount(journeys.area[counts], journeys.people[counts], n_areas)
    return people.astype(np.float64)


def journeys_of(problem: SitingProblem, sites: Choice) -> Journeys:
    """Reduce a question to the journeys that are left to decide.

    Raises
    ------
    UnanswerableError
        When people cannot reach any facility that may be in a plan, or an area cannot meet its
        floor even with all of them.
    """
    assert problem.travel is not None  # noqa: S101  both models have impedances
    waiting = np.flatnonzero(problem.people > 0)
    travel = problem.travel[waiting]
    row = np.repeat(np.arange(len(waiting)), np.diff(travel.indptr))
    is_kept = np.zeros(travel.shape[1], bool)
    is_kept[sites.kept] = True
    to_kept = is_kept[travel.indices]
    kept = np.full(len(waiting), np.inf)
    np.minimum.at(kept, row[to_kept], travel.data[to_kept])
    number = np.full(travel.shape[1], -1, np.int32)
    number[sites.free] = np.arange(len(sites.free))
    site = number[travel.indices]
    used = (site >= 0) & (travel.data < kept[row])
    row, site, impedance = row[used], site[used], travel.data[used]
    order = np.lexsort((site, impedance, row))
    counts = np.bincount(row, minlength=len(waiting))
    need, area = _floors(problem)
    all_rows = Journeys(
        people=problem.people[waiting],
        area=area[waiting],
        kept=kept,
        start=np.concatenate([[0], np.cumsum(counts)]),
        site=site[order],
        impedance=impedance[order],
        n_sites=len(sites.free),
        need_people=need,
        standard=np.inf
        if problem.floors is None or problem.floors.standard is None
        else problem.floors.standard,
    )
    _check_reachable(all_rows, waiting)
    _check_floors(all_rows, problem)
    return _merged(all_rows)


def rows_of(journeys: Journeys, rows: NDArray[np.int64]) -> Journeys:
    """Give the journeys of some rows only."""
    lengths = np.diff(journeys.start)[rows]
    start = np.concatenate([[0], np.cumsum(lengths)])
    source = np.repeat(journeys.start[rows] - start[:-1], lengths) + np.arange(start[-1])
    return replace(
        journeys,
        people=journeys.people[rows],
        area=journeys.area[rows],
        kept=journeys.kept[rows],
        start=start,
        site=journeys.site[source],
        impedance=journeys.impedance[source],
    )


def fixed(
    journeys: Journeys,
    is_in: NDArray[np.bool_],
    is_out: NDArray[np.bool_],
    most_cost: NDArray[np.float64],
) -> Journeys:
    """Decide some sites for good and drop journeys that cost too much.

    Parameters
    ----------
    journeys
        The question.
    is_in, is_out
        Shape (n_sites,): sites that are in every plan from now on, and in none.
    most_cost
        Shape (n_rows,): journeys above this are dropped, the one to a kept facility too.
    """
    row, cost = journeys.row, journeys.cost
    kept = journeys.nearest(is_in)
    kept = np.where(journeys.people * kept > most_cost, np.inf, kept)
    is_free = ~(is_in | is_out)
    used = is_free[journeys.site] & (journeys.impedance < kept[row]) & (cost <= most_cost[row])
    number = np.cumsum(is_free) - 1
    counts = np.bincount(row[used], minlength=journeys.n_rows)
    return replace(
        journeys,
        kept=kept,
        start=np.concatenate([[0], np.cumsum(counts)]),
        site=number[journeys.site[used]].astype(np.int32),
        impedance=journeys.impedance[used],
        n_sites=int(is_free.sum()),
    )


def _floors(problem: SitingProblem) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the people that each area needs served, and the area of each demand point."""
    floors = problem.floors
    if floors is None:
        return np.zeros(0), np.full(len(problem.people), -1)
    inside = floors.area >= 0
    people = np.bincount(
        floors.area[inside], problem.people[inside], minlength=len(floors.min_share)
    )
    return floors.min_share * people * (1 - FLOOR_SLACK), floors.area


def _check_reachable(journeys: Journeys, demand: NDArray[np.int64]) -> None:
    lost = demand[np.isinf(journeys.kept) & (np.diff(journeys.start) == 0)]
    if len(lost):
        raise UnanswerableError(
            "{n} demand points with people have no way to any facility that may be in the plan,"
            " the first in rows {rows}; allow a candidate near them or take them out",
            n=len(lost),
            rows=tuple(int(i) for i in lost[:_ROWS_NAMED]),
        )


def _check_floors(journeys: Journeys, problem: SitingProblem) -> None:
    """Refuse a floor that all facilities together cannot meet."""
    everybody = journeys.nearest(np.ones(journeys.n_sites, bool))
    served = _within_standard(journeys, everybody)
    short = np.flatnonzero(served < journeys.need_people)
    if len(short) == 0 or problem.floors is None:
        return
    area = int(short[0])
    inside = np.flatnonzero(journeys.area == area)
    order = inside[np.argsort(everybody[inside])]
    people = np.cumsum(journeys.people[order])
    enough = min(int(np.searchsorted(people, journeys.need_people[area])), len(order) - 1)
    raise UnanswerableError(
        "area {area} asks for {share} of its people within {standard}; all candidates together"
        " reach {most}; a standard of {least} or a floor of {most} would do",
        area=area,
        share=f"{problem.floors.min_share[area]:.10g}",
        standard=f"{journeys.standard:.10g}",
        most=f"{np.floor(served[area] / people[-1] * 1e9) / 1e9:.10g}",
        least=f"{everybody[order[enough]]:.17g}",
    )


def _merged(journeys: Journeys) -> Journeys:
    """Merge rows of one area with the same journeys, in order of first appearance."""
    first: dict[bytes, int] = {}
    owner = np.empty(journeys.n_rows, np.int64)
    for i in range(journeys.n_rows):
        part = slice(journeys.start[i], journeys.start[i + 1])
        key = blake2b(journeys.site[part].tobytes(), digest_size=16)
        key.update(journeys.impedance[part].tobytes())
        key.update(journeys.kept[i : i + 1].tobytes())
        key.update(journeys.area[i : i + 1].tobytes())
        owner[i] = first.setdefault(key.digest(), len(first))
    if len(first) == journeys.n_rows:
        return journeys
    heads = np.unique(owner, return_index=True)[1]
    people = np.bincount(owner, journeys.people, len(first)).astype(np.float64)
    return replace(rows_of(journeys, heads), people=people)
