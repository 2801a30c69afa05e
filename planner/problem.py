"""A siting question, complete and consistent: one frozen value for all models.

Every model chooses facilities among candidates and differs in what it makes best:

========== =========================== ======================================================
model      makes best                  source
========== =========================== ======================================================
lscp       least cost, everybody       Toregas, Swain, ReVelle and Bergman (1971), The location
           served                      of emergency service facilities, Operations Research 19
mclp       most people served          Church and ReVelle (1974), The maximal covering location
                                       problem, Papers in Regional Science 32
pscp       least cost, a share served  Daskin and Owen (1999), Two new location covering
                                       problems, Geographical Analysis 31
pmedian    least travel of all people  Hakimi (1964), Optimum locations of switching centers,
                                       Operations Research 12
pcenter    least longest journey       the same
capacitated most people served within  Current and Storbeck (1988), Capacitated covering models,
           capacities                  Environment and Planning B 15
========== =========================== ======================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError

Model = Literal["lscp", "mclp", "pscp", "pmedian", "pcenter", "capacitated"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaFloors:
    """The least share of its people that must be served in each area.

    Attributes
    ----------
    area
        Shape (n_demand,): number of the area of each demand point; -1 for none.
    min_share
        Shape (n_areas,), 0 to 1: share of the people of the area, those nobody can reach included.
    standard
        Longest impedance that counts as served; needed by p-median and p-centre, which serve
        everybody at some distance. None for the covering models, whose reach is the standard.
    """

    area: NDArray[np.int64]
    min_share: NDArray[np.float64]
    standard: float | None = None


class Rules(TypedDict, total=False):
    """The rules on facilities that every model understands.

    Attributes
    ----------
    n_sites
        Most new sites: chosen ones less closed ones, 1 or more.
    cost_cny
        Shape (n_candidates,): cost of opening each candidate; for an existing facility what closing
        it sets free.
    budget_cny
        Most money: cost of the chosen less that of the closed, above 0.
    is_open
        Shape (n_candidates,), true for facilities that exist. They serve, and cost nothing.
    is_required
        Shape (n_candidates,), true for candidates that must be in the plan; they count and cost.
    is_forbidden
        Shape (n_candidates,), true for candidates that must not be chosen. An existing one that is
        forbidden is closed.
    may_close
        Whether existing facilities that are not required may be closed to make room.
    floors
        Least share of people served, by area.
    """

    n_sites: int | None
    cost_cny: ArrayLike | None
    budget_cny: float | None
    is_open: ArrayLike | None
    is_required: ArrayLike | None
    is_forbidden: ArrayLike | None
    may_close: bool
    floors: AreaFloors | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SitingProblem:
    """One siting question.

    Attributes
    ----------
    model
        Which one; see the table at the top of this module.
    reach
        CSR of 8-bit ones without stored zeros, sorted, shape (n_demand, n_candidates): candidate j
        can serve demand i.
    people
        Shape (n_demand,): people at each demand point, 0 or more.
    travel
        CSR of impedances with the same pattern as `reach`, stored zeros included; None for the
        covering models.
    share
        Least share of all people to be served (pscp), above 0 and at most 1; else None.
    capacity_people
        Shape (n_candidates,): most people each facility serves (capacitated); else None.
    n_sites, cost_cny, budget_cny, is_open, is_required, is_forbidden, may_close, floors
        See `Rules`.
    """

    model: Model
    reach: csr_array
    people: NDArray[np.float64]
    n_sites: int | None
    cost_cny: NDArray[np.float64] | None
    budget_cny: float | None
    is_open: NDArray[np.bool_]
    is_required: NDArray[np.bool_]
    is_forbidden: NDArray[np.bool_]
    may_close: bool
    floors: AreaFloors | None
    travel: csr_array | None = None
    share: float | None = None
    capacity_people: NDArray[np.float64] | None = None

    @classmethod
    def mclp(cls, reach: csr_array, people: ArrayLike, **rules: Unpack[Rules]) -> SitingProblem:
        """Ask for the sites that serve most people (maximal covering location problem).

        Parameters
        ----------
        reach
            Sparse, shape (n_demand, n_candidates), non-zero where candidate j reaches demand i.
        people
            Shape (n_demand,), 0 or more.
        **rules
            See `Rules`; `n_sites` or `budget_cny` is needed.

        Raises
        ------
        InvalidInputError
            When shapes disagree, a value is negative or not finite, rules contradict each other, or
            nothing limits the plan.
        """
        _need_a_limit(rules)
        return _asked("mclp", _pattern(reach), people, rules)

    @classmethod
    def lscp(
        cls, reach: csr_array, people: ArrayLike | None = None, **rules: Unpack[Rules]
    ) -> SitingProblem:
        """Ask for the cheapest sites that serve everybody (location set covering problem).

        Parameters
        ----------
        reach
            As in `mclp`.
        people
            Shape (n_demand,); a demand point without people need not be served. None means one
            person at each.
        **rules
            See `Rules`; without `cost_cny` the number of sites is made least.

        Raises
        ------
        InvalidInputError
            As in `mclp`, without the need for a limit.
        """
        matrix = _pattern(reach)
        return _asked("lscp", matrix, np.ones(matrix.shape[0]) if people is None else people, rules)

    @classmethod
    def pscp(
        cls, reach: csr_array, people: ArrayLike, *, share: float, **rules: Unpack[Rules]
    ) -> SitingProblem:
        """Ask for the cheapest sites that serve a share of the people (partial set covering).

        Parameters
        ----------
        reach, people
            As in `mclp`.
        share
            Least share of all people, above 0 and at most 1.
        **rules
            See `Rules`; without `cost_cny` the number of sites is made least.

        Raises
        ------
        InvalidInputError
            As in `lscp`, and when the share is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise InvalidInputError("a share of {share} is not above 0 and at most 1", share=share)
        return _asked("pscp", _pattern(reach), people, rules, share=float(share))

    @classmethod
    def pmedian(
        cls, travel: csr_array | ArrayLike, people: ArrayLike, **rules: Unpack[Rules]
    ) -> SitingProblem:
        """Ask for the sites that make the travel of all people least (p-median problem).

        Parameters
        ----------
        travel
            Impedance from each demand point to each candidate, 0 or more, shape (n_demand,
            n_candidates): dense, infinite where there is no way; or CSR, where a stored zero means
            "here" and a missing pair means "no way".
        people
            Shape (n_demand,), 0 or more; a demand point without people need not be served.
        **rules
            See `Rules`; `n_sites` or `budget_cny` is needed, and `floors` need a `standard`.

        Raises
        ------
        InvalidInputError
            As in `mclp`, and when an impedance is negative.
        """
        _need_a_limit(rules)
        matrix, impedance = _impedances(travel)
        return _asked("pmedian", matrix, people, rules, travel=impedance)

    @classmethod
    def pcenter(
        cls,
        travel: csr_array | ArrayLike,
        people: ArrayLike | None = None,
        **rules: Unpack[Rules],
    ) -> SitingProblem:
        """Ask for the sites that make the longest journey least (p-centre problem).

        Parameters
        ----------
        travel
            As in `pmedian`.
        people
            Shape (n_demand,); a demand point without people need not be served. None means one
            person at each.
        **rules
            See `Rules`; `n_sites` or `budget_cny` is needed, and `floors` need a `standard`.

        Raises
        ------
        InvalidInputError
            As in `pmedian`.
        """
        _need_a_limit(rules)
        matrix, impedance = _impedances(travel)
        weights = np.ones(matrix.shape[0]) if people is None else people
        return _asked("pcenter", matrix, weights, rules, travel=impedance)

    @classmethod
    def capacitated(
        cls,
        reach: csr_array,
        people: ArrayLike,
        *,
        capacity_people: ArrayLike,
        **rules: Unpack[Rules],
    ) -> SitingProblem:
        """Ask for the sites that serve most people within their capacities.

        The people of one demand point may be served by several facilities.

        Parameters
        ----------
        reach, people
            As in `mclp`.
        capacity_people
            Shape (n_candidates,): most people each facility serves, 0 or more.
        **rules
            See `Rules`; `n_sites` or `budget_cny` is needed.

        Raises
        ------
        InvalidInputError
            As in `mclp`.
        """
        _need_a_limit(rules)
        matrix = _pattern(reach)
        capacity = _checked(capacity_people, matrix.shape[1], "capacity_people")
        return _asked("capacitated", matrix, people, rules, capacity_people=capacity)


