"""What the server process loads: the application, made from its environment."""

from __future__ import annotations

import os

from apiflask import APIFlask

from web.app import create_app
from web.settings import Settings


def make_app() -> APIFlask:
    """Make the application of the city that the environment names."""
    app = create_app(Settings.from_environment(os.environ))
    app.extensions["yizhan_renewal"].start()
    return app
