"""The taxonomy has all that unions speak of, and the packages are made of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.errors import NotFoundError
from geodata.packages import compliance, packages
from geodata.records import Offer, Station
from geodata.services import SERVICE_CLASSES, services

PROGRAMMES = {
    "free_breakfast", "discount_meal", "hot_soup_event", "haircut", "health_check", "tcm_service", "counselling",
    "legal_aid", "labour_dispute_mediation", "job_info", "skills_training", "union_membership", "hotline_12351",
    "hardship_aid", "mutual_insurance", "childcare", "donation_corner", "workers_day",
}  # fmt: skip


def test_the_taxonomy_is_whole() -> None:
    """Every programme that workers were promised is there, with two labels of its own."""
    known = services()
    assert {key for key, service in known.items() if service.kind == "P"} >= PROGRAMMES
    assert {service.kind for service in known.values()} == set(SERVICE_CLASSES)
    for labels in ([s.zh for s in known.values()], [s.en for s in known.values()]):
        assert len(set(labels)) == len(labels)
        assert all(labels)


@pytest.mark.parametrize("key", packages())
def test_a_package_is_made_of_the_taxonomy(key: str) -> None:
    """Needs are known keys; a station that has the first of each meets the package."""
    package = packages()[key]
    assert package.needs
    assert {k for need in package.needs for k in need} <= set(services())
    full = Station(
        id="a", name="a", lon_deg=113, lat_deg=34, area_m2=package.least_area_m2,
        facilities=tuple(need[0] for need in package.needs),
    )  # fmt: skip
    assert compliance(full, key).is_met
    for gone in package.needs:
        less = replace(full, facilities=tuple(k for k in full.facilities if k != gone[0]))
        found = compliance(less, key)
        assert (found.missing, found.is_met) == ((gone,), False)


def test_any_of_a_need_will_do_but_it_must_work() -> None:
    """A fan stands for air conditioning; broken kit counts as out of order unless another works."""
    keys = ("seating", "table", "drinking_water", "microwave", "first_aid_kit", "fan")
    station = Station(id="a", name="a", lon_deg=113, lat_deg=34, area_m2=12, facilities=keys)
    assert compliance(station, "shandong").is_met
    broken = replace(station, offers=(Offer(key="fan", state="broken"),))
    found = compliance(broken, "shandong")
    assert (found.out_of_order, found.missing) == ((("fan", "air_conditioning"),), ())
    assert compliance(replace(broken, facilities=(*keys, "air_conditioning")), "shandong").is_met


@pytest.mark.parametrize(("area", "expected"), [(12.0, True), (11.9, False), (None, None)])
def test_the_area_counts_where_it_is_asked(area: float | None, expected: bool | None) -> None:
    """The limit is inclusive; an unknown area is unknown, and only asked where the package asks."""
    station = Station(id="a", name="a", lon_deg=113, lat_deg=34, area_m2=area)
    assert compliance(station, "shandong").is_large_enough is expected
    assert compliance(station, "henan").is_large_enough is True


def test_an_unknown_package_is_not_found() -> None:
    """The sentence names the known ones."""
    with pytest.raises(NotFoundError, match="henan"):
        compliance(Station(id="a", name="a", lon_deg=113, lat_deg=34), "mars")