def _asked(
    model: Model,
    reach: csr_array,
    people: ArrayLike,
    rules: Rules,
    *,
    travel: csr_array | None = None,
    share: float | None = None,
    capacity_people: NDArray[np.float64] | None = None,
) -> SitingProblem:
    """Check people and rules against the shape of the reach."""
    n_demand, n_candidates = reach.shape
    cost_cny, budget_cny = rules.get("cost_cny"), rules.get("budget_cny")
    n_sites = rules.get("n_sites")
    if n_sites is not None and n_sites < 1:
        raise InvalidInputError("{n} new sites is no plan; ask for 1 or more with --new", n=n_sites)
    if budget_cny is not None and not (np.isfinite(budget_cny) and budget_cny > 0):
        raise InvalidInputError(
            "a budget of {budget} CNY is not a number above 0", budget=budget_cny
        )
    if budget_cny is not None and cost_cny is None:
        raise InvalidInputError("a budget needs the cost of each candidate")
    is_open = _flags(rules.get("is_open"), n_candidates, "is_open")
    is_required = _flags(rules.get("is_required"), n_candidates, "is_required")
    is_forbidden = _flags(rules.get("is_forbidden"), n_candidates, "is_forbidden")
    both = np.flatnonzero(is_required & is_forbidden)
    if len(both):
        raise InvalidInputError(
            "candidate {j} is both required and forbidden; take one of the two away", j=int(both[0])
        )
    floors = rules.get("floors")
    if floors is not None:
        _check_floors(floors, n_demand, needs_standard=travel is not None)
    return SitingProblem(
        model=model,
        reach=reach,
        people=_checked(people, n_demand, "people"),
        n_sites=n_sites,
        cost_cny=None if cost_cny is None else _checked(cost_cny, n_candidates, "cost_cny"),
        budget_cny=budget_cny,
        is_open=is_open,
        is_required=is_required,
        is_forbidden=is_forbidden,
        may_close=bool(rules.get("may_close", False)),
        floors=floors,
        travel=travel,
        share=share,
        capacity_people=capacity_people,
    )


