"""Re-checking of plans: a right one holds, and one that breaks any single rule is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from planner.plan import SitingPlan
from planner.problem import AreaFloors, SitingProblem
from planner.verify import BrokenPlanError, verify

# Six demand points along a road and six candidates. 4 exists, 5 exists and is forbidden.
REACH = np.array(
    [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 1, 1, 0, 0, 1],
        [0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 0, 0, 1, 1],
    ]
)
PEOPLE = [5.0, 4.0, 3.0, 2.0, 1.0, 6.0]
RULES = {
    "n_sites": 1,
    "cost_cny": [4.0, 3.0, 2.0, 6.0, 5.0, 1.0],
    "budget_cny": 6.0,
    "is_open": [False, False, False, False, True, True],
    "is_required": [False, False, True, False, False, False],
    "is_forbidden": [False, False, False, True, False, True],
    "floors": AreaFloors(
        area=np.array([0, 0, 1, 1, -1, -1]), min_share=np.array([0.5, 0.8]), standard=2.0
    ),
}
TRAVEL = np.where(REACH, [[1.0, 2.0, 2.0, 3.0, 2.0, 1.0]], 7.0)


def asked(model: str, **changed) -> SitingProblem:
    """Give the question of a model, with some rules changed."""
    rules = {**RULES, **changed}
    if model in ("pmedian", "pcenter"):
        return getattr(SitingProblem, model)(TRAVEL, PEOPLE, **rules)
    if model == "pscp":
        rules.setdefault("share", 0.9)
    if model == "capacitated":
        rules.setdefault("capacity_people", [6.0, 5.0, 4.0, 9.0, 7.0, 9.0])
    return getattr(SitingProblem, model)(csr_array(REACH), PEOPLE, **rules)


def answered(model: str, **changed) -> SitingPlan:
    """Give the only best plan, made by hand: 5 is closed, 2 is required, and 0 is added."""
    gains, assigned, objective, order = {
        "mclp": ([9.0, 5.0], None, 21.0, [0, 2]),
        "lscp": ([9.0, 5.0], None, 6.0, [0, 2]),
        "pscp": ([9.0, 5.0], None, 6.0, [0, 2]),
        "pmedian": ([9.0, 5.0], [0, 0, 2, 2, 4, 4], 33.0, [0, 2]),
        "pcenter": ([9.0, 5.0], [0, 0, 2, 2, 4, 4], 2.0, [0, 2]),
        # Four of the five people whom 2 could serve fit in.
        "capacitated": ([6.0, 4.0], None, 17.0, [0, 2]),
    }[model]
    plan = SitingPlan(
        chosen=np.array(order),
        closed=np.array([5]),
        gains_people=np.array(gains),
        assigned=None if assigned is None else np.array(assigned),
        objective=objective,
        bound=objective,
        gap=0.0,
        outcome="optimal",
        reason="proved",
        model=model,
        seconds=0.1,
        cost_cny=5.0,
    )
    arrays = {k: np.array(v) if isinstance(v, list) else v for k, v in changed.items()}
    return replace(plan, **arrays)


MODELS = ("mclp", "lscp", "pscp", "pmedian", "pcenter", "capacitated")
COVERING = ("mclp", "lscp", "pscp")
every_model = pytest.mark.parametrize("model", MODELS)


@every_model
def test_a_right_plan_holds(model: str) -> None:
    """What is so is not refused."""
    verify(asked(model), answered(model))


@every_model
@pytest.mark.parametrize(
    ("changed", "claim"),
    [
        ({"chosen": [0, 0]}, "chosen twice"),
        ({"chosen": [0, 6]}, "not among the candidates"),
        ({"chosen": [0, -4]}, "not among the candidates"),
        ({"chosen": [0, 4]}, "existing station is chosen"),
        ({"chosen": [2, 3]}, "forbidden site is chosen"),
        ({"chosen": [0, 1]}, "required site is missing"),
        ({"chosen": [0, 1, 2]}, "more sites are chosen"),
        ({"closed": [5, 5]}, "closed twice"),
        ({"closed": [5, 1]}, "does not exist is closed"),
        ({"closed": [5, 9]}, "does not exist is closed"),
        ({"closed": []}, "forbidden station stays"),
        ({"closed": [4, 5]}, "none may be"),
        ({"cost_cny": 6.0}, "stated cost"),
        ({"cost_cny": float("nan")}, "stated cost"),
        ({"gains_people": [9.0]}, "one gain for each"),
        ({"seconds": float("nan")}, "time spent"),
        ({"gap": 0.5}, "gap does not follow"),
        ({"gap": float("nan")}, "gap does not follow"),
        ({"outcome": "feasible"}, "go together"),
        ({"outcome": "infeasible"}, "none of a plan"),
        ({"reason": "time_limit"}, "contradict"),
        ({"reason": "nobody_left"}, "nobody is left to serve, but"),
        ({"bound": float("nan")}, "better than its bound"),
    ],
)
def test_a_plan_that_breaks_one_common_rule_is_refused(model, changed, claim) -> None:
    """Each claim that all models share is checked by itself."""
    with pytest.raises(BrokenPlanError, match=claim):
        verify(asked(model), answered(model, **changed))


@every_model
def test_a_plan_of_another_model_is_refused(model: str) -> None:
    """A plan answers the question it was made for."""
    other = "lscp" if model == "mclp" else "mclp"
    with pytest.raises(BrokenPlanError, match="another model"):
        verify(asked(model), replace(answered(model), model=other))


@every_model
def test_a_plan_above_the_budget_is_refused(model: str) -> None:
    """Cost of the chosen less that of the closed is at most the budget; the budget is inclusive."""
    verify(asked(model, budget_cny=5.0), answered(model))
    with pytest.raises(BrokenPlanError, match="more than the budget"):
        verify(asked(model, budget_cny=4.99), answered(model))


@every_model
def test_a_required_station_must_not_be_closed(model: str) -> None:
    """Not even where others may be."""
    rules = {"is_required": [False] * 4 + [True, False], "may_close": True}
    with pytest.raises(BrokenPlanError, match="required station is closed"):
        verify(asked(model, **rules), answered(model, closed=[4, 5]))


@pytest.mark.parametrize("model", ["mclp", "pscp", "pmedian", "pcenter", "capacitated"])
def test_an_area_below_its_floor_is_refused(model: str) -> None:
    """One of two people of an area is served: enough for a half, not for more."""
    reach = csr_array(np.array([[1], [0]]))
    travel = np.array([[1.0], [3.0]])  # the standard is 2
    plan = replace(
        answered(model), chosen=np.array([0]), closed=np.zeros(0, int), cost_cny=0.0,
        gains_people=np.array([1.0]), objective=1.0, bound=1.0,
    )  # fmt: skip
    make = getattr(SitingProblem, model)
    more = {"pscp": {"share": 0.1}, "capacitated": {"capacity_people": [9.0]}}.get(model, {})
    people = [1.0, 1.0]
    if model in ("pmedian", "pcenter"):
        value = 4.0 if model == "pmedian" else 3.0
        plan = replace(plan, objective=value, bound=value, assigned=np.zeros(2, int))
        plan = replace(plan, gains_people=np.array([2.0]))
    for share, is_kept in ((0.5, True), (0.51, False)):
        floors = AreaFloors(area=np.zeros(2, int), min_share=np.array([share]), standard=2.0)
        place = travel if plan.assigned is not None else reach
        problem = make(place, people, n_sites=1, floors=floors, **more)
        if is_kept:
            verify(problem, plan)
            continue
        with pytest.raises(BrokenPlanError, match="floor is not kept"):
            verify(problem, plan)


@pytest.mark.parametrize("model", ["mclp", "capacitated"])
def test_a_bound_below_what_is_served_is_refused(model: str) -> None:
    """Where most is best, the bound is above."""
    plan = answered(model)
    with pytest.raises(BrokenPlanError, match="better than its bound"):
        verify(asked(model), replace(plan, bound=plan.objective * (1 - 1e-8)))


@pytest.mark.parametrize("model", ["lscp", "pscp", "pmedian", "pcenter"])
def test_a_bound_above_what_is_spent_is_refused(model: str) -> None:
    """Where least is best, the bound is below."""
    plan = answered(model)
    with pytest.raises(BrokenPlanError, match="better than its bound"):
        verify(asked(model), replace(plan, bound=plan.objective * (1 + 1e-8)))


@every_model
def test_a_gap_is_the_difference_over_the_larger(model: str) -> None:
    """Half as much or twice as much is a gap of one half; without a bound it is 1."""
    plan = answered(model)
    is_most = model in ("mclp", "capacitated")
    late = {"outcome": "feasible", "reason": "time_limit"}
    bound = plan.objective * (2.0 if is_most else 0.5)
    verify(asked(model), replace(plan, bound=bound, gap=0.5, **late))
    verify(asked(model), replace(plan, bound=np.inf if is_most else -np.inf, gap=1.0, **late))
    with pytest.raises(BrokenPlanError, match="gap does not follow"):
        verify(asked(model), replace(plan, bound=bound, gap=1.0, **late))


@every_model
@pytest.mark.parametrize("by", [-1e-6, 1e-6, float("nan")])
def test_an_objective_that_is_not_so_is_refused(model: str, by: float) -> None:
    """The objective is counted anew, to some parts in a thousand million."""
    wrong = answered(model).objective * (1 + by)
    with pytest.raises(BrokenPlanError, match="stated objective"):
        verify(asked(model), answered(model, objective=wrong, bound=wrong))


@every_model
@pytest.mark.parametrize("gains", [[8.0, 5.0], [9.0, 6.0]])
def test_gains_that_are_not_so_are_refused(model: str, gains: list[float]) -> None:
    """Each site's people are counted anew."""
    with pytest.raises(BrokenPlanError, match=r"gain|more people than it has places"):
        verify(asked(model), answered(model, gains_people=gains))


