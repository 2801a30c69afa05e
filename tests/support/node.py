"""Run the scripts of the phone in Node, without a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_LONGEST_S = 300
FINDER = Path(__file__).resolve().parents[2] / "web" / "static" / "finder"


def run(folder: Path, script: str, given: object = None, *, time_zone: str = "UTC") -> Any:
    """Run a script and give what it prints, read as JSON.

    Parameters
    ----------
    folder
        To work in; the modules of the phone are copied to ``finder/`` below it.
    script
        An ES module that imports from ``./finder/``; ``given`` is the value given, ``answer(value)``
        prints.
    given
        Anything that JSON can hold.
    time_zone
        Of the phone.
    """
    if shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed")
        pytest.skip("node is not installed")
    copies = folder / "finder"
    if not copies.is_dir():
        shutil.copytree(FINDER, copies)
        (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    head = (
        'import { readFileSync, writeFileSync } from "fs";\n'
        'const given = JSON.parse(readFileSync("given.json", "utf-8"));\n'
        'const answer = (value) => writeFileSync("answer.json", JSON.stringify(value ?? null));\n'
    )
    (folder / "given.json").write_text(json.dumps(given), "utf-8")
    (folder / "script.mjs").write_text(head + script, "utf-8")
    done = subprocess.run(
        ["node", "script.mjs"],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "TZ": time_zone},
        timeout=_LONGEST_S,
    )
    if done.returncode:
        pytest.fail(f"the script failed:\n{done.stderr[-3000:]}")
    return json.loads((folder / "answer.json").read_text("utf-8"))
