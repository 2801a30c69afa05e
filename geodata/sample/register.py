"""What the register knows of the sample stations: codes, offers, closed days, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np

from geodata.codes import next_codes
from geodata.records import Closure, Offer

_LONGEST_AGO_DAYS = 300


def with_register(
    frame: gpd.GeoDataFrame, table: Mapping[str, Any], today: date, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Fill in what the register knows.

    Parameters
    ----------
    frame
        Stations frame; id, district, status, facilities and the like are known.
    table
        The tables of ``stations.toml``.
    today
        Day from which dates are counted.
    rng
        Where chance comes from.

    Returns
    -------
    geopandas.GeoDataFrame
        A new frame with code, district_code, offers, closures, staff_hours, status_reason and
        status_since.
    """
    district = [table["district_codes"].get(name, "") for name in frame["district"]]
    code = next_codes(district, [])
    reason, since = _reasons(frame, table, code, today, rng)
    columns: dict[str, Any] = {
        "district_code": district,
        "code": code,
        "offers": _offers(frame, table, today, rng),
        "closures": _closures(frame, table, rng),
        "staff_hours": _staff(frame, table, rng),
        "status_reason": reason,
        "status_since": since,
    }
    return frame.assign(**columns)


def _offers(
    frame: gpd.GeoDataFrame, table: Mapping[str, Any], today: date, rng: np.random.Generator
) -> list[tuple[Offer, ...]]:
    """Give programmes their hours, let some things be broken, and let medicine expire."""
    broken, medicine = table["broken"], table["medicine"]
    found = []
    for keys, checked_on in zip(frame["facilities"], frame["verified_on"], strict=True):
        offers = []
        for key in keys:
            hours = table["programmes"].get(key)
            if hours:
                offers.append(Offer(key=key, hours=str(rng.choice(hours)), checked_on=checked_on))
            elif key in broken["keys"] and rng.random() < broken["share"]:
                offers.append(Offer(key=key, state="broken", checked_on=checked_on))
            elif key == "first_aid_kit" and checked_on and rng.random() < medicine["known"]:
                days = int(rng.integers(medicine["first_day"], medicine["last_day"]))
                day = (today + timedelta(days=days)).isoformat()
                offers.append(Offer(key=key, checked_on=checked_on, expires_on=day))
        found.append(tuple(offers))
    return found


def _closures(
    frame: gpd.GeoDataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> list[tuple[Closure, ...]]:
    found: list[tuple[Closure, ...]] = [()] * len(frame)
    some = rng.permutation(np.flatnonzero(frame["status"] == "open"))[: table["closures"]["count"]]
    for k, (first, last, reason) in zip(some.tolist(), table["closures"]["rows"], strict=True):
        found[k] = (Closure(first_day=first, last_day=last, reason=reason),)
    return found


def _staff(
    frame: gpd.GeoDataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> list[str]:
    hours = [str(h) for h in rng.choice(table["staffed"]["hours"], len(frame))]
    is_staffed = frame["kind"].isin(["smart_24h", "flagship"])
    return [h if there else "" for h, there in zip(hours, is_staffed, strict=True)]


def _reasons(
    frame: gpd.GeoDataFrame,
    table: Mapping[str, Any],
    code: list[str],
    today: date,
    rng: np.random.Generator,
) -> tuple[list[str], list[str]]:
    """Say why and since when stations are not open, and where those that moved are now."""
    reasons, since = [], []
    is_open = (frame["status"] == "open").to_numpy()
    for status, district in zip(frame["status"], frame["district"], strict=True):
        texts = table["reasons"].get(status)
        if texts is None:
            reasons.append("")
            since.append("")
            continue
        reason = str(rng.choice(texts))
        near = np.flatnonzero(is_open & (frame["district"] == district).to_numpy())
        if status == "moved" and len(near):
            there = int(rng.choice(near))
            reason = f"{reason}；迁至{frame['name'].iloc[there]} {code[there]}"
        reasons.append(reason)
        ago = int(rng.integers(1, _LONGEST_AGO_DAYS))
        since.append((today - timedelta(days=ago)).isoformat())
    return reasons, since
