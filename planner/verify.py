"""Re-check every claim of a plan by other means; shares no code with the models or the solvers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np

from geodata.errors import YizhanError
from planner.plan import SitingPlan
from planner.problem import SitingProblem

_ROUNDING = 2e-9
"""Part of a sum that is forgiven as rounding."""

_Sites = dict[int, dict[int, float]]
"""The demand points that each facility of a plan reaches, with the impedance (1 without travel)."""

_Spare = dict[object, dict[object, int]]
"""How much more each arc of a network takes, by its ends."""

_PEOPLE, _PLACES = "people", "places"
"""Where a flow begins and ends."""


class BrokenPlanError(YizhanError):
    """A plan claims something that is not so; it must not be shown."""


def verify(problem: SitingProblem, plan: SitingPlan) -> None:
    """Count again, in plain Python, all that a plan claims.

    Parameters
    ----------
    problem
        The question.
    plan
        The answer to be checked.

    Raises
    ------
    BrokenPlanError
        Naming the first claim that does not hold.
    """
    _demand(plan.model == problem.model, "it answers another model's question")
    _demand(plan.seconds >= 0, "the time spent is not a number of seconds")
    if plan.outcome == "no_solution":
        _check_nothing(plan)
        return
    staying = _check_facilities(problem, plan)
    chosen = [int(j) for j in plan.chosen]
    _check_money(problem, plan, chosen)
    _demand(len(plan.gains_people) == len(chosen), "there is not one gain for each site")
    sites = _sites(problem, [*staying, *chosen])
    if problem.model in ("pmedian", "pcenter"):
        _check_journeys(problem, plan, sites)
    else:
        _demand(plan.assigned is None, "people are assigned though several sites may serve them")
        if problem.model == "capacitated":
            _check_places(problem, plan, sites)
        else:
            _check_cover(problem, plan, staying, sites)
    _check_idle(problem, plan)
    _check_proof(problem, plan)
    _check_nobody_left(problem, plan, sites)


def _check_nothing(plan: SitingPlan) -> None:
    """Check that a plan that was not found claims nothing but a bound."""
    sizes = len(plan.chosen), len(plan.closed), len(plan.gains_people)
    _demand(sizes == (0, 0, 0), "no plan was found, but it has sites")
    _demand(plan.assigned is None, "no plan was found, but it assigns people")
    _demand(math.isnan(plan.objective), "no plan was found, but it has an objective")
    _demand(not math.isnan(plan.bound), "the bound is not a number")
    _demand(plan.gap == 1.0, "no plan was found, but its gap is not 1")
    _demand(plan.cost_cny == 0.0, "no plan was found, but it costs money")
    is_proved = plan.reason in ("proved", "nobody_left")
    _demand(not is_proved, "outcome and reason contradict each other")


def _check_facilities(problem: SitingProblem, plan: SitingPlan) -> list[int]:
    """Check the rules on facilities but money; give the existing ones that stay."""
    chosen, closed = ([int(j) for j in part] for part in (plan.chosen, plan.closed))
    every = range(problem.reach.shape[1])
    existing, forbidden, required = (
        {j for j in every if flags[j]}
        for flags in (problem.is_open, problem.is_forbidden, problem.is_required)
    )
    _demand(len(set(chosen)) == len(chosen), "a site is chosen twice")
    _demand(set(chosen) <= set(every), "a site is not among the candidates")
    _demand(not existing & set(chosen), "an existing station is chosen as new")
    _demand(not forbidden & set(chosen), "a forbidden site is chosen")
    _demand(len(set(closed)) == len(closed), "a station is closed twice")
    _demand(set(closed) <= existing, "a station that does not exist is closed")
    _demand(existing & forbidden <= set(closed), "a forbidden station stays")
    _demand(not required & set(closed), "a required station is closed")
    _demand(required <= existing | set(chosen), "a required site is missing")
    may_close = problem.may_close or set(closed) <= forbidden
    _demand(may_close, "a station is closed though none may be")
    if problem.n_sites is not None:
        n_more = len(chosen) - len(closed)
        _demand(n_more <= problem.n_sites, "more sites are chosen than asked for")
    return sorted(existing - set(closed))


def _check_money(problem: SitingProblem, plan: SitingPlan, chosen: list[int]) -> None:
    parts = [0.0]
    if problem.cost_cny is not None:
        parts = [float(problem.cost_cny[j]) for j in chosen]
        parts += [-float(problem.cost_cny[int(j)]) for j in plan.closed]
    cost_cny, moved_cny = math.fsum(parts), math.fsum(map(abs, parts))
    _demand(
        _same(cost_cny, plan.cost_cny, moved_cny),
        "the stated cost is not that of the chosen less that of the closed",
    )
    if problem.budget_cny is not None:
        slack = _ROUNDING * max(1.0, problem.budget_cny)
        _demand(cost_cny <= problem.budget_cny + slack, "the plan costs more than the budget")


def _check_cover(
    problem: SitingProblem, plan: SitingPlan, staying: list[int], sites: _Sites
) -> None:
    """Serve people site by site and compare with the stated gains and objective."""
    total = _people(problem, range(len(problem.people)))
    served = {i for j in staying for i in sites[j]}
    last = math.inf
    for j, gain in zip(plan.chosen, plan.gains_people, strict=True):
        added = sites[int(j)].keys() - served
        is_so = _same(_people(problem, added), float(gain), total)
        _demand(is_so, "a site's stated gain is not what it adds")
        _demand(gain <= last + _ROUNDING * total, "sites are not in the order of what they add")
        served |= added
        last = float(gain)
    people = _people(problem, served)
    if problem.model == "mclp":
        is_so = _same(people, plan.objective, total)
        _demand(is_so, "the stated objective is not the number of people served")
    else:
        _check_price(problem, plan, staying)
    if problem.model == "lscp":
        waiting = {i for i, a in enumerate(problem.people) if a > 0}
        _demand(waiting <= served, "somebody is not served")
    if problem.share is not None:
        is_so = people >= (problem.share - _ROUNDING) * total
        _demand(is_so, "fewer people are served than the share asked for")
    _check_floors(problem, served)


def _check_price(problem: SitingProblem, plan: SitingPlan, staying: list[int]) -> None:
    counted = [*map(int, plan.chosen), *(staying if problem.may_close else [])]
    price = float(len(counted))
    if problem.cost_cny is not None:
        price = math.fsum(float(problem.cost_cny[j]) for j in counted)
    is_so = _same(price, plan.objective, price)
    _demand(is_so, "the stated objective is not cost or number of the sites that count")


def _check_journeys(problem: SitingProblem, plan: SitingPlan, sites: _Sites) -> None:
    """Send everybody to the nearest facility and compare with what is stated."""
    n_demand = problem.reach.shape[0]
    far = [math.inf] * n_demand
    for reached in sites.values():
        for i, impedance in reached.items():
            far[i] = min(far[i], impedance)
    waiting = [i for i, people in enumerate(problem.people) if people > 0]
    _demand(all(far[i] < math.inf for i in waiting), "somebody is not served")
    assigned = [] if plan.assigned is None else [int(j) for j in plan.assigned]
    _demand(len(assigned) == n_demand, "there is not one facility for each demand point")
    load: dict[int, list[float]] = {j: [] for j in sites}
    for i, j in enumerate(assigned):
        if j == -1:
            _demand(far[i] == math.inf, "somebody who has a way is assigned to no facility")
            continue
        _demand(j in sites and i in sites[j], "somebody is assigned where no facility is")
        _demand(sites[j][i] == far[i], "somebody is not assigned to the nearest facility")
        load[j].append(float(problem.people[i]))
    total = _people(problem, range(n_demand))
    for j, gain in zip(plan.chosen, plan.gains_people, strict=True):
        is_so = _same(math.fsum(load[int(j)]), float(gain), total)
        _demand(is_so, "a site's stated gain is not who is assigned to it")
    if problem.model == "pcenter":
        longest = max((far[i] for i in waiting), default=0.0)
        _demand(plan.objective == longest, "the stated objective is not the longest impedance")
    else:
        travel = math.fsum(float(problem.people[i]) * far[i] for i in waiting)
        is_so = _same(travel, plan.objective, travel)
        _demand(is_so, "the stated objective is not the sum of people × impedance")
    if problem.floors is not None and problem.floors.standard is not None:
        standard = problem.floors.standard
        _check_floors(problem, {i for i, impedance in enumerate(far) if impedance <= standard})


def _check_floors(problem: SitingProblem, served: set[int]) -> None:
    for _, rows, share in _areas(problem):
        least = (share - _ROUNDING) * _people(problem, rows)
        _demand(_people(problem, rows & served) >= least, "an area's floor is not kept")


def _areas(problem: SitingProblem) -> Iterable[tuple[int, set[int], float]]:
    """Give number, demand points and least share of each area."""
    if problem.floors is None:
        return
    rows: dict[int, set[int]] = {}
    for i, area in enumerate(problem.floors.area):
        rows.setdefault(int(area), set()).add(i)
    for area, share in enumerate(problem.floors.min_share):
        yield area, rows.get(area, set()), float(share)


def _check_places(problem: SitingProblem, plan: SitingPlan, sites: _Sites) -> None:
    """Let people flow to places: as many as stated, in all, to each new site and from each area.

    A flow that gives each new site its people and one that gives each area its floor, both within
    the same places, make one flow that does both (Mendelsohn and Dulmage 1958, Some generalizations
    of the problem of distinct representatives, Canadian Journal of Mathematics 10).
    """
    people = [float(a) for a in problem.people]
    places = np.zeros(len(problem.is_open))
    if problem.capacity_people is not None:
        places = problem.capacity_people
    capacity = {j: float(places[j]) for j in sites}
    gains = dict(zip(map(int, plan.chosen), map(float, plan.gains_people), strict=True))
    stated = capacity | gains
    slack = _ROUNDING * math.fsum(people)
    for j, gain in gains.items():
        _demand(0 <= gain <= capacity[j] + slack, "a site serves more people than it has places")
    is_so = abs(_most(people, sites, capacity) - plan.objective) <= slack
    _demand(is_so, "the stated objective is not the most people that can be served")
    gained = math.fsum(gains.values())
    is_so = _most(people, sites, gains) >= gained - slack
    is_so = is_so and _most(people, sites, stated) >= plan.objective - slack
    _demand(is_so, "people cannot be shared out as the sites' stated gains say")
    areas = {i: area for area, rows, _ in _areas(problem) for i in rows}
    floors = {area: share * _people(problem, rows) for area, rows, share in _areas(problem)}
    served = _most(people, sites, stated, areas, floors)
    _demand(served >= math.fsum(floors.values()) - slack, "an area's floor is not kept")


def _most(
    people: list[float],
    sites: _Sites,
    places: Mapping[int, float],
    areas: Mapping[int, int] | None = None,
    floors: Mapping[int, float] | None = None,
) -> float:
    """Give the most people that the sites with places serve, of each area at most its floor.

    Floating-point numbers are fractions over a power of two, so the flow is counted in whole
    numbers and has no rounding.
    """
    floors = {} if floors is None else floors
    counts = [*people, *places.values(), *floors.values()]
    unit = max((count.as_integer_ratio()[1] for count in counts), default=1)

    def whole(count: float) -> int:
        part, parts = count.as_integer_ratio()
        return part * (unit // parts)

    ways: dict[int, list[int]] = {}
    for j in places:
        for i in sites[j]:
            ways.setdefault(i, []).append(j)
    spare: _Spare = {_PEOPLE: {}, _PLACES: {}}
    for j, count in places.items():
        spare[j] = {_PLACES: whole(count)}
    for i, near in ways.items():
        if areas is None or areas.get(i, -1) >= 0:
            where = -1 if areas is None else areas[i]
            group = (where, tuple(near))
            many = spare.setdefault(group, dict.fromkeys(near, 0))
            for j in near:
                many[j] += whole(people[i])
            source = spare[_PEOPLE] if areas is None else spare.setdefault((where,), {})
            source[group] = source.get(group, 0) + whole(people[i])
    if areas is not None:
        spare[_PEOPLE] = {(k,): whole(least) for k, least in floors.items() if (k,) in spare}
    return _greatest_flow(spare) / unit


def _greatest_flow(spare: _Spare) -> int:
    """Use up shortest ways from people to places, length by length (Dinic 1970)."""
    for a, arcs in list(spare.items()):
        for b in arcs:
            spare[b].setdefault(a, 0)
    total = 0
    while True:
        level = _levels(spare)
        if _PLACES not in level:
            return total
        ahead = {a: [b for b in spare[a] if level.get(b, 0) == level[a] + 1] for a in level}
        while sent := _send(spare, ahead):
            total += sent


def _levels(spare: _Spare) -> dict[object, int]:
    """Give how many arcs with room lead from people to each node."""
    level: dict[object, int] = {_PEOPLE: 0}
    queue: list[object] = [_PEOPLE]
    for a in queue:
        for b, room in spare[a].items():
            if room > 0 and b not in level:
                level[b] = level[a] + 1
                queue.append(b)
    return level


def _send(spare: _Spare, ahead: dict[object, list[object]]) -> int:
    """Send as many as one way takes; 0 when no way is left. Arcs that lead nowhere are dropped."""
    way: list[object] = [_PEOPLE]
    while way and way[-1] != _PLACES:
        a = way[-1]
        while ahead[a] and spare[a][ahead[a][-1]] == 0:
            ahead[a].pop()
        if ahead[a]:
            way.append(ahead[a][-1])
            continue
        way.pop()
        if way:
            ahead[way[-1]].pop()
    steps = list(pairwise(way))
    sent = min((spare[a][b] for a, b in steps), default=0)
    for a, b in steps:
        spare[a][b] -= sent
        spare[b][a] += sent
    return sent


def _check_idle(problem: SitingProblem, plan: SitingPlan) -> None:
    for j, gain in zip(plan.chosen, plan.gains_people, strict=True):
        is_needed = gain > 0 or bool(problem.is_required[j])
        _demand(is_needed, "a site that serves nobody is chosen")


def _check_proof(problem: SitingProblem, plan: SitingPlan) -> None:
    is_most = problem.model in ("mclp", "capacitated")
    worse, better = (plan.objective, plan.bound)[:: 1 if is_most else -1]
    _demand(worse <= better, "the objective is better than its bound")
    gap = 0.0
    if plan.objective != plan.bound:
        largest = max(abs(plan.objective), abs(plan.bound))
        gap = 1.0 if math.isinf(largest) else abs(plan.bound - plan.objective) / largest
    is_so = abs(min(1.0, gap) - plan.gap) <= 1e-12
    _demand(is_so, "the stated gap does not follow from objective and bound")
    _demand(plan.outcome in ("optimal", "feasible"), "the outcome is none of a plan")
    _demand((plan.outcome == "optimal") == (plan.gap == 0.0), "optimal and a gap of 0 go together")
    is_proved = plan.reason in ("proved", "nobody_left")
    _demand((plan.outcome == "optimal") == is_proved, "outcome and reason contradict each other")


def _check_nobody_left(problem: SitingProblem, plan: SitingPlan, sites: _Sites) -> None:
    """Check that nobody who can be served waits, where the plan says so."""
    if plan.reason != "nobody_left":
        return
    is_new = set(map(int, plan.chosen)) - {int(j) for j in np.flatnonzero(problem.is_required)}
    _demand(not is_new, "nobody is left to serve, but sites are chosen")
    if problem.model == "mclp":
        allowed = np.flatnonzero(~problem.is_forbidden).tolist()
        served = {i for reached in sites.values() for i in reached}
        can_be = {i for reached in _sites(problem, allowed).values() for i in reached}
        is_so = _people(problem, can_be - served) == 0
        _demand(is_so, "nobody is said to be left, but somebody could be served")


def _sites(problem: SitingProblem, facilities: Iterable[int]) -> _Sites:
    sites: _Sites = {int(j): {} for j in facilities}
    table = (problem.reach if problem.travel is None else problem.travel).tocoo()
    used = np.isin(table.col, list(sites))
    if problem.travel is None:
        used &= table.data != 0
    for i, j, impedance in zip(
        table.row[used].tolist(), table.col[used].tolist(), table.data[used].tolist(), strict=True
    ):
        sites[j][i] = impedance
    return sites


def _people(problem: SitingProblem, rows: Iterable[int]) -> float:
    return math.fsum(float(problem.people[i]) for i in rows)


def _same(a: float, b: float, whole: float) -> bool:
    return abs(a - b) <= _ROUNDING * whole


def _demand(holds: bool, claim: str) -> None:
    if not holds:
        raise BrokenPlanError("the plan does not hold: {claim}", claim=claim)
