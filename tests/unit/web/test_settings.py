"""Settings from the environment."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import pytest

from geodata.errors import InvalidInputError
from web.settings import ENVIRONMENT, Settings


def test_nothing_set_gives_the_defaults() -> None:
    """Without any variable the city is ./city, in Chinese, with the offline map."""
    settings = Settings.from_environment({})
    assert (settings.city, settings.language, settings.tiles) == (Path("city"), "zh", "offline")


def test_every_setting_has_a_variable_and_is_read_from_it() -> None:
    """Each field can be set from outside, and only from the mapping that is given."""
    assert set(ENVIRONMENT) == {field.name for field in fields(Settings)}
    environment = {
        "YIZHAN_CITY": "/srv/a",
        "YIZHAN_DATABASE_URL": "sqlite:///x",
        "YIZHAN_LANGUAGE": "en",
        "YIZHAN_TILES": "tianditu",
        "YIZHAN_TIANDITU_KEY": "k",
        "YIZHAN_MAP_APPROVAL_NUMBER": "GS(2026)1",
        "YIZHAN_SECRET_KEY": "s",
    }
    assert set(environment) == set(ENVIRONMENT.values())
    read = asdict(Settings.from_environment(environment))
    assert {ENVIRONMENT[name]: str(value) for name, value in read.items()} == environment


def test_empty_values_count_as_unset() -> None:
    """A variable that is set to nothing is the same as one that is not set."""
    assert Settings.from_environment({"YIZHAN_LANGUAGE": " "}).language == "zh"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"YIZHAN_LANGUAGE": "fr"}, "YIZHAN_LANGUAGE is fr"),
        ({"YIZHAN_TILES": "google"}, "one of offline, tianditu, osm"),
        ({"YIZHAN_TILES": "tianditu"}, "YIZHAN_TIANDITU_KEY"),
    ],
)
def test_a_wrong_value_names_its_variable(environment: dict[str, str], said: str) -> None:
    """A value that cannot be used is refused with the variable's name and what would do."""
    with pytest.raises(InvalidInputError, match=said):
        Settings.from_environment(environment)


def test_the_secret_is_new_each_time_and_never_shown() -> None:
    """Two programs without a set secret do not share one, and printing settings does not show it."""
    first, second = Settings(), Settings()
    assert first.secret_key != second.secret_key
    assert first.secret_key not in repr(first)
