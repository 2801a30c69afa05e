"""The snapshot files that phones search."""

from __future__ import annotations

from flask import Blueprint

files = Blueprint("snapshots", __name__, url_prefix="/snapshot")
