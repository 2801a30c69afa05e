"""What an office asks for: a model and its rules, in the words of the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from geodata.city_settings import PEOPLE_PER_SEAT
from geodata.errors import InvalidInputError
from planner.problem import Model
from planner.seat_steps import SeatRule

MODELS: tuple[Model, ...] = get_args(Model)

Unit = Literal[
    "people_gained",
    "people_served",
    "new_stations",
    "stations_in_all",
    "cny",
    "person_minutes",
    "minutes",
]
"""What the objective of an answer counts; see `planner.suggestion.Suggestion`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a city.

    Attributes
    ----------
    model
        What is made best; see `planner.problem`.
    n_sites
        Most new stations, less those that are closed.
    budget_cny
        Most money for new stations; closing one sets no money free.
    share
        Least share of all people to be served, above 0 and at most 1; for ``pscp``, and only there.
    required, forbidden
        Ids of candidates, or of stations in service. A forbidden station is closed.
    may_close
        Whether stations that are not required may be closed to make room.
    floor_share
        Least share of the people of each area to be served within the standard; None for no floor.
    floors
        Pairs of an area's id or name and its own floor, which is taken before `floor_share`.
    leaves_out
        Whether lscp, pmedian and pcenter leave out people whom no candidate and no station can
        serve, in place of refusing the question; the answer says how many.
    people_per_seat
        How many people of the demand one seat is enough for (``capacitated``). An assumption.
    seat_rule
        Takes the place of `people_per_seat`: people by the queue, of which a large station serves
        more than its share of seats; None for people for each seat.

    Raises
    ------
    InvalidInputError
        When the model is not known, or the rules contradict each other.
    """

    model: Model = "mclp"
    n_sites: int | None = None
    budget_cny: float | None = None
    share: float | None = None
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    may_close: bool = False
    floor_share: float | None = None
    floors: tuple[tuple[str, float], ...] = ()
    leaves_out: bool = False
    people_per_seat: float = PEOPLE_PER_SEAT
    seat_rule: SeatRule | None = None

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise InvalidInputError(
                "model {model!s} is not known; use one of {known}",
                model=self.model,
                known=", ".join(MODELS),
            )
        if self.model == "pscp" and self.share is None:
            raise InvalidInputError(
                "the model pscp serves a share of the people; say which with --share 0.9"
            )
        if self.model != "pscp" and self.share is not None:
            raise InvalidInputError(
                "a share is for the model pscp, this is {model}; leave the share or the model out",
                model=self.model,
            )
        if not 1 <= self.people_per_seat < float("inf"):
            raise InvalidInputError(
                "{people} people for a seat is not 1 or more", people=self.people_per_seat
            )
        if self.seat_rule is not None and self.model != "capacitated":
            raise InvalidInputError(
                "steps of seats are for the model capacitated, this is {model}; leave the steps or "
                "the model out",
                model=self.model,
            )
        both = sorted({*self.required} & {*self.forbidden})
        if both:
            raise InvalidInputError(
                "{id!s} is both required and forbidden; take one of the two away", id=both[0]
            )
        for area, floor in (("", self.floor_share), *self.floors):
            if floor is not None and not 0 <= floor <= 1:
                raise InvalidInputError(
                    "a floor of {floor} {area!s} is not a share from 0 to 1", floor=floor, area=area
                )

    @property
    def needs_limit(self) -> bool:
        """Whether the model asks for a number of stations or a budget."""
        return self.model not in ("lscp", "pscp")

    @property
    def has_floors(self) -> bool:
        """Whether any area has a floor."""
        return self.floor_share is not None or bool(self.floors)
