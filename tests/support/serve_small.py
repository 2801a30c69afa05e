"""What the server process of the browser tests loads: the application with a standing clock."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from apiflask import APIFlask
from support import pseudo
from support.small_app import standing

from web.app import create_app
from web.settings import Settings


def make_app() -> APIFlask:
    """Make the application of the city and the moment that the environment names."""
    if "YIZHAN_TEST_TRANSLATIONS" in os.environ:
        pseudo.use(Path(os.environ["YIZHAN_TEST_TRANSLATIONS"]))
    moment = datetime.fromisoformat(os.environ["YIZHAN_TEST_MOMENT"])
    return create_app(Settings.from_environment(os.environ), clock=standing(moment))