def _need_a_limit(rules: Rules) -> None:
    if rules.get("n_sites") is None and rules.get("budget_cny") is None:
        raise InvalidInputError("nothing limits the plan; give a number of new sites or a budget")


def _pattern(reach: csr_array) -> csr_array:
    """Give the non-zero pairs as ones."""
    matrix = csr_array(reach)
    if not matrix.has_canonical_format or not matrix.data.all():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    ones = np.ones(matrix.nnz, np.int8)
    return csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def _impedances(travel: csr_array | ArrayLike) -> tuple[csr_array, csr_array]:
    """Give the pairs with a way as ones, and their impedances, with one pattern."""
    if hasattr(travel, "tocsr"):
        matrix = csr_array(travel, dtype=np.float64, copy=True)
        if matrix.nnz and not matrix.has_canonical_format:
            matrix.sort_indices()
    else:
        dense = np.array(travel, dtype=np.float64)
        if dense.ndim != 2:
            raise InvalidInputError("travel has {n} dimensions; it needs 2", n=dense.ndim)
        rows, cols = np.nonzero(~np.isinf(dense))
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=dense.shape[0]))])
        matrix = csr_array((dense[rows, cols], cols, indptr), shape=dense.shape)
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise InvalidInputError("travel holds a negative or missing value")
    ones = np.ones(matrix.nnz, np.int8)
    return csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape), matrix


def _checked(values: ArrayLike, n: int, name: str) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    if array.shape != (n,):
        raise InvalidInputError(
            "{name} has {got} values, the reach matrix asks for {n}", name=name, got=array.size, n=n
        )
    if not np.isfinite(array).all() or (array < 0).any():
        raise InvalidInputError("{name} holds a negative or missing value", name=name)
    return array


def _flags(values: ArrayLike | None, n: int, name: str) -> NDArray[np.bool_]:
    array = np.zeros(n, bool) if values is None else np.array(values, dtype=bool)
    if array.shape != (n,):
        raise InvalidInputError(
            "{name} has {got} values for {n} candidates", name=name, got=array.size, n=n
        )
    return array


def _check_floors(floors: AreaFloors, n_demand: int, *, needs_standard: bool) -> None:
    if floors.area.shape != (n_demand,):
        raise InvalidInputError(
            "floors.area has {got} values for {n} demand points", got=floors.area.size, n=n_demand
        )
    if floors.area.size and not -1 <= floors.area.min() <= floors.area.max() < len(
        floors.min_share
    ):
        raise InvalidInputError("floors.area names an area without a floor; use -1 for none")
    if not ((floors.min_share >= 0) & (floors.min_share <= 1)).all():
        raise InvalidInputError("a floor is not a share from 0 to 1")
    if needs_standard and floors.standard is None:
        raise InvalidInputError("floors need a standard: the longest impedance that counts")
