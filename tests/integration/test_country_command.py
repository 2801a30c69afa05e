"""`yizhan city country`: an invented register of the whole country in a folder."""

from __future__ import annotations

from pathlib import Path

from support import small_city
from support.shell import yizhan

from geodata.city import open_city
from geodata.country import make_country


def test_the_folder_holds_the_invented_stations(tmp_path: Path) -> None:
    """The stations in the store are those of the seed, and the folder says that it is invented."""
    ran = yizhan("city", "country", "--city", tmp_path / "all", "--stations", 60, "--seed", 4)
    assert ran.code == 0, ran.err
    city = open_city(tmp_path / "all")
    assert city.settings.is_synthetic
    with city.store() as store:
        found = store.stations()
    made = make_country(seed=4, n=60)
    assert found["id"].tolist() == made["id"].tolist()
    assert found["is_synthetic"].all()
    assert found.geometry.geom_equals(made.geometry).all()


def test_a_real_city_is_never_replaced(tmp_path: Path) -> None:
    """A folder that holds a real city is refused and stays as it is."""
    small_city.write(tmp_path / "real", is_synthetic=False)
    ran = yizhan("city", "country", "--city", tmp_path / "real", "--stations", 60)
    assert ran.code == 2
    assert "--city" in ran.err
    with open_city(tmp_path / "real").store() as store:
        assert len(store.stations()) == len(small_city.stations())