@pytest.mark.parametrize("model", COVERING)
def test_sites_out_of_order_are_refused(model: str) -> None:
    """Covering plans list first what adds most."""
    with pytest.raises(BrokenPlanError, match="order of what they add"):
        verify(asked(model), answered(model, chosen=[2, 0], gains_people=[5.0, 9.0]))


@every_model
def test_a_site_that_serves_nobody_is_refused(model: str) -> None:
    """Only required sites may be idle."""
    people = np.array([0.0, 0.0, 3.0, 2.0, 1.0, 6.0])
    problem = replace(asked(model, is_required=None), people=people, floors=None)
    served = {"mclp": 12.0, "capacitated": 11.0, "pmedian": 24.0}
    objective = served.get(model, answered(model).objective)
    order = {"chosen": [2, 0], "gains_people": [5.0, 0.0]}
    if model in ("pmedian", "pcenter", "capacitated"):
        order = {"chosen": [0, 2], "gains_people": [0.0, 4.0 if model == "capacitated" else 5.0]}
    plan = answered(model, objective=objective, bound=objective, **order)
    with pytest.raises(BrokenPlanError, match="serves nobody is chosen"):
        verify(problem, plan)
    verify(replace(problem, is_required=np.arange(6) == 0), plan)


@pytest.mark.parametrize("model", ["lscp", "pmedian", "pcenter"])
def test_somebody_not_served_is_refused(model: str) -> None:
    """Everybody must be served; points without people need not."""
    problem = asked(model, floors=None)
    if problem.travel is None:
        reach = problem.reach.toarray()
        reach[5, 4] = 0
        other = replace(problem, reach=csr_array(reach))
    else:
        travel = np.where(np.arange(6)[:, None] == 5, np.inf, TRAVEL)
        other = SitingProblem.pmedian(travel, PEOPLE, **{**RULES, "floors": None})
        other = replace(other, model=model)
    with pytest.raises(BrokenPlanError, match="somebody is not served"):
        verify(other, answered(model))
    people = np.array([*PEOPLE[:5], 0.0])
    objective = answered(model).objective - (12.0 if model == "pmedian" else 0.0)
    plan = answered(model, objective=objective, bound=objective)
    if plan.assigned is not None:
        plan = replace(plan, assigned=np.array([0, 0, 2, 2, 4, -1]))
    verify(replace(other, people=people), plan)


