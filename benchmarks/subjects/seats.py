"""Seats of many stations through a day; a plan of hours, seats and money for the sample city."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from benchmarks.instances.instance import Instance, fingerprint
from benchmarks.instances.sample_city import sample
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.city_settings import CitySettings
from planner import queues
from planner.candidates import from_grid
from planner.option_plan import TARGET_GAP, choose
from planner.options import Rules
from web.planning import option_prices

_N_STATIONS = {"tiny": 200, "full": 100_000}
_INTERVALS = 96  # quarters of an hour
_SEED = 96
_STAY_S, _STEP_S = 1110.0, 900.0
_BUDGET_CNY = {"tiny": 60_000.0, "full": 600_000.0}


def _queues(size: Size) -> Iterator[Trial]:
    rng = np.random.default_rng(_SEED)
    n = _N_STATIONS[size]
    arrivals = rng.uniform(0, 0.02, (n, _INTERVALS))
    seats = rng.integers(1, 31, (n, 1))

    def work() -> Answer:
        begin = perf_counter()
        load = queues.modified_load(arrivals, stay_s=_STAY_S, step_s=_STEP_S)
        lost = queues.erlang_b(load, seats)
        loss_s = perf_counter() - begin
        waiting = queues.erlang_c(load, seats)
        needed = queues.seats_for_loss(load.max(axis=1), most_lost=0.05)
        return {
            "seconds": perf_counter() - begin,
            "load_and_loss_s": loss_s,
            "mean_lost": float(lost.mean()),
            "mean_waiting": float(waiting.mean()),
            "seats_needed": int(needed.sum()),
        }

    instance = Instance(f"{n} stations", _SEED, fingerprint(arrivals, seats))
    yield Trial(instance, work, checks=_in_a_second)


def _in_a_second(measured: Measured) -> list[Check]:
    return [Check("load, loss, waits and seats", measured.seconds, "<=", 1.0, "s")]


def _options(size: Size) -> Iterator[Trial]:
    case = sample(size)
    setting = case.setting()
    settings = CitySettings()
    sites = from_grid(
        setting.demand.places, setting.network, cost_cny=settings.new_cost_cny, areas=case.areas
    )
    for may_close in (False, True):

        def work(may_close: bool = may_close) -> Answer:
            begin = perf_counter()
            rules = Rules(budget_cny=_BUDGET_CNY[size], may_close=may_close)
            found = choose(setting, sites, option_prices(settings), rules, time_limit_s=60.0)
            return {
                "seconds": perf_counter() - begin,
                "objective": found.plan.objective,
                "bound": found.plan.bound,
                "gap": found.plan.gap,
                "options": len(found.posed.options.table),
                "candidates": len(sites),
                "stations": len(setting.in_service()),
                "slots": found.posed.slots.n,
            }

        known = case.instance
        name = f"{known.name}{'-may-close' if may_close else ''}"
        yield Trial(Instance(name, known.seed, known.sha256), work, checks=_near)


def _near(measured: Measured) -> list[Check]:
    gap = measured.figures["gap"]
    assert isinstance(gap, float)
    return [
        Check("gap", gap, "<=", TARGET_GAP, ""),
        Check("time", measured.seconds, "<=", 60.0, "s"),
    ]


SEATS = (
    Subject(
        "seats_of_a_day",
        "Load, loss, waits and seats needed of 100,000 stations in 96 quarters of an hour.",
        _queues,
        limit_s=60,
    ),
    Subject(
        "hours_seats_money",
        "What to open, extend, equip, close or move for 600,000 CNY, with the proof.",
        _options,
        limit_s=300,
    ),
)
