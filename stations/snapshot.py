"""What phones search by themselves: manifest and cells as dictionaries; see ``docs/snapshot.md``.

A phone asks for the cells around the coarse cell it is in, `RESOLUTION` of H3 (about 6 km across),
and for nothing else: whoever serves the files, or reads along, learns that cell and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np

from geodata.grid import cell_centres, cell_of, cells_near, radius_m
from geodata.records import Station
from geodata.services import services
from geodata.streets import MODES, SPEED_M_PER_S
from stations.catalogue import Catalogue
from stations.detours import Detours
from stations.needs import offered
from stations.schedules import DAYS, Drawing, Holiday, Schedule, programmes

FORMAT = 1
RESOLUTION = 6
HOTLINE = "12351"
"""The unions' own telephone line, the same in all of China."""

_SLACK_M = 200.0
"""Distances on a sphere, on the ellipsoid and as a phone works them out differ by less."""

_DIGITS = 6
_TEXTS = ("address", "phone", "host", "kind", "status", "verified_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be published, and for when.

    Attributes
    ----------
    name, name_en, time_zone
        Of the city.
    is_synthetic
        Whether anything in it is invented.
    made_at
        With its offset from UTC.
    limit_s
        The longest journey that anybody can ask for.
    crowd_weeks
        By id of a station, its usual week: 168 digits.
    """

    name: str
    name_en: str
    time_zone: str
    is_synthetic: bool
    made_at: datetime
    limit_s: float
    crowd_weeks: Mapping[str, str] = field(default_factory=dict)

    @property
    def start(self) -> date:
        """First day of the schedules."""
        return self.made_at.date()


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The dictionaries to write.

    Attributes
    ----------
    cells
        By H3 cell, those with stations.
    manifest
        Without the paths of files: the last column of ``cells`` is None, and ``places``, ``live``,
        ``tiles`` and ``files`` are missing.
    """

    cells: dict[str, dict[str, Any]]
    manifest: dict[str, Any]


def build(catalogue: Catalogue, detours: Detours, question: Question) -> Content:
    """Make the dictionaries of manifest and cells.

    Parameters
    ----------
    catalogue
        The stations.
    detours
        Of the same stations in the same order.
    question
        The city, and for when.

    Raises
    ------
    InvalidInputError
        When no calendar reaches the days.
    """
    stations = catalogue.stations
    reach_m = question.limit_s * max(SPEED_M_PER_S[mode] for mode in MODES)
    where = cell_of(
        lon_deg=[s.lon_deg for s in stations],
        lat_deg=[s.lat_deg for s in stations],
        resolution=RESOLUTION,
    )
    drawing = Drawing(question.start, DAYS)
    cells: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    for cell in sorted(set(where.tolist())):
        here = np.flatnonzero(where == cell)
        writing = _Cell(drawing, question.crowd_weeks)
        for k in here:
            writing.add(stations[k], detours.texts[k])
        cells[cell] = {"cell": cell, **writing.content()}
        counts[cell] = len(here)
    load_m = reach_m + 2 * radius_m(list(cells)) + _SLACK_M
    return Content(cells, _manifest(catalogue, detours, question, counts, reach_m, load_m))


@cache
def service_numbers() -> Mapping[str, int]:
    """Give the place of each service in ``services`` of the manifest."""
    return {key: k for k, key in enumerate(services())}


def _manifest(
    catalogue: Catalogue,
    detours: Detours,
    question: Question,
    counts: Mapping[str, int],
    reach_m: float,
    load_m: float,
) -> dict[str, Any]:
    known = services()
    return {
        "format": FORMAT,
        "version": catalogue.version,
        "made_at": question.made_at.isoformat(timespec="seconds"),
        "start": question.start.isoformat(),
        "days": DAYS,
        "time_zone": question.time_zone,
        "city": {
            "name": question.name,
            "name_en": question.name_en,
            "is_synthetic": question.is_synthetic,
            "hotline": HOTLINE,
        },
        "speeds_m_per_s": {mode: SPEED_M_PER_S[mode] for mode in MODES},
        "detours": detours.reading(),
        "services": list(known),
        "service_classes": [service.kind for service in known.values()],
        "resolution": RESOLUTION,
        "limit_s": question.limit_s,
        "reach_m": round(reach_m),
        "load_m": round(load_m),
        "cells": _cells_around(counts, load_m),
    }


def _cells_around(counts: Mapping[str, int], load_m: float) -> list[list[Any]]:
    """Give all cells with stations and all from which a phone would load one of these."""
    centres = cell_centres(cells_near(sorted(counts), within_m=load_m))
    return [
        [cell, round(float(x), 5), round(float(y), 5), counts.get(cell, 0), None]
        for cell, x, y in zip(centres["cell"], centres.geometry.x, centres.geometry.y, strict=True)
    ]


class _Cell:
    """Gathers the stations of a cell; what several of them share is written once."""

    def __init__(self, drawing: Drawing, crowd_weeks: Mapping[str, str]) -> None:
        self._drawing = drawing
        self._crowd_weeks = crowd_weeks
        self._notes: dict[str, int] = {"": 0}
        self._holidays: dict[Holiday, int] = {}
        self._schedules: dict[Schedule, int] = {}
        self._stations: list[dict[str, Any]] = []

    def add(self, station: Station, detours: str) -> None:
        """Add a station."""
        has, works = {*station.facilities, *offered(station)}, offered(station)
        row = {
            "id": station.id,
            "code": station.code,
            "name": station.name,
            "lon_deg": round(station.lon_deg, _DIGITS),
            "lat_deg": round(station.lat_deg, _DIGITS),
            "schedule": self._schedule(self._drawing.of_station(station)),
            "entry": station.entry,
            "facilities": _numbers(has),
            "out": _numbers(has - works),
            "programmes": self._programmes(station),
            **{name: getattr(station, name) for name in _TEXTS},
            "is_synthetic": station.is_synthetic,
            "detours": detours,
            "crowd_week": self._crowd_weeks.get(station.id, ""),
        }
        self._stations.append({k: v for k, v in row.items() if v not in ("", [])})

    def content(self) -> dict[str, Any]:
        """Give all that was added."""
        return {
            "notes": list(self._notes),
            "holidays": [holiday._asdict() for holiday in self._holidays],
            "schedules": [self._written(schedule) for schedule in list(self._schedules)],
            "stations": self._stations,
        }

    def _programmes(self, station: Station) -> list[list[Any]]:
        """Give the programmes that keep hours of their own; the others keep the station's."""
        return [
            [
                service_numbers()[offer.key],
                self._schedule(self._drawing.of_programme(station, offer.key)),
                offer.note,
            ]
            for offer in programmes(station)
            if offer.hours and offer.state == "working"
        ]

    def _schedule(self, schedule: Schedule) -> int:
        for part in schedule.parts:
            self._notes.setdefault(part.note, len(self._notes))
            if part.holiday is not None:
                self._holidays.setdefault(part.holiday, len(self._holidays))
        return self._schedules.setdefault(schedule, len(self._schedules))

    def _written(self, schedule: Schedule) -> dict[str, Any]:
        parts = [
            [
                part.minute,
                part.code,
                part.why,
                self._notes[part.note],
                None if part.holiday is None else self._holidays[part.holiday],
                part.is_predicted,
            ]
            for part in schedule.parts
        ]
        return {"parts": parts, "change": schedule.change, "next_open": schedule.next_open}


def _numbers(keys: set[str]) -> list[int]:
    return sorted(service_numbers()[key] for key in keys)
