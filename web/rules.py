"""The rules of a siting question, as an address or a command gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from geodata.city_settings import CitySettings
from geodata.errors import InvalidInputError
from planner.problem import Model
from planner.question import Question
from web import questions

DEFAULT_NEW = 10
MAX_NEW = 100
MAX_BUDGET_CNY = 1e9
MAX_SEATS = 1000
MAX_PEOPLE_PER_SEAT = 1e6
PARAMETERS = (
    "model", "new", "budget_cny", "share", "floor_share", "floor", "require", "forbid", "may_close",
    "leave_out", "seats", "people_per_seat",
)  # fmt: skip


def read_question(values: questions.Values, settings: CitySettings) -> Question:
    """Read a siting question; ten new sites when the model needs a limit and none is set.

    Parameters
    ----------
    values
        `PARAMETERS`; all may be absent.
    settings
        Of the city, for what nobody said.

    Raises
    ------
    InvalidInputError
        When a value breaks the rules, or both a number and a budget are given.
    """
    has_new, has_budget = (_is_given(values, name) for name in ("new", "budget_cny"))
    if has_new and has_budget:
        raise InvalidInputError("give a number of new sites or a budget, not both")
    model = cast("Model", values.get("model") or "mclp")  # the question refuses what is none
    n_sites: int | None = None
    if has_new or (not has_budget and model not in ("lscp", "pscp")):
        n_sites = questions.in_range(values, "new", default=DEFAULT_NEW, least=1, most=MAX_NEW)
    people_per_seat = _amount(values, "people_per_seat", MAX_PEOPLE_PER_SEAT)
    return Question(
        model=model,
        n_sites=n_sites,
        budget_cny=_amount(values, "budget_cny", MAX_BUDGET_CNY),
        share=_amount(values, "share", 1.0),
        required=questions.words(values, "require"),
        forbidden=questions.words(values, "forbid"),
        may_close=questions.yes(values, "may_close"),
        floor_share=_amount(values, "floor_share", 1.0),
        leaves_out=questions.yes(values, "leave_out"),
        floors=floors(questions.words(values, "floor")),
        people_per_seat=settings.people_per_seat if people_per_seat is None else people_per_seat,
    )


def read_seats(values: questions.Values, settings: CitySettings) -> int:
    """Read the seats of a new station."""
    return questions.in_range(
        values,
        "seats",
        default=settings.new_seats,
        least=0,
        most=max(MAX_SEATS, settings.new_seats),
    )


def floors(texts: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """Read floors of areas, each written as ``AREA=SHARE``.

    Raises
    ------
    InvalidInputError
        When one is written otherwise.
    """
    found = []
    for text in texts:
        area, _, share = text.rpartition("=")
        try:
            found.append((area.strip(), float(share)))
        except ValueError:
            area = ""
        if not area.strip():
            raise InvalidInputError(
                "floor {text!s} is not understood; write an area and a share, like {example}",
                text=text,
                example="西区=0.8",
            )
    return tuple(found)


def _is_given(values: questions.Values, name: str) -> bool:
    return values.get(name) not in (None, "")


def _amount(values: questions.Values, name: str, most: float) -> float | None:
    return questions.amount(values, name, most=most) if _is_given(values, name) else None
