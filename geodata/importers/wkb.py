"""Look at geometry in well-known binary before a library builds it.

GEOS calls itself for each level of nesting, so that a blob of a few kilobytes can end the process.

References
----------
OGC 06-103r4, chapter 8; the type codes of EWKB and ISO WKB.
"""

from __future__ import annotations

import struct
from typing import Final

POINT: Final = 1
_MULTI_POINT = 4
_NAMES = (
    "Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve",
    "MultiSurface", "Curve", "Surface", "PolyhedralSurface", "Tin", "Triangle",
)  # fmt: skip
_LINES, _RINGED = (2, 8), (3, 17)
_HOLDERS = (4, 5, 6, 7, 9, 10, 11, 12, 15, 16)
_DEEPEST = 4
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
_Parsed = tuple[str, int, int, int]
"""Byte order as `struct` writes it, type, numbers in a point, and where the content begins."""


def point_of(blob: bytes | None) -> tuple[float | None, float | None, str]:
    """Give the coordinates of a point, or None and what there is instead.

    A collection of points that holds just one is taken as a point: some programs write no others.
    """
    if blob is None:
        return None, None, "nothing"
    try:
        order, kind, _, at = _head(blob, 0)
        if kind == _MULTI_POINT and struct.unpack_from(f"{order}I", blob, at)[0] == 1:
            order, kind, _, at = _head(blob, at + 4)
        if kind != POINT:
            return None, None, _NAMES[kind]
        x, y = struct.unpack_from(f"{order}dd", blob, at)
    except (struct.error, ValueError, IndexError):
        return None, None, "broken"
    is_finite = abs(x) < float("inf") and abs(y) < float("inf")
    return (x, y, "Point") if is_finite else (None, None, "an empty point")


def is_sound(blob: bytes) -> bool:
    """Tell whether a blob holds the parts it claims, none of them nested as no shape is."""
    waiting = [(1, 0)]  # how many parts, and how deep they stand
    at = 0
    try:
        while waiting:
            count, depth = waiting.pop()
            if count == 0:
                continue
            waiting.append((count - 1, depth))
            order, kind, width, at = _head(blob, at)
            if kind in _HOLDERS and depth < _DEEPEST:
                (n_parts,) = struct.unpack_from(f"{order}I", blob, at)
                at += 4
                waiting.append((n_parts, depth + 1))
            else:
                at = _after_part(blob, at, order, kind, width)
    except (struct.error, ValueError, IndexError):
        return False
    return True


def _after_part(blob: bytes, at: int, order: str, kind: int, width: int) -> int:
    """Give where a part that holds no others ends."""
    if kind == POINT:
        at += 8 * width
    elif kind in _LINES:
        at = _after_points(blob, at, order, width)
    elif kind in _RINGED:
        (n_rings,) = struct.unpack_from(f"{order}I", blob, at)
        at += 4
        for _ in range(n_rings):
            at = _after_points(blob, at, order, width)
    else:
        raise ValueError(kind)
    if at > len(blob):
        raise ValueError(at)
    return at


def _head(blob: bytes, at: int) -> _Parsed:
    order = "<" if blob[at] == 1 else ">"
    (code,) = struct.unpack_from(f"{order}I", blob, at + 1)
    flags, kind = code & 0xF0000000, code & 0x0FFFFFFF
    width = 2 + bool(flags & _EWKB_Z) + bool(flags & _EWKB_M)
    if not flags:
        width = (2, 3, 3, 4)[kind // 1000]
        kind %= 1000
    return order, kind, width, at + 5 + (4 if flags & _EWKB_SRID else 0)


def _after_points(blob: bytes, at: int, order: str, width: int) -> int:
    (n_points,) = struct.unpack_from(f"{order}I", blob, at)
    after = at + 4 + 8 * width * int(n_points)
    if after > len(blob):
        raise ValueError(n_points)
    return after
