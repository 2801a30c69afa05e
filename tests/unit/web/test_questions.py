"""Questions as they arrive."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.city_settings import CitySettings
from geodata.errors import InvalidInputError
from planner.question import Question
from web import questions
from web.plans import PlanQuestion, read_plan

NOW = datetime(2026, 9, 21, 10, 0)
CITY = CitySettings()
HERE = {"lon_deg": 113.6, "lat_deg": 34.7}


def test_text_and_json_ask_the_same() -> None:
    """A query, where all is text, and a JSON body, where it is not, give the same question."""
    text = {
        "lon_deg": "113.6",
        "lat_deg": "34.7",
        "needs": "toilet,drinking_water",
        "open_only": "1",
        "mode": "ebike",
        "minutes": "15",
        "limit": "7",
        "at": "2026-09-20T10:00",
    }
    body = {
        **HERE,
        "needs": ["toilet", "drinking_water"],
        "open_only": True,
        "mode": "ebike",
        "minutes": 15,
        "limit": 7,
        "at": "2026-09-20T10:00",
    }
    assert questions.near_request(text, NOW) == questions.near_request(body, NOW)
    assert questions.near_request(body, NOW).limit_s == 900.0


def test_what_is_not_said_has_defaults() -> None:
    """A position alone is a whole question: on foot, now, every state, half an hour."""
    asked = questions.near_request(HERE, NOW)
    assert (asked.moment, asked.mode, asked.open_only, asked.limit_s) == (NOW, "walk", False, 1800)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lon_deg": None}, "lon_deg is missing"),
        ({"lon_deg": "east"}, "lon_deg is east; give a number"),
        ({"lon_deg": True}, "give a number"),
        ({"lon_deg": "nan"}, "give a number"),
        ({"lat_deg": [34.7]}, "give a number"),
        ({"lon_deg": 34.7, "lat_deg": 113.6}, "look swapped"),
        ({"lon_deg": 500, "lat_deg": 34}, "no place on earth"),
        ({"needs": "gold"}, "facility gold is not known"),
        ({"needs": [1]}, "words separated by commas"),
        ({"mode": "car"}, "mode car is not known"),
        ({"mode": ["walk"]}, "is not known"),
        ({"minutes": 0}, "more than 0"),
        ({"minutes": 61}, "at most 60"),
        ({"minutes": "soon"}, "give a number"),
        ({"limit": 0}, "1 to 200"),
        ({"limit": 201}, "1 to 200"),
        ({"limit": 1.5}, "whole number"),
        ({"open_only": "maybe"}, "say true or false"),
        ({"open_only": 1}, "say true or false"),
        ({"at": "yesterday"}, "without a zone"),
        ({"at": "2026-09-20T10:00+08:00"}, "without a zone"),
        ({"at": "0001-01-01T00:00"}, "without a zone"),
        ({"at": 5}, "without a zone"),
        ({"opne_only": True}, "no parameter opne_only"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason(change: dict[str, object], said: str) -> None:
    """Each mistake gets its own sentence; none is passed over in silence."""
    with pytest.raises(InvalidInputError, match=said):
        questions.near_request({**HERE, **change}, NOW)


@pytest.mark.parametrize("minutes", [60, 0.5])
def test_the_longest_and_a_short_journey_are_allowed(minutes: float) -> None:
    """The limits themselves can be asked for."""
    assert questions.minutes({"minutes": minutes}, default=10) == minutes


Scalar = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab,.-:T019 中", max_size=20)
)


@given(
    st.dictionaries(st.sampled_from(questions.NEAR_FIELDS), Scalar | st.lists(Scalar, max_size=3))
)
def test_any_json_is_answered_or_refused(body: dict[str, object]) -> None:
    """Whatever arrives, the outcome is a question that can be asked or a clear refusal."""
    try:
        asked = questions.near_request({**HERE, **body}, NOW)
    except InvalidInputError:
        return
    assert math.isfinite(asked.lon_deg)
    assert 0 < asked.limit_s <= 3600


def test_a_box_is_four_numbers_in_order() -> None:
    """West, south, east, north; a box turned inside out is refused."""
    assert questions.box({"box": "113,34,114,35"}) == (113.0, 34.0, 114.0, 35.0)
    assert questions.box({}) is None
    for wrong in ("113,34,114", "114,34,113,35", "113,35,114,34", "a,b,c,d"):
        with pytest.raises(InvalidInputError):
            questions.box({"box": wrong})


def test_a_plan_is_limited_by_number_or_by_money() -> None:
    """Ten sites when nothing is said; a number or a budget, never both."""
    ten = PlanQuestion(minutes=10.0, mode="walk", seats=12, question=Question(n_sites=10))
    assert read_plan({}, CITY) == ten
    assert read_plan({"new": "", "budget_cny": "", "model": ""}, CITY) == ten
    money = read_plan({"budget_cny": "26000", "minutes": "15", "mode": "ebike"}, CITY)
    assert money.question == Question(budget_cny=26_000.0)
    assert (money.minutes, money.mode) == (15, "ebike")
    for wrong in (
        {"new": "3", "budget_cny": "1"},
        {"new": "0"},
        {"new": "101"},
        {"budget_cny": "-1"},
    ):
        with pytest.raises(InvalidInputError):
            read_plan(wrong, CITY)


def test_models_that_find_the_number_themselves_get_no_limit() -> None:
    """Serving everybody, or a share, is asked without the usual ten sites."""
    assert read_plan({"model": "lscp"}, CITY).question == Question(model="lscp")
    asked = read_plan({"model": "pscp", "share": "0.9", "new": "4"}, CITY).question
    assert asked == Question(model="pscp", share=0.9, n_sites=4)
    assert read_plan({"model": "pcenter"}, CITY).question.n_sites == 10


def test_every_rule_is_read() -> None:
    """Lists come with commas, floors as area and share, and the city gives what nobody said."""
    values = {
        "new": "2", "require": "a, b", "forbid": "c", "may_close": "1", "leave_out": "true", "floor_share": "0.5",
        "floor": "西区=0.8,1=0.2", "seats": "30", "people_per_seat": "7",
    }  # fmt: skip
    found = read_plan(values, CITY)
    assert found.seats == 30
    assert found.question == Question(
        n_sites=2, required=("a", "b"), forbidden=("c",), may_close=True, leaves_out=True,
        floor_share=0.5,
        floors=(("西区", 0.8), ("1", 0.2)), people_per_seat=7.0,
    )  # fmt: skip
    assert read_plan({}, CitySettings(people_per_seat=5)).question.people_per_seat == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "tsp"}, {"model": "pscp"}, {"share": "0.5"}, {"model": "pscp", "share": "1.5"},
        {"floor_share": "2"}, {"floor": "西区"}, {"floor": "=0.5"}, {"floor": "西区=nan"},
        {"require": "a", "forbid": "a"}, {"may_close": "perhaps"}, {"seats": "-1"},
        {"people_per_seat": "0"},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    """A model nobody knows, a share out of place, floors and numbers out of range."""
    with pytest.raises(InvalidInputError):
        read_plan(wrong, CITY)
