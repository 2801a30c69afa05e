"""The weather that decides what comes first."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import small_city

from geodata.city_settings import CitySettings, read_settings, to_toml
from geodata.errors import InvalidInputError
from web.cli import cli
from web.weather import FILE, VALID, Weather, mode, read, write

NOW = datetime(2026, 9, 21, 10, 0)
USUAL = CitySettings()


def at(temperature_c: float, rain_mm_h: float = 0.0, *, observed_at: datetime = NOW) -> Weather:
    """Make a weather."""
    return Weather(temperature_c=temperature_c, rain_mm_h=rain_mm_h, observed_at=observed_at)


@pytest.mark.parametrize(
    ("weather", "expected"),
    [
        (at(34.9), None), (at(35.0), "heat"), (at(41), "heat"),
        (at(0.1), None), (at(0.0), "cold"), (at(-20), "cold"),
        (at(20, 7.9), None), (at(20, 8.0), "rain"),
        (at(36, 30), "heat"), (at(-1, 30), "cold"),
    ],
)  # fmt: skip
def test_thresholds_are_inclusive_and_heat_and_cold_come_before_rain(
    tmp_path: Path, weather: Weather, expected: str | None
) -> None:
    """Each side of each threshold."""
    write(tmp_path, weather)
    assert mode(USUAL, tmp_path, NOW) == expected


def test_it_holds_for_three_hours(tmp_path: Path) -> None:
    """To the minute; and one from the future is not believed."""
    write(tmp_path, at(40))
    assert mode(USUAL, tmp_path, NOW + VALID) == "heat"
    assert mode(USUAL, tmp_path, NOW + VALID + timedelta(minutes=1)) is None
    assert mode(USUAL, tmp_path, NOW - timedelta(minutes=1)) is None


def test_an_office_sets_its_own_thresholds(tmp_path: Path) -> None:
    """The table of ``city.toml`` is read, written back, and what it leaves out stays usual."""
    path = tmp_path / "city.toml"
    path.write_text("[weather]\nheat_from_c = 32\n", "utf-8")
    settings = read_settings(path)
    assert settings.weather == {"heat_from_c": 32, "cold_to_c": 0.0, "rain_from_mm_h": 8.0}
    write(tmp_path, at(33))
    assert mode(settings, tmp_path, NOW) == "heat"
    path.write_text(to_toml(settings), "utf-8")
    assert read_settings(path) == settings


@pytest.mark.parametrize(
    "table",
    [
        {"heat_from_c": "hot"}, {"heat_from_c": float("nan")}, {"rain_from_mm_h": -1.0},
        {"snow_from_cm": 5.0}, {"heat_from_c": 0.0, "cold_to_c": 0.0}, {"cold_to_c": -300.0},
    ],
)  # fmt: skip
def test_thresholds_that_mean_nothing_are_refused(tmp_path: Path, table: dict[str, object]) -> None:
    """A wrong type, a wrong name, heat below the cold."""
    rows = "\n".join(f"{k} = {v if not isinstance(v, str) else repr(v)}" for k, v in table.items())
    path = tmp_path / "city.toml"
    path.write_text(f"[weather]\n{rows}\n", "utf-8")
    with pytest.raises(InvalidInputError):
        read_settings(path)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"temperature_c": 40}',
        '{"temperature_c": 40, "rain_mm_h": 0, "observed_at": "now"}',
        '{"temperature_c": 40, "rain_mm_h": 0, "observed_at": "2026-09-21T10:00+08:00"}',
        '{"temperature_c": 1e999, "rain_mm_h": 0, "observed_at": "2026-09-21T10:00"}',
        '{"temperature_c": "hot", "rain_mm_h": 0, "observed_at": "2026-09-21T10:00"}',
        "\x00\xff",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path, text: str) -> None:
    """Half-written, of another shape, or none at all: a usual day."""
    (tmp_path / FILE).write_text(text, "utf-8")
    assert read(tmp_path) is None
    assert mode(USUAL, tmp_path, NOW) is None
    assert mode(USUAL, tmp_path / "nowhere", NOW) is None


def test_the_command_writes_it_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured lies in the folder; nonsense is refused and changes nothing."""
    small_city.write(tmp_path / "city")
    base = ["--lang", "en", "weather", "--city", str(tmp_path / "city")]
    monkeypatch.setattr("web.commands.weather.local_now", lambda _: NOW)
    done = CliRunner().invoke(cli, [*base, "--temperature", "36", "--rain", "0"])
    assert done.exit_code == 0
    assert done.output.startswith("Heat: ")
    assert read(tmp_path / "city") == at(36)
    for wrong in (["--temperature", "99"], ["--temperature", "nan"], ["--temperature", "20", "--rain", "-1"],
                  ["--temperature", "20", "--at", "noon"]):  # fmt: skip
        with pytest.raises(InvalidInputError):
            CliRunner().invoke(cli, [*base, *wrong], catch_exceptions=False)
    assert read(tmp_path / "city") == at(36)
    earlier = NOW - timedelta(hours=4)
    done = CliRunner().invoke(cli, [*base, "--temperature", "36", "--at", earlier.isoformat()])
    assert done.output == "Usual weather: nothing is put first.\n"
