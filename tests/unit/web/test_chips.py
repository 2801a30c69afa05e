"""The chips of the first screen and what a card says of a station's kit."""

from __future__ import annotations

import pytest

from geodata.records import Offer, Station
from geodata.services import services
from web import chips

STATION = Station(
    id="a",
    name="甲",
    lon_deg=113.6,
    lat_deg=34.7,
    hours="Mo-Fr 09:00-17:00",
    facilities=("shower", "toilet", "seating", "drinking_water", "free_breakfast", "microwave"),
    offers=(
        Offer(key="microwave", state="broken"),
        Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00"),
    ),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_chip_has_a_word_that_fits_on_it(language: str) -> None:
    """A chip is a need, a programme or the way in; its word has few signs and is nobody else's."""
    keys = (*chips.CHIPS, *chips.PROGRAMME_CHIPS)
    names = [chips.chip_name(key, language) for key in keys]
    assert set(keys) - {"walk_in"} <= set(services())
    assert {services()[key].kind for key in chips.PROGRAMME_CHIPS} == {"P"}
    assert len(set(names)) == len(names)
    assert max(len(name) for name in names) <= (5 if language == "zh" else 24)


def test_a_card_names_three_that_work_and_counts_the_rest() -> None:
    """What was asked for comes first, what is broken and what is a programme is not counted."""
    listed = chips.offered_in_list(STATION, (), "zh")
    assert [one["name"] for one in listed] == ["饮水", "厕所", "休息", "另有 1 项"]
    assert [one["key"] for one in listed] == ["drinking_water", "toilet", "seating", ""]
    asked = chips.offered_in_list(STATION, ("shower",), "zh")
    assert [one["key"] for one in asked] == ["shower", "drinking_water", "toilet", ""]
    all_four = ("shower", "toilet", "seating", "drinking_water")
    assert [one["key"] for one in chips.offered_in_list(STATION, all_four, "zh")] == list(all_four)


def test_programmes_say_when_they_are() -> None:
    """Only those with hours of their own, with the short name of their chip."""
    assert chips.programmes_words(STATION, "zh") == ["爱心早餐 周一至周五 05:00–07:00"]
