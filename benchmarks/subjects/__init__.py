"""The registry: every subject under its name, in the order of measuring."""

from __future__ import annotations

from benchmarks.subject import Subject
from benchmarks.subjects.census_blocks import CENSUS_BLOCKS
from benchmarks.subjects.city import CITY
from benchmarks.subjects.detective import DETECTIVE
from benchmarks.subjects.distances import DISTANCES
from benchmarks.subjects.first_screen import FIRST_SCREEN
from benchmarks.subjects.hours import HOURS
from benchmarks.subjects.importing import IMPORTING
from benchmarks.subjects.large import LARGE
from benchmarks.subjects.national_map import NATIONAL_MAP
from benchmarks.subjects.phone_search import PHONE_SEARCH
from benchmarks.subjects.random_covering import RANDOM_COVERING
from benchmarks.subjects.reach import REACH
from benchmarks.subjects.seats import SEATS
from benchmarks.subjects.served_load import SERVED_LOAD
from benchmarks.subjects.snapshot import SNAPSHOT
from benchmarks.subjects.trust import TRUST
from benchmarks.subjects.what_if import WHAT_IF

SUBJECTS: dict[str, Subject] = {
    subject.name: subject
    for subject in (
        *CITY,
        *WHAT_IF,
        *REACH,
        *RANDOM_COVERING,
        *CENSUS_BLOCKS,
        *DISTANCES,
        *LARGE,
        *HOURS,
        *TRUST,
        *IMPORTING,
        *DETECTIVE,
        *SEATS,
        *SNAPSHOT,
        *FIRST_SCREEN,
        *NATIONAL_MAP,
        *SERVED_LOAD,
        *PHONE_SEARCH,
    )
}