def test_a_share_that_is_not_served_is_refused() -> None:
    """Twenty of twenty-one are served when 4 does not reach the fifth point."""
    problem = asked("pscp", floors=None)
    reach = problem.reach.toarray()
    reach[4, 4] = 0
    reached = replace(problem, reach=csr_array(reach))
    verify(replace(reached, share=20 / 21), answered("pscp"))
    with pytest.raises(BrokenPlanError, match="share asked for"):
        verify(replace(reached, share=20.001 / 21), answered("pscp"))


@pytest.mark.parametrize("model", ["lscp", "pscp"])
def test_kept_stations_count_where_they_may_be_closed(model: str) -> None:
    """The objective is that of the chosen, and with `may_close` that of the kept as well."""
    verify(asked(model, may_close=True), answered(model, objective=11.0, bound=11.0))
    free = {"cost_cny": None, "budget_cny": None}
    for may_close, number in ((False, 2.0), (True, 3.0)):
        plan = answered(model, objective=number, bound=number, cost_cny=0.0)
        verify(asked(model, may_close=may_close, **free), plan)
    with pytest.raises(BrokenPlanError, match="stated objective"):
        verify(asked(model, may_close=True), answered(model))


@pytest.mark.parametrize("model", ["pmedian", "pcenter"])
@pytest.mark.parametrize(
    ("assigned", "claim"),
    [
        (None, "one facility for each demand point"),
        ([0, 0, 2, 2, 4], "one facility for each demand point"),
        ([0, 0, 2, 2, 4, 5], "where no facility is"),
        ([0, 1, 2, 2, 4, 4], "where no facility is"),
        ([0, 0, 2, 2, 4, 2], "not assigned to the nearest"),
        ([0, 0, 2, 2, 4, -1], "assigned to no facility"),
    ],
)
def test_an_assignment_that_is_not_so_is_refused(model, assigned, claim) -> None:
    """Everybody goes to the nearest facility of the plan."""
    with pytest.raises(BrokenPlanError, match=claim):
        verify(asked(model), answered(model, assigned=assigned))


