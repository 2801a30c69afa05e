"""The app's icons are drawn by a script."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Give the script that draws the icons."""
    spec = importlib.util.spec_from_file_location("icons", ROOT / "scripts" / "icons.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_icons_are_those_of_the_script(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drawn anew they are the same files."""
    assert script.main(["--check"]) == 0
    assert "4 icons" in capsys.readouterr().out


def test_a_maskable_icon_keeps_its_house_in_the_middle(script: ModuleType) -> None:
    """Outside the circle of 80 % everything is ground; inside there is house and door."""
    pixels = script.drawn(256, 0.62)
    y, x = np.mgrid[:256, :256]
    is_outside = (x - 127.5) ** 2 + (y - 127.5) ** 2 > (0.4 * 256) ** 2
    assert (pixels[is_outside] == 255).all()
    assert tuple(pixels[150, 100]) == script.RED
    assert tuple(pixels[165, 128]) == script.WHITE
