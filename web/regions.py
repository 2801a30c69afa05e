"""Stations counted by province and district: what a map of them must also say in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geodata.districts import name_of
from geodata.errors import NotFoundError
from geodata.tiles import without_clock

NOWHERE = "-"
"""Stands for the province or district of stations of which it is not known."""

_PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Counts of one province or district.

    Attributes
    ----------
    key
        Two digits of the province, the district's name, or `NOWHERE`.
    name
        To be shown; empty for `NOWHERE`.
    n, open, walk_in, all_day
        Stations; those in service; those that let anybody walk in; those that never close.
    """

    key: str
    name: str
    n: int
    open: int
    walk_in: int
    all_day: int


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The stations of a frame with the province and the district of each.

    Attributes
    ----------
    table
        Index and order of the frame; ``province, district, n, open, walk_in, all_day``.
    """

    table: pd.DataFrame

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> Regions:
        """Look at a stations frame with ``district, district_code, status, entry, hours``."""
        code = frame["district_code"].fillna("").astype(str).str[:_PROVINCE_DIGITS]
        district = frame["district"].fillna("").astype(str).str.strip()
        in_service = frame["status"] == "open"
        facts = without_clock(frame)
        return cls(
            pd.DataFrame(
                {
                    "province": code.where(code != "", NOWHERE),
                    "district": district.where(district != "", NOWHERE),
                    "n": 1,
                    "open": in_service.astype(int),
                    "walk_in": (in_service & facts["walk_in"]).astype(int),
                    "all_day": (in_service & facts["all_day"]).astype(int),
                }
            )
        )

    @property
    def has_provinces(self) -> bool:
        """True when the stations are of more than one province that is known."""
        known = self.table.loc[self.table["province"] != NOWHERE, "province"]
        return bool(known.nunique() > 1)

    def provinces(self) -> list[Region]:
        """Count by province, in the order of their codes."""
        return _counted(self.table, "province", sort=True)

    def districts(self, province: str = "") -> list[Region]:
        """Count by district, those with most stations first; of one province or of all."""
        rows = self.within(province)
        return sorted(_counted(rows, "district", sort=False), key=lambda r: (-r.n, r.key))

    def within(self, province: str = "", district: str = "") -> pd.DataFrame:
        """Give the rows of a province, a district, or a district in a province.

        Raises
        ------
        NotFoundError
            When there are none.
        """
        rows = self.table
        if province:
            rows = rows[rows["province"] == province]
        if district:
            rows = rows[rows["district"] == district]
        if rows.empty and (province or district):
            raise NotFoundError(
                "there are no stations in {place!s}; choose a place from the table",
                place=district or province,
            )
        return rows


def total(regions: Sequence[Region]) -> Region:
    """Add up regions."""
    sums = {name: sum(getattr(r, name) for r in regions) for name in _COUNTS}
    return Region(key="", name="", **sums)


_COUNTS = ("n", "open", "walk_in", "all_day")


def province_name(key: str) -> str:
    """Give the name of a province by the two digits of its code; the digits when unknown."""
    try:
        return "" if key == NOWHERE else name_of(key.ljust(6, "0"))
    except NotFoundError:
        return key


def _counted(rows: pd.DataFrame, column: str, *, sort: bool) -> list[Region]:
    sums = rows.groupby(column, sort=sort)[list(_COUNTS)].sum()
    is_province = column == "province"
    return [
        Region(
            key=str(key),
            name=province_name(str(key)) if is_province else "" if key == NOWHERE else str(key),
            **dict(zip(_COUNTS, map(int, counts), strict=True)),
        )
        for key, counts in zip(sums.index, sums.to_numpy().tolist(), strict=True)
    ]
