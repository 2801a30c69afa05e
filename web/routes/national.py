"""All stations of the folder on one map, a whole country's too, and the same in tables."""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
from flask import Blueprint, render_template, request

from geodata.records import ENTRY_MODES
from web import questions, words
from web.i18n import request_language
from web.maps import map_config
from web.regions import Region, Regions, province_name, total
from web.served import Snapshot, served

pages = Blueprint("national", __name__)

LISTED = 100
"""Stations on one page of a list."""


@pages.get("/national")
def home() -> str:
    """Count the stations by province, a province's by district, and list those of a district."""
    values = request.args.to_dict()
    province, district = values.get("province", ""), values.get("district", "")
    snapshot = served().snapshot()
    regions = _regions(snapshot)
    rows = regions.within(province, district)
    counted = _counted(regions, province, district)
    last = max(1, -(-len(rows) // LISTED))
    page = questions.in_range(values, "page", default=1, least=1, most=last)
    frame = snapshot.catalogue.frame.loc[rows.index]
    listed = frame.iloc[(page - 1) * LISTED : page * LISTED] if district else frame.iloc[:0]
    language = request_language()
    return render_template(
        "national.html",
        regions=counted,
        total=total(counted),
        is_by_province=regions.has_provinces and not province and not district,
        province=province,
        province_name=province_name(province) if province else "",
        district=district,
        stations=listed[["id", "name", "address"]].fillna("").to_dict("records"),
        page=page,
        last_page=last,
        map={**map_config(snapshot), **_bounds(frame)},
        entries={key: words.entry_words(key, language) for key in ENTRY_MODES},
    )


def _counted(regions: Regions, province: str, district: str) -> list[Region]:
    if district:
        return [r for r in regions.districts(province) if r.key == district]
    if province or not regions.has_provinces:
        return regions.districts(province)
    return regions.provinces()


@lru_cache(maxsize=1)
def _regions(snapshot: Snapshot) -> Regions:
    return Regions.of(snapshot.catalogue.frame)


def _bounds(frame: gpd.GeoDataFrame) -> dict[str, object]:
    """Give the corners of what the page is about; nothing where there are no stations."""
    if frame.empty:
        return {}
    west, south, east, north = map(float, frame.total_bounds)
    return {"bounds": [[south, west], [north, east]]}
