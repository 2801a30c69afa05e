"""A layer of a GIS file as its reader hands it over."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyproj import CRS

from geodata.checks import Finding


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Rows of a layer.

    Attributes
    ----------
    rows
        Attributes, None where empty; the index counts from 1.
    blobs
        Geometry of each row as well-known binary, None where it has none.
    crs
        What the file says of its coordinates; None when it says nothing.
    findings
        About the layer as a whole.
    """

    rows: pd.DataFrame
    blobs: list[bytes | None]
    crs: CRS | None
    findings: tuple[Finding, ...] = ()
