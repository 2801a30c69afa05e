"""Why this option and not that one: who gains and when, what was next best, what money buys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.areas import assign
from planner.option_plan import OptionAnswer
from planner.option_question import covered
from planner.options import Rules
from planner.setting import Setting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MORE_CNY = 10_000.0
"""The step of money whose worth is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons for one chosen option.

    Attributes
    ----------
    option
        Position among the options.
    lost_hours
        People-hours a week that are lost when it is dropped and nothing takes its place.
    by_group, by_area
        Whose these hours are: people-hours by group and by name of the area, the most first.
    by_hour
        Shape (24,): the same by hour of the day.
    runner_up
        Position of the option that would take its place, within the money set free; -1 for none.
    runner_up_hours
        What that one would bring in its place; never more than `lost_hours` in a proved plan.
    """

    option: int
    lost_hours: float
    by_group: tuple[tuple[str, float], ...]
    by_area: tuple[tuple[str, float], ...]
    by_hour: Floats
    runner_up: int
    runner_up_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreMoney:
    """What `MORE_CNY` more would do.

    Attributes
    ----------
    option, least_hours
        The best single option that the money left and the step buy, and what it brings; -1 and 0
        when they buy none.
    most_hours
        No plan with that much more brings more than this beyond the present one.
    """

    option: int
    least_hours: float
    most_hours: float


def why(setting: Setting, answer: OptionAnswer, rules: Rules) -> list[Why]:
    """Give the reasons for each chosen option, in the order of `OptionAnswer.chosen`.

    Parameters
    ----------
    setting
        The city of the answer.
    answer
        The plan.
    rules
        The rules it was made by.
    """
    posed, chosen = answer.posed, answer.plan.chosen
    areas = _areas(setting)
    with_all = covered(posed, chosen)
    reasons = []
    for option in answer.chosen["option"].tolist():
        rest = _without(answer, int(option))
        lost = with_all & ~covered(posed, rest)
        runner_up, brings = _best_addition(answer, rest, _left(answer, rest), int(option))
        reasons.append(
            Why(
                option=int(option),
                lost_hours=posed.problem.worth(chosen) - posed.problem.worth(rest),
                by_group=_by_group(setting, lost, rules),
                by_area=_by(areas, (posed.people * lost).sum(axis=1)),
                by_hour=(posed.people * lost).sum(axis=0).reshape(7, 24).sum(axis=0),
                runner_up=runner_up,
                runner_up_hours=brings,
            )
        )
    return reasons


def more_money(answer: OptionAnswer) -> MoreMoney:
    """Tell what `MORE_CNY` more would bring: at least by one option, at most by the proof."""
    chosen = answer.plan.chosen
    option, brings = _best_addition(answer, chosen, _left(answer, chosen) + MORE_CNY, -1)
    most = answer.plan.bound + MORE_CNY * answer.plan.money_price - answer.plan.objective
    return MoreMoney(option=option, least_hours=brings, most_hours=max(float(most), brings))


def _without(answer: OptionAnswer, option: int) -> Ints:
    """Drop one option; a station whose option is dropped stays as it is."""
    posed, chosen = answer.posed, answer.plan.chosen
    table = posed.options.table
    stays = (table["action"] == "keep") & (table["site"] == table["site"].iloc[option])
    return np.unique(np.concatenate([chosen[chosen != option], np.flatnonzero(stays)]))


def _left(answer: OptionAnswer, chosen: Ints) -> float:
    problem = answer.posed.problem
    return float(problem.budget_cny - problem.cost_cny[chosen].sum())


def _best_addition(
    answer: OptionAnswer, chosen: Ints, money: float, other_than: int
) -> tuple[int, float]:
    """Give the option at a free site that brings most for the money, and what it brings."""
    problem = answer.posed.problem
    missing = np.where(problem.covered(chosen), 0.0, problem.weight)
    brings = problem.cover.T.astype(np.float64) @ missing + problem.extra
    used = np.concatenate([problem.site[chosen], problem.also[chosen]])
    is_free = ~np.isin(problem.site, used) & (problem.cost_cny <= money + 1e-9)
    is_free &= (problem.also < 0) | ~np.isin(problem.also, used)
    if other_than >= 0:
        is_free[other_than] = False
    brings = np.where(is_free, brings, -1.0)
    best = int(np.argmax(brings)) if len(brings) else -1
    if best < 0 or brings[best] <= 0:
        return -1, 0.0
    return best, float(brings[best])


def _by_group(
    setting: Setting, lost: NDArray[np.bool_], rules: Rules
) -> tuple[tuple[str, float], ...]:
    demand = setting.demand
    weight = np.array([rules.group_weight.get(str(g), 1.0) for g in demand.group])
    hours = (demand.presence * lost[demand.place]).sum(axis=1) * demand.people * weight
    return _by(demand.group, hours)


def _by(keys: NDArray[np.object_], hours: Floats) -> tuple[tuple[str, float], ...]:
    sums: dict[str, float] = {}
    for at in np.flatnonzero(hours > 0).tolist():
        key = str(keys[at] or "")
        sums[key] = sums.get(key, 0.0) + float(hours[at])
    return tuple(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


def _areas(setting: Setting) -> NDArray[np.object_]:
    """Give the name of the area of each place, empty outside all."""
    if setting.areas is None:
        return np.full(len(setting.demand.places), "", dtype=object)
    names = dict(zip(setting.areas["id"], setting.areas["name"], strict=True))
    area = assign(setting.demand.places, setting.areas)
    return np.array([names.get(key, "") for key in area], dtype=object)
