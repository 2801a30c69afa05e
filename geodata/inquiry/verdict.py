"""A verdict on the frame of a sheet: what speaks for it, how surely, and which rows do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geodata.checks import Finding

MISFITS = ("other_frame", "swapped", "wrong_district", "misplaced")
"""Kinds of rows that do not fit."""

_NAMED = "the coordinates are in {frame}, with {confidence} confidence"
_NAMED_SWAPPED = (
    "the coordinates are in {frame}, with {confidence} confidence; x holds the latitude or "
    "northing and y the longitude or easting"
)
_UNCLEAR = (
    "the coordinates may be in {frames}; nothing decides it. Name the frame with --frame, or give "
    "the sheet names, addresses or districts that the city knows"
)
_ROWS = {
    "other_frame": "row {row} seems to be in {frame}, not in {main} as the others; {distance}",
    "swapped": "row {row} has longitude and latitude exchanged against the others",
    "wrong_district": "row {row} says {stated}, but lies in {found}, {distance} outside {stated}",
    "outside": "row {row} says {stated}, but lies {distance} outside it",
    "misplaced": "row {row} lies {distance} from {expected}; look the place up again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for or against a frame.

    Attributes
    ----------
    kind
        ``numbers``, ``known``, ``districts``, ``streets``, ``beside``, ``places``, ``conflict`` or
        ``nothing``.
    frame
        What it speaks about.
    template, details
        The sentence for people with ``{name}`` placeholders, and their values.
    weight
        Logarithm (base e) of how much likelier this is in `frame` than in the next best; negative
        when it speaks against.
    """

    kind: str
    frame: str
    template: str
    details: Mapping[str, object] = field(default_factory=dict)
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A row that does not fit the verdict.

    Attributes
    ----------
    row
        Number of the row, from 0.
    kind
        One of `MISFITS`.
    frame
        What the row seems to be in, where that is another frame; else that of the verdict.
    distance_m
        From where it should be: metres outside the stated district, or between the row as it is
        read and as it should be read, or from what it names.
    stated, found
        The district that the row states and the one it lies in, or what it names; empty if none.
    """

    row: int
    kind: str
    frame: str
    distance_m: float
    stated: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which frame a sheet is in.

    Attributes
    ----------
    frame
        One of `frames.FRAMES` but ``cgcs2000``, which is told as ``wgs84``; or ``epsg:N``. None
        when it cannot be told, and a person must be asked.
    is_swapped
        Whether x and y must be exchanged first; of the first candidate when there is no frame.
    confidence
        Probability of the first candidate, 0 to 1.
    candidates
        Frame, whether the axes are exchanged, and probability; the likeliest first. What is left of
        1 is the probability of none of them.
    evidence
        What speaks for and against, the weightiest first.
    rows
        Rows that do not fit the frame, or where there is none the one that somebody names.
    """

    frame: str | None
    is_swapped: bool
    confidence: float
    candidates: tuple[tuple[str, bool, float], ...]
    evidence: tuple[Evidence, ...]
    rows: tuple[Misfit, ...] = ()


def verdict_findings(
    verdict: Verdict, *, rows: Sequence[int] | None = None, column: str = ""
) -> tuple[Finding, ...]:
    """Give a verdict as findings: the frame, what speaks for it, and each row that does not fit.

    Parameters
    ----------
    rows
        Row numbers as a person counts them in the file, for each row of the sheet; from 0 if None.
    column
        How findings name the coordinate columns.

    Returns
    -------
    tuple of Finding
        ``frame_told`` (note) or ``frame_unclear`` (error), ``frame_evidence`` (notes), then
        warnings ``row_other_frame``, ``row_swapped``, ``row_wrong_district``, ``row_misplaced``.
    """
    found = [_headline(verdict, column)]
    found += [
        Finding("frame_evidence", e.template, e.details, "file", None, column, "note")
        for e in verdict.evidence
    ]
    for misfit in verdict.rows:
        number = int(rows[misfit.row]) if rows is not None else misfit.row
        key = "outside" if misfit.kind == "wrong_district" and not misfit.found else misfit.kind
        details = {
            "row": number,
            "frame": misfit.frame,
            "main": verdict.frame,
            "stated": misfit.stated,
            "found": misfit.found,
            "expected": misfit.stated or "?",
            "distance": length(misfit.distance_m),
        }
        found.append(Finding(f"row_{misfit.kind}", _ROWS[key], details, "file", number, column))
    return tuple(found)


def length(metres: float) -> str:
    """Write a length for people: 38 m, 1.2 km, 17 km."""
    if metres < 995:
        return f"{metres:.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9950 else f"{metres / 1000:.0f} km"


def _headline(verdict: Verdict, column: str) -> Finding:
    if verdict.frame is None:
        if not verdict.candidates:
            return Finding(
                "frame_unclear",
                "the numbers are no coordinates in China in any known frame; check them",
                {},
                "file",
                None,
                column,
                "error",
            )
        frames = ", ".join(dict.fromkeys(frame for frame, _, _ in verdict.candidates))
        return Finding("frame_unclear", _UNCLEAR, {"frames": frames}, "file", None, column, "error")
    details = {"frame": verdict.frame, "confidence": f"{verdict.confidence:.1%}"}
    template = _NAMED_SWAPPED if verdict.is_swapped else _NAMED
    return Finding("frame_told", template, details, "file", None, column, "note")
