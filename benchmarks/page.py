"""The page ``docs/performance.md``, made from the file of results and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median_low

from benchmarks.instances.instance import ROOT
from benchmarks.results import Result
from benchmarks.row import Check, Figure, PeerFigures, Row

PAGE = ROOT / "docs" / "performance.md"

_HEAD = """# Performance, as measured

Made by `make bench` from `benchmarks/results.json`; not written by hand. `make peers` installs what
we are measured against (spopt, pandana) apart from the product. Seconds are the median of warm runs
(least to most behind it), or of one cold run; one thread unless said. A ratio says how many times
longer the peer took for the same work. A gap is 0 only where the plan is proved. Megabytes are the
largest resident memory of the whole measuring process, the making of the instance included.
"""
_FIRST = ("value", "bound", "gap", "outcome")


def page(results: dict[str, Result]) -> str:
    """Give the page."""
    parts = [_HEAD, _where(results), _targets(results)]
    parts += [_subject(name, result) for name, result in results.items()]
    parts.append(_instances(results))
    return "\n".join(parts)


def told(row: Row) -> str:
    """Give a row as one line of a terminal."""
    figures = ", ".join(f"{k} {number(v)}" for k, v in row.figures.items())
    met = "".join("" if c.is_met else f"  MISSED {claimed(c)}" for c in row.checks)
    peers = "".join(f"  | {_peer(p)}" for p in row.peers)
    return (
        f"{row.subject:24} {row.instance:24} {_seconds(row):>22} s {row.peak_mb:8.0f} MB  "
        f"{figures}{peers}{met}"
    )


def claimed(check: Check) -> str:
    """Give a target and what was measured, in words."""
    relation = "at most" if check.relation == "<=" else "at least"
    values = f"{number(check.measured)} measured, {relation} {number(check.limit)}"
    return f"{check.claim}: {values} {check.unit}".rstrip()


def number(value: Figure) -> str:
    """Give a figure in few digits; whole numbers in full."""
    if value is None or isinstance(value, str):
        return value or "–"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.3g}"


def _where(results: dict[str, Result]) -> str:
    """Say where it was measured; once when everything was measured in one place."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for name, result in results.items():
        places.setdefault((result.date, result.machine, result.versions), []).append(name)
    return "\n".join(
        f"- {date}, {machine}; {versions}"
        + ("" if len(places) == 1 else f". Subjects: {', '.join(f'`{n}`' for n in names)}")
        for (date, machine, versions), names in places.items()
    )


def _targets(results: dict[str, Result]) -> str:
    lines = []
    for name, result in results.items():
        lines += [_target(name, "all", check) for check in result.checks]
        for row in result.rows:
            lines += [_target(name, row.instance, check) for check in row.checks]
    head = ("subject", "instance", "what", "measured", "target", "met")
    return "\n## Targets\n\n" + _table(head, lines)


def _target(subject: str, instance: str, check: Check) -> tuple[str, ...]:
    relation = "≤" if check.relation == "<=" else "≥"
    target = f"{relation} {number(check.limit)} {check.unit}".rstrip()
    met = "yes" if check.is_met else "**no**"
    return (f"`{subject}`", instance, check.claim, number(check.measured), target, met)


def _subject(name: str, result: Result) -> str:
    rows = result.rows
    keys = [k for k in _FIRST if any(k in r.figures for r in rows)]
    keys += [k for k in _all_keys(rows) if k not in _FIRST]
    has_peers = any(r.peers for r in rows)
    head = ("instance", "seconds", *(k.replace("_", " ") for k in keys), "MB")
    lines = [
        (
            row.instance,
            _seconds(row),
            *(number(row.figures.get(k)) for k in keys),
            number(round(row.peak_mb)),
            *((("; ".join(_peer(p) for p in row.peers) or "–"),) if has_peers else ()),
        )
        for row in rows
    ]
    ended = "" if result.ended == "whole" else f" This run was not whole: {result.ended}."
    table = _table((*head, *(("peers",) if has_peers else ())), lines)
    return f"\n## `{name}`\n\n{result.title}{ended}\n\n{table}"


def _all_keys(rows: list[Row]) -> Iterator[str]:
    """Give the names of all figures, in order of first use."""
    yield from dict.fromkeys(key for row in rows for key in row.figures)


def _seconds(row: Row) -> str:
    middle = number(median_low(row.seconds))
    if len(row.seconds) == 1:
        return middle
    return f"{middle} ({number(min(row.seconds))}–{number(max(row.seconds))})"


def _peer(peer: PeerFigures) -> str:
    figures = ", ".join(f"{k.replace('_', ' ')} {number(v)}" for k, v in peer.figures.items())
    if peer.seconds is None or peer.ratio is None:
        return f"{peer.name}: {figures}"
    return (
        f"{peer.name} ({peer.version}): {number(peer.seconds)} s, ×{number(peer.ratio)}, {figures}"
    )


def _instances(results: dict[str, Result]) -> str:
    """List the instances with seed and fingerprint, each once."""
    seen = {
        (row.instance, row.seed, row.sha256) for result in results.values() for row in result.rows
    }
    lines = [
        (name, "–" if seed is None else str(seed), f"`{sha256}`")
        for name, seed, sha256 in sorted(seen, key=lambda s: (s[0], s[2]))
    ]
    return "\n## Instances\n\n" + _table(("instance", "seed", "SHA-256"), lines)


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    rule = tuple("---" for _ in head)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *lines))
