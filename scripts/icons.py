"""Draw the app's icons, ``web/static/icons/*.png``, from the same shapes as ``icon.svg``.

Run it from the project's root::

    python scripts/icons.py            write them
    python scripts/icons.py --check    change nothing; say which are out of date
"""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).resolve().parents[1] / "web" / "static" / "icons"
HOUSE = ((16, 3), (29, 13), (29, 29), (3, 29), (3, 13))
DOOR_LEFT, DOOR_RIGHT, DOOR_TOP, DOOR_BOTTOM = 11, 21, 18, 29
RED, WHITE = (179, 20, 29), (255, 255, 255)
ICONS = {"icon-192": (192, 0.92), "icon-512": (512, 0.92), "maskable-512": (512, 0.62),
         "apple-180": (180, 0.74)}  # fmt: skip
"""Size in pixels, and the share of it that the house takes: of a maskable icon a phone shows only
the circle of 80 % in the middle."""
_FINE = 4
_BOX = 32


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; give the exit code."""
    FOLDER.mkdir(exist_ok=True)
    wrong = []
    for name, (size, share) in ICONS.items():
        path, content = FOLDER / f"{name}.png", png(drawn(size, share))
        if path.is_file() and path.read_bytes() == content:
            continue
        if "--check" in arguments:
            wrong.append(path.name)
        else:
            path.write_bytes(content)
    print("out of date: " + ", ".join(wrong) if wrong else f"{len(ICONS)} icons")
    return 1 if wrong else 0


def drawn(size: int, share: float) -> NDArray[np.uint8]:
    """Draw the house on white; shape (size, size, 3)."""
    n = size * _FINE
    steps = ((np.arange(n) + 0.5) / n - 0.5) * _BOX / share + _BOX / 2
    x, y = np.meshgrid(steps, steps)
    house = np.ones((n, n), bool)
    for (x0, y0), (x1, y1) in zip(HOUSE, (*HOUSE[1:], HOUSE[0]), strict=True):
        house &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0
    middle, radius = (DOOR_LEFT + DOOR_RIGHT) / 2, (DOOR_RIGHT - DOOR_LEFT) / 2
    arch = (x - middle) ** 2 + (y - DOOR_TOP) ** 2 <= radius**2
    posts = (abs(x - middle) <= radius) & (y >= DOOR_TOP) & (y <= DOOR_BOTTOM)
    covered = (house & ~arch & ~posts).reshape(size, _FINE, size, _FINE).mean(axis=(1, 3))
    mixed = covered[..., None] * np.array(RED) + (1 - covered[..., None]) * np.array(WHITE)
    return np.rint(mixed).astype(np.uint8)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Write 8-bit RGB as PNG (ISO/IEC 15948), rows unfiltered."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