@pytest.mark.parametrize("model", [*COVERING, "capacitated"])
def test_an_assignment_where_several_may_serve_is_refused(model: str) -> None:
    """Models that let several facilities serve one point assign nobody."""
    with pytest.raises(BrokenPlanError, match="several sites may serve"):
        verify(asked(model), answered(model, assigned=[0, 0, 2, 2, 4, 4]))


def test_people_beyond_the_places_are_refused() -> None:
    """A site does not serve more than it has places for, nor others than it reaches."""
    problem = asked("capacitated")
    for gains, claim in (([6.5, 3.5], "than it has places"), ([6.0, -1.0], "than it has places")):
        with pytest.raises(BrokenPlanError, match=claim):
            verify(problem, answered("capacitated", gains_people=gains))
    # Places for all three of them, but only five people in reach.
    roomy = replace(problem, capacity_people=np.array([6.0, 5.0, 9.0, 9.0, 7.0, 9.0]))
    right = answered("capacitated", gains_people=[6.0, 5.0], objective=18.0, bound=18.0)
    verify(roomy, right)
    with pytest.raises(BrokenPlanError, match="cannot be shared out"):
        verify(roomy, replace(right, gains_people=np.array([5.0, 6.0])))


def test_gains_that_starve_an_area_are_refused() -> None:
    """The people whom the sites state to serve must be those who keep the floors."""
    reach = csr_array(np.array([[1, 1], [1, 0]]))
    problem = SitingProblem.capacitated(
        reach,
        [4.0, 4.0],
        capacity_people=[4.0, 4.0],
        n_sites=2,
        floors=AreaFloors(area=np.array([0, 1]), min_share=np.array([0.0, 0.5])),
    )
    plan = replace(
        answered("capacitated"), chosen=np.array([0, 1]), closed=np.zeros(0, int), cost_cny=0.0,
        gains_people=np.array([4.0, 4.0]), objective=8.0, bound=8.0,
    )  # fmt: skip
    verify(problem, plan)
    fewer = replace(problem, capacity_people=np.array([1.0, 4.0]))
    starving = replace(plan, gains_people=np.array([1.0, 4.0]), objective=5.0, bound=5.0)
    with pytest.raises(BrokenPlanError, match="floor is not kept"):
        verify(fewer, starving)


