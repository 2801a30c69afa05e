"""All stations of the country on one map."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("national", __name__)
