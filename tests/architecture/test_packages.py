"""What the packages promise from outside: names, contents, and imports without effects."""

from __future__ import annotations

import importlib.metadata
import pkgutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("geodata", "stations", "planner", "web")

QUIET = """
import builtins, io, importlib, os, socket, sys
import %s
def refuse(*words): raise AssertionError(f"import touched the world: {words}")
opened = io.open
def guarded(file, mode="r", *rest, **more):
    # Numba tries its cache of compiled code, which lies beside the bytecode.
    if set(mode) & set("wax+") and "__pycache__" not in str(file): refuse(file, mode)
    return opened(file, mode, *rest, **more)
socket.socket.connect = refuse
builtins.open = io.open = guarded
class Watched(dict):
    def __getitem__(self, key): return refuse(key) if key.startswith("YIZHAN") else dict.__getitem__(self, key)
    def get(self, key, default=None): return refuse(key) if key.startswith("YIZHAN") else dict.get(self, key, default)
os.environ = Watched(os.environ)
for name in sys.argv[1:]: importlib.import_module(name)
"""


def modules() -> list[str]:
    """List all modules of ours but the migrations, which Alembic runs as scripts."""
    found = []
    for package in PACKAGES:
        walk = pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}.")
        found += [m.name for m in walk if ".migrations" not in m.name]
    return [*PACKAGES, *sorted(found)]


def test_importing_any_module_does_nothing_that_can_be_seen(tmp_path: Path) -> None:
    """Imports open no connection, write no file, and read no setting."""
    libraries = (
        "geopandas, osmium, numba, h3, sklearn.cluster, highspy, opening_hours, sqlalchemy, alembic"
    )
    libraries += ", folium, flask, apiflask, flask_babel, granian, orjson, prometheus_client, click"
    libraries += ", rich.progress, openpyxl, xlsxwriter, pyogrio, pyarrow.parquet, scipy.optimize"
    run = subprocess.run(
        [sys.executable, "-c", QUIET % libraries, *modules()],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert list(tmp_path.iterdir()) == []


def test_wheel_holds_the_four_packages_and_all_their_files(tmp_path: Path) -> None:
    """The built wheel has exactly our four top-level names, with styles, catalogues and migrations."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {n.split("/")[0] for n in names if ".dist-info" not in n.split("/")[0]}
    assert tops == set(PACKAGES)
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(tracked) <= set(names)


@pytest.mark.parametrize("package", PACKAGES)
def test_nobody_else_owns_our_names(package: str) -> None:
    """The generic package names belong to one installed distribution: ours."""
    owners = importlib.metadata.packages_distributions().get(package, ["yizhan"])
    assert set(owners) == {"yizhan"}
