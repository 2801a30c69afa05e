"""How a worker gets in."""

from __future__ import annotations

from geodata.records import ENTRY_MODES, Station

HINDERED = ("qr", "id_card", "app", "phone")
"""Ways in that need something the worker may not have on them."""


def ease(station: Station) -> int:
    """Rank how easy it is to get in: 0 walks straight in, higher is harder, unknown is last."""
    return ENTRY_MODES.index(station.entry)
