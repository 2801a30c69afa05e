"""The least share of its people that each area of a city is to have served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geodata.areas import assign
from geodata.errors import InvalidInputError, NotFoundError
from geodata.travel import milliseconds
from planner.problem import AreaFloors
from planner.question import Question
from planner.setting import Setting


def floors_of(setting: Setting, question: Question) -> AreaFloors | None:
    """Give the floor of each area of the city, 0 where none is asked for; None without any.

    Parameters
    ----------
    setting
        The city and the standard.
    question
        Its `floor_share` and `floors`.

    Returns
    -------
    AreaFloors
        Shares of all people of the areas, in the order of the areas frame; the standard is in
        minutes.

    Raises
    ------
    InvalidInputError
        When the city has no areas.
    NotFoundError
        When no area, or more than one, is called so.
    """
    if not question.has_floors:
        return None
    areas = setting.areas
    if areas is None or len(areas) == 0:
        raise InvalidInputError(
            "the city has no areas, so no floors can be asked for; give them with"
            " `yizhan city build --areas F`"
        )
    ids, names = list(areas["id"].astype(str)), list(areas["name"].astype(str))
    shares = np.full(len(ids), question.floor_share or 0.0)
    for area, floor in question.floors:
        found = [k for k in range(len(ids)) if area in (ids[k], names[k])]
        if len(found) != 1:
            raise NotFoundError(
                "{n} areas are called {area!s}; use the id or the name of one of {known}",
                n=len(found),
                area=area,
                known=", ".join(names),
            )
        shares[found[0]] = floor
    number = {i: k for k, i in enumerate(areas["id"])}
    of_place = [number.get(i, -1) for i in assign(setting.demand.places, areas)]
    standard = milliseconds(setting.standard_s) / 60_000
    return AreaFloors(area=np.array(of_place, np.int64), min_share=shares, standard=standard)


def of_part(
    floors: AreaFloors,
    people: NDArray[np.float64],
    *,
    counts: NDArray[np.bool_],
    served: NDArray[np.bool_],
) -> AreaFloors:
    """Give floors that ask the same of a part of the people.

    Parameters
    ----------
    floors
        Shares of all people of the areas.
    people
        Shape (n_places,).
    counts
        Shape (n_places,): the part.
    served
        Shape (n_places,): who is served already, and not in the part.
    """
    total, left, done = (
        np.bincount(floors.area + 1, weights=w, minlength=len(floors.min_share) + 1)[1:]
        for w in (people, np.where(counts, people, 0.0), np.where(served, people, 0.0))
    )
    wanted = np.maximum(floors.min_share * total - done, 0.0)
    shares = np.divide(wanted, left, out=np.zeros(len(left)), where=left > 0)
    return replace(floors, min_share=np.minimum(shares, 1.0))
