"""What makes the finder an app on the phone: its worker and its manifest."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("pwa", __name__)
