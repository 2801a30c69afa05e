"""Are there seats enough? Load of every station through the week, and the seats it needs.

Visits (`planner.visits`) and stays give the load through time; queues (`planner.queues`) say from
it who finds no seat. Two promises can be kept:

- ``loss``: nobody waits, and at most a share of those who come in the worst hour finds no seat
  (Erlang's B, which does not ask how stays are distributed);
- ``wait``: those who find none wait, and at least a share of those who come in the worst hour gets
  a seat within some minutes (Erlang's C).

Loads follow arrivals with a delay: the modified offered load, summed over the purposes of a visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.hours import CODES, State, week_states
from planner import queues, visits
from planner.setting import Setting
from planner.visits import VisitModel, Visits

Floats = NDArray[np.float64]
Verdict = Literal["overloaded", "enough", "idle", "seats_unknown", "never_open"]

VERDICTS: tuple[Verdict, ...] = ("overloaded", "enough", "idle", "seats_unknown", "never_open")

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a station owes to those who come in its worst hour.

    Attributes
    ----------
    rule
        ``loss`` or ``wait``; see the module.
    share
        Of those who come, how many may find no seat (``loss``) or may wait longer (``wait``).
    wait_s
        How long is not too long (``wait``).
    idle_load
        A station whose load never reaches this share of its seats is idle.
    """

    rule: Literal["loss", "wait"] = "loss"
    share: float = 0.05
    wait_s: float = 300.0
    idle_load: float = 0.1

    def __post_init__(self) -> None:
        if self.rule not in ("loss", "wait"):
            raise InvalidInputError("rule {rule!s} is not known; use loss or wait", rule=self.rule)
        if not 0 < self.share < 1 or not 0 <= self.idle_load <= 1:
            raise InvalidInputError(
                "a share of {share} cannot be promised; give one between 0 and 1",
                share=f"{self.share:g}",
            )
        if not (np.isfinite(self.wait_s) and self.wait_s >= 0):
            raise InvalidInputError("a wait must be a number of seconds of 0 or more; correct it")

    def missed(self, load: Floats, seats: NDArray[np.int64], *, stay_s: float) -> Floats:
        """Give the share of those who come that find no seat, or wait too long."""
        if self.rule == "loss":
            return queues.erlang_b(load, seats)
        return queues.wait_exceeds(load, seats, stay_s=stay_s, wait_s=self.wait_s)

    def seats(self, load: Floats, *, stay_s: float) -> NDArray[np.int64]:
        """Give the fewest seats that keep the promise under a load."""
        if self.rule == "loss":
            return queues.seats_for_loss(load, most_lost=self.share)
        return queues.seats_for_wait(
            load, stay_s=stay_s, wait_s=self.wait_s, share=1.0 - self.share
        )

    def load(self, seats: NDArray[np.int64], *, stay_s: float) -> Floats:
        """Give the highest load under which seats keep the promise: what a station can carry."""
        if self.rule == "loss":
            return queues.load_for_loss(seats, most_lost=self.share)
        return queues.load_for_wait(
            seats, stay_s=stay_s, wait_s=self.wait_s, share=1.0 - self.share
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Capacity:
    """Load and seats of the stations in service.

    Attributes
    ----------
    stations
        One row for each, in the order of the setting: ``id``, ``name``, ``seats`` (NaN when
        unknown), ``visits_per_week``, ``peak_load`` (erlangs), ``peak_weekday`` (0 is Monday),
        ``peak_hour``, ``missed_share`` in that hour (NaN without known seats),
        ``missed_per_week``, ``seats_needed``, ``verdict``.
    visits
        Visits by station and hour.
    load
        Shape (n_stations, 168): the highest load in each hour, erlangs.
    missed
        Shape (n_stations, 168): share of those who come that find no seat or wait too long; NaN
        without known seats.
    model, promise
        What it rests on.
    n_unknown_hours
        Stations whose hours nobody recorded; they count as closed, so others seem fuller.
    """

    stations: pd.DataFrame
    visits: Visits
    load: Floats
    missed: Floats
    model: VisitModel
    promise: Promise
    n_unknown_hours: int

    def listed(self, verdict: Verdict) -> pd.DataFrame:
        """Give the stations of a verdict, those with the most missed or the least load first."""
        rows = self.stations.loc[self.stations["verdict"] == verdict]
        by, ascending = (
            ("missed_per_week", False) if verdict == "overloaded" else ("peak_load", True)
        )
        return rows.sort_values([by, "id"], ascending=[ascending, True])


def loads(per_hour: Floats, model: VisitModel) -> Floats:
    """Give the highest load in each hour of visits of shape (n, 168), in erlangs."""
    total = np.zeros_like(per_hour)
    for purpose in model.purposes:
        total += queues.modified_load(
            per_hour * (purpose.share / _HOUR_S), stay_s=purpose.stay_s, step_s=_HOUR_S
        )
    return total


def measure(
    setting: Setting,
    *,
    model: VisitModel | None = None,
    promise: Promise | None = None,
    factors: Floats | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> Capacity:
    """Measure load and seats of the stations in service.

    Parameters
    ----------
    setting
        The city; people farther from a station than its standard do not visit it.
    model, promise
        How people visit, and what a station owes them; None takes the defaults.
    factors
        Shape (n_stations, 168): what to multiply the visits by
        (`planner.calibration.Calibration.factors`); None leaves them as assumed.
    on_progress
        Called with ``reach``, ``visits`` and ``queues`` when each begins.

    Raises
    ------
    InvalidInputError
        When an hours text cannot be read.
    """
    model, promise = model or VisitModel(), promise or Promise()
    told = on_progress or (lambda _step: None)
    stations = setting.in_service()
    told("reach")
    reach = setting.reach(stations.geometry)
    is_open = week_states(list(stations["hours"])) == CODES[State.OPEN]
    told("visits")
    found = visits.visits(visits.wanted(setting.demand, model), reach, is_open, model)
    if factors is not None:
        found = replace(found, per_hour=found.per_hour * factors)
    told("queues")
    load = loads(found.per_hour, model)
    seats = stations["seats"].to_numpy(dtype=np.float64)
    missed = _missed(load, seats, model, promise)
    table = _table(stations, is_open, found.per_hour, load, missed)
    needed = promise.seats(table["peak_load"].to_numpy(), stay_s=model.stay_s)
    return Capacity(
        stations=table.assign(seats_needed=needed, verdict=_verdicts(table, is_open, promise)),
        visits=found,
        load=load,
        missed=missed,
        model=model,
        promise=promise,
        n_unknown_hours=int((stations["hours"] == "").sum()),
    )


def _missed(load: Floats, seats: Floats, model: VisitModel, promise: Promise) -> Floats:
    known = np.isfinite(seats)
    missed = np.full(load.shape, np.nan)
    whole = np.floor(seats[known]).astype(np.int64)[:, None]
    missed[known] = promise.missed(load[known], whole, stay_s=model.stay_s)
    return missed


def _table(
    stations: pd.DataFrame,
    is_open: NDArray[np.bool_],
    per_hour: Floats,
    load: Floats,
    missed: Floats,
) -> pd.DataFrame:
    at = np.arange(len(stations))
    worst = np.argmax(load, axis=1)
    return pd.DataFrame(
        {
            "id": stations["id"].to_numpy(),
            "name": stations["name"].to_numpy(),
            "seats": stations["seats"].to_numpy(dtype=np.float64),
            "open_hours": is_open.sum(axis=1),
            "visits_per_week": per_hour.sum(axis=1),
            "peak_load": load[at, worst],
            "peak_weekday": worst // 24,
            "peak_hour": worst % 24,
            "missed_share": missed[at, worst],
            "missed_per_week": (missed * per_hour).sum(axis=1),
        }
    )


def _verdicts(table: pd.DataFrame, is_open: NDArray[np.bool_], promise: Promise) -> list[Verdict]:
    said: list[tuple[Verdict, NDArray[np.bool_]]] = [
        ("idle", (table["peak_load"] < promise.idle_load * table["seats"]).to_numpy()),
        ("overloaded", (table["missed_share"] > promise.share).to_numpy()),
        ("seats_unknown", table["seats"].isna().to_numpy()),
        ("never_open", np.asarray(~is_open.any(axis=1))),
    ]
    found: list[Verdict] = ["enough"] * len(table)
    for verdict, which in said:  # the later outweighs the earlier
        for i in np.flatnonzero(which).tolist():
            found[i] = verdict
    return found
