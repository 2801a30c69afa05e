"""Ask opening_hours.js, in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "opening_hours_js"
_FILES = ("package.json", "package-lock.json")


def installed(folder: Path) -> Path:
    """Install the library into a folder, unless it is there; skip where that cannot be done.

    On CI it must be possible: there it fails.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            _give_up(f"{tool} is not installed")
    if (
        all(_is_same(HERE / name, folder / name) for name in _FILES)
        and (folder / "node_modules" / ".package-lock.json").is_file()
    ):
        return folder
    for name in _FILES:
        shutil.copy(HERE / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        _give_up(f"npm ci failed: {done.stderr[-500:]}")
    return folder


def states(
    folder: Path,
    texts: Iterable[str],
    instants: Sequence[datetime],
    *,
    public_holidays: Iterable[date],
    school_holidays: tuple[str, str],
    lon_deg: float,
    lat_deg: float,
) -> subprocess.Popen[str]:
    """Start asking; the answer is a line of JSON for each text, see ``states.cjs``.

    Parameters
    ----------
    school_holidays
        First and last day as ``07-10``, in every year.
    """
    days = [int(part) for day in school_holidays for part in day.split("-")]
    head = {
        "instants": [instant.isoformat() for instant in instants],
        "publicHolidays": [
            {"name": "PH", "fixed_date": [day.month, day.day], "year": day.year}
            for day in sorted(public_holidays)
        ],
        "schoolHolidays": [{"name": "SH", "default": days}],
        "place": {"lon": str(lon_deg), "lat": str(lat_deg)},
    }
    lines = "\n".join(json.dumps(line) for line in (head, *texts))
    question = folder / "question.jsonl"
    question.write_text(lines, "utf-8")
    with question.open() as given:
        return subprocess.Popen(
            ["node", str(HERE / "states.cjs"), str(folder)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TZ": "Asia/Shanghai"},
        )


def _is_same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


def _give_up(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"opening_hours.js cannot be asked: {why}")
    pytest.skip(f"opening_hours.js cannot be asked: {why}")