def test_thousands_of_people_and_many_places_are_counted_exactly() -> None:
    """Parts of people that no sum of doubles gets right are shared out without rounding."""
    n = 3000
    problem = SitingProblem.capacitated(
        csr_array(np.ones((n, 2), np.int8)), np.full(n, 0.1), capacity_people=[n * 0.05, 1e9],
        n_sites=2,
    )  # fmt: skip
    plan = replace(
        answered("capacitated"), chosen=np.array([0, 1]), closed=np.zeros(0, int), cost_cny=0.0,
        gains_people=np.array([n * 0.05, n * 0.05]), objective=n * 0.1, bound=n * 0.1,
    )  # fmt: skip
    verify(problem, plan)


def test_nobody_left_is_held_against_who_could_be_served() -> None:
    """A plan that calls all served while an allowed candidate reaches more does not hold."""
    problem = SitingProblem.mclp(
        csr_array(np.array([[1, 1], [0, 1]])), [3.0, 1.0], n_sites=1, is_open=[True, False]
    )
    empty = np.zeros(0, int)
    plan = replace(
        answered("mclp"), chosen=empty, closed=empty, gains_people=np.zeros(0), cost_cny=0.0,
        objective=3.0, bound=3.0, reason="nobody_left",
    )  # fmt: skip
    with pytest.raises(BrokenPlanError, match="somebody could be served"):
        verify(problem, plan)
    verify(replace(problem, is_forbidden=np.array([False, True])), plan)
    verify(replace(problem, people=np.array([3.0, 0.0])), plan)


def no_plan(model: str, **changed) -> SitingPlan:
    """Give what is said when no plan was found in time."""
    empty = np.zeros(0, int)
    plan = SitingPlan(
        chosen=empty, closed=empty, gains_people=np.zeros(0), assigned=None,
        objective=float("nan"), bound=3.0, gap=1.0, outcome="no_solution", reason="time_limit",
        model=model, seconds=0.1, cost_cny=0.0,
    )  # fmt: skip
    return replace(plan, **changed)


@every_model
@pytest.mark.parametrize(
    ("changed", "claim"),
    [
        ({"chosen": np.array([0])}, "has sites"),
        ({"closed": np.array([5])}, "has sites"),
        ({"gains_people": np.array([1.0])}, "has sites"),
        ({"assigned": np.array([0])}, "assigns people"),
        ({"objective": 0.0}, "has an objective"),
        ({"bound": float("nan")}, "bound is not a number"),
        ({"gap": 0.5}, "gap is not 1"),
        ({"cost_cny": 1.0}, "costs money"),
        ({"reason": "proved"}, "contradict"),
        ({"reason": "nobody_left"}, "contradict"),
    ],
)
def test_no_plan_claims_nothing(model: str, changed: dict, claim: str) -> None:
    """When no plan was found there is a bound and a reason, and nothing else."""
    verify(asked(model), no_plan(model))
    with pytest.raises(BrokenPlanError, match=claim):
        verify(asked(model), no_plan(model, **changed))
