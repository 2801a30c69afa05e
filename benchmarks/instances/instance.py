"""What tells one instance from another, and where the real data lies."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Instance:
    """Which instance it is; ``seed`` is None for data that nobody drew."""

    name: str
    seed: int | None
    sha256: str


def fingerprint(*arrays: ArrayLike) -> str:
    """Give the SHA-256 of arrays: their types, shapes and bytes, in order."""
    digest = hashlib.sha256()
    for array in arrays:
        values = np.ascontiguousarray(array)
        digest.update(f"{values.dtype.str}{values.shape}".encode())
        digest.update(values.data)
    return digest.hexdigest()


def benchmark_data() -> Path:
    """Give the folder of published instances.

    Raises
    ------
    FileNotFoundError
        When there is none; ``YIZHAN_SHARED_DATA`` names the folder it lies in.
    """
    folder = Path(os.environ.get("YIZHAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "benchmarks").is_dir():
        message = f"no published instances in {folder} (set YIZHAN_SHARED_DATA)"
        raise FileNotFoundError(message)
    return folder / "benchmarks"
