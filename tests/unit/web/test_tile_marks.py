"""Where the map of all stations draws its marks; the module runs in Node."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from support import node

SIDE, CELL, EXTENT = 512, 64, 4096


def test_a_tile_beyond_the_last_zoom_is_a_part_of_the_last_tile(tmp_path: Path) -> None:
    """The part is where the slippy map puts it: corner and scale by plain arithmetic."""
    asked = [[z, x, y] for z in (1, 5, 13, 14, 18) for x, y in ((0, 0), (2 ** (z - 1) - 1, z // 3))]
    script = """
    import { sourceOf } from "./finder/tiles.js";
    answer(given.map(([z, x, y]) => sourceOf({ z, x, y }, 12)));
    """
    for (z, x, y), found in zip(asked, node.run(tmp_path, script, asked), strict=True):
        deeper = max(0, z - 1 - 12)
        assert found["tile"] == {"z": z - 1 - deeper, "x": x >> deeper, "y": y >> deeper}
        assert found["scale"] == 2**deeper
        # The left edge of the tile on the screen, in pixels of the whole world, both ways.
        assert found["tile"]["x"] * SIDE * 2**deeper + found["x"] == x * SIDE
        assert found["tile"]["y"] * SIDE * 2**deeper + found["y"] == y * SIDE


def _marks(tmp_path: Path, features: list[dict], source: dict) -> list[dict]:
    script = """
    import { marksOf } from "./finder/tiles.js";
    const features = given.features.map(({ x, y, props }) => ({ geom: [[{ x, y }]], props }));
    answer(marksOf(features, given.source));
    """
    return node.run(tmp_path, script, {"features": features, "source": source})


def test_circles_never_overlap_or_leave_their_tile(tmp_path: Path) -> None:
    """With a count anywhere in each of the 64 cells, all circles are apart and whole."""
    rng = np.random.default_rng(2)
    features = [
        {
            "x": int(column * 512 + rng.integers(512)),
            "y": int(row * 512 + rng.integers(512)),
            "props": {"n": int(10 ** rng.uniform(0, 6))},
        }
        for column in range(8)
        for row in range(8)
    ]
    marks = _marks(tmp_path, features, {"scale": 1, "x": 0, "y": 0})
    assert len(marks) == 64
    for mark, feature in zip(marks, features, strict=True):
        assert mark["r"] <= mark["x"] <= SIDE - mark["r"]
        assert mark["r"] <= mark["y"] <= SIDE - mark["r"]
        assert mark["mean"] == [feature["x"] * SIDE / EXTENT, feature["y"] * SIDE / EXTENT]
        assert abs(mark["x"] - mark["mean"][0]) <= mark["r"]
    for a, b in combinations(marks, 2):
        assert np.hypot(a["x"] - b["x"], a["y"] - b["y"]) >= a["r"] + b["r"]


def test_pins_of_a_part_are_those_inside_it_and_at_its_border(tmp_path: Path) -> None:
    """A part shows its own pins, and those of its neighbours that reach over the border."""
    features = [
        {"x": x, "y": 100, "props": {"id": f"s{x}", "entry": "qr", "status": "open"}}
        for x in (0, 990, 1010, 1024, 1100, 2040, 2048, 2060, 2080, 4000)
    ]
    # Two zooms deeper a part is 1024 units wide, and a pixel is two of them; pins reach 14 pixels.
    marks = _marks(tmp_path, features, {"scale": 4, "x": SIDE, "y": 0})
    assert [m["facts"]["id"] for m in marks] == [
        "s1010",
        "s1024",
        "s1100",
        "s2040",
        "s2048",
        "s2060",
    ]
    assert [m["x"] for m in marks[:2]] == [-7, 0]


@pytest.mark.parametrize(
    ("entry", "status", "pin"),
    [
        ("walk_in", "open", "walk_in"),
        ("qr", "open", "asks"),
        ("phone", "open", "asks"),
        ("unknown", "open", "unknown"),
        ("walk_in", "suspended", "shut"),
    ],
)
def test_every_station_has_a_shape_of_its_kind(
    tmp_path: Path, entry: str, status: str, pin: str
) -> None:
    """The kinds differ in shape, not in colour alone."""
    script = """
    import { PINS, pinOf } from "./finder/tiles.js";
    answer([pinOf(given), Object.values(PINS).map(({ shape }) => shape)]);
    """
    found, shapes = node.run(tmp_path, script, {"entry": entry, "status": status})
    assert found == pin
    assert len(set(shapes)) == 4
