"""Pictures of journeys: taken only when asked, for the documentation."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

VARIABLE = "YIZHAN_PICTURES"
"""Names the folder to write to, such as ``docs/images``; unset, no picture is taken."""


def picture(page: Page, name: str) -> None:
    """Write what is to be seen of the page as ``NAME.png``."""
    folder = os.environ.get(VARIABLE)
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
