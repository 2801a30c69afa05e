"""What the numbers of an answer mean, in words for tables; `say` translates."""

from __future__ import annotations

from collections.abc import Callable

from planner.problem import Model
from planner.question import Unit

Say = Callable[[str], str]


def objective_words(unit: Unit, say: Say = str) -> tuple[str, str]:
    """Name the objective of an answer, and the bound that no plan under the same rules beats."""
    return {
        "people_gained": (say("People gained"), say("No plan gains more than")),
        "people_served": (say("People served"), say("No plan serves more than")),
        "new_stations": (say("New stations needed"), say("No plan needs fewer than")),
        "stations_in_all": (say("Stations in all"), say("No plan needs fewer than")),
        "cny": (say("Cost in CNY"), say("No plan costs less than")),
        "person_minutes": (
            say("Travel of all people in person-minutes"),
            say("No plan has less than"),
        ),
        "minutes": (say("Longest journey in minutes"), say("No plan has less than")),
    }[unit]


def gain_words(model: Model, say: Say = str) -> str:
    """Name what is counted for each suggested site (`planner.suggestion.Suggestion.sites`)."""
    if model in ("pmedian", "pcenter"):
        return say("People nearest to it")
    return say("People given a place") if model == "capacitated" else say("People gained")
