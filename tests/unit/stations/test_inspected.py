"""What an inspection changes about a record, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.said import DAILY

from geodata.importers.inspections import FilledFacility, FilledStation
from geodata.inspections import INSPECTION_RESULTS
from geodata.records import Offer
from stations.inspected import fields_after

STATION = replace(
    DAILY,
    verified_on="2026-05-01",
    facilities=("first_aid_kit", "microwave"),
    offers=(
        Offer(
            key="first_aid_kit", hours="Mo-Fr 09:00-17:00", expires_on="2026-08-01", note="柜子里"
        ),
    ),
)
FOUND = FilledStation(
    station_id="s", row=2, inspected_on="2026-09-12", who="王五", result="in_order"
)


def _facility(**fields: str) -> FilledStation:
    return replace(FOUND, facilities=(FilledFacility(**fields),))


@pytest.mark.parametrize("result", INSPECTION_RESULTS)
def test_only_a_station_that_serves_is_verified(result: str) -> None:
    """Shut, gone or unwelcoming: somebody was there, but nobody can rely on it."""
    serves = result in ("in_order", "faulty")
    assert fields_after(STATION, replace(FOUND, result=result)) == (
        {"verified_on": "2026-09-12"} if serves else {}
    )


def test_an_older_inspection_does_not_undo_a_newer_one() -> None:
    """A sheet that comes in late changes neither the day of the check nor what was seen since."""
    newer = replace(
        STATION, verified_on="2026-09-13", offers=(Offer(key="microwave", checked_on="2026-09-13"),)
    )
    late = replace(
        FOUND, hours="24/7", entry="app", facilities=(FilledFacility(key="microwave", state="broken"),)
    )  # fmt: skip
    assert fields_after(newer, late) == {}


def test_hours_and_way_in_change_where_they_differ() -> None:
    """What was found otherwise is taken over, with the words of who found it; the same is no change."""
    found = replace(
        FOUND, hours="Mo-Fr 09:00-17:00", hours_text="周一至周五 9:00-17:00", entry="app"
    )
    assert fields_after(STATION, found) == {
        "verified_on": "2026-09-12",
        "hours": "Mo-Fr 09:00-17:00",
        "hours_text": "周一至周五 9:00-17:00",
        "entry": "app",
    }
    same = replace(FOUND, hours=STATION.hours, hours_text="每天", entry=STATION.entry)
    assert set(fields_after(STATION, same)) == {"verified_on"}


def test_a_facility_gets_its_state_and_the_day_and_keeps_the_rest() -> None:
    """A new date of expiry replaces the old one; hours and note stay."""
    fields = fields_after(STATION, _facility(key="first_aid_kit", expires_on="2027-08-01"))
    (offer,) = fields["offers"]  # type: ignore[misc]
    assert offer == replace(STATION.offers[0], expires_on="2027-08-01", checked_on="2026-09-12")
    assert "facilities" not in fields


def test_a_facility_not_known_before_is_added_and_one_that_is_gone_goes() -> None:
    """The list of facilities follows what was seen, sorted."""
    new = fields_after(STATION, _facility(key="fridge", state="working"))
    assert new["facilities"] == ("first_aid_kit", "fridge", "microwave")
    gone = fields_after(STATION, _facility(key="first_aid_kit", state="absent"))
    assert (gone["facilities"], gone["offers"]) == (("microwave",), ())


def test_offers_stay_sorted_by_key() -> None:
    """However the rows of the sheet came."""
    found = replace(
        FOUND,
        facilities=tuple(FilledFacility(key=k, state="working") for k in ("toilet", "fridge")),
    )
    offers = fields_after(STATION, found)["offers"]
    assert [offer.key for offer in offers] == ["first_aid_kit", "fridge", "toilet"]  # type: ignore[attr-defined]
