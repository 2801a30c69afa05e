"""Translation catalogues."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from geodata.errors import InvalidInputError, NotFoundError
from web.i18n import say, translator
from web.languages import FOLDER

ROOT = Path(__file__).resolve().parents[3]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translate", ROOT / "scripts" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Give the script that renews the catalogues."""
    return _script()


def _catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_catalogues_hold_every_sentence_and_are_compiled(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each sentence in the code has a Chinese translation, and the .mo files fit the .po files."""
    code = script.main(["--check"])
    assert (code, capsys.readouterr().out) == (
        0,
        f"{len(script.sentences())} sentences in zh, en\n",
    )


def test_translations_keep_the_placeholders() -> None:
    """A translation has exactly the placeholders of its sentence, so no value is lost."""
    wrong = [m.id for m in _catalogue("zh") if m.id and _places(m.id) != _places(str(m.string))]
    assert wrong == []


def test_translations_hold_no_markup() -> None:
    """Catalogue texts are put into pages as they are, so none may hold a tag."""
    assert [
        m.id
        for m in _catalogue("zh")
        if m.id and re.search(r"<[a-zA-Z/]|&\w+;", f"{m.id}{m.string}")
    ] == []


def _places(text: str) -> set[str]:
    named = set(re.findall(r"%\((\w+)\)s", text))
    try:
        braces = {name for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:  # text that was never meant as a format
        braces = set()
    return named | braces


def test_an_error_is_said_in_both_languages_with_its_values() -> None:
    """The template is translated, then filled; values stay as they are."""
    error = NotFoundError(
        "there is no station {id!s}; look it up in the list of stations", id="甲<1>"
    )
    assert say(error, "en") == "there is no station 甲<1>; look it up in the list of stations"
    assert "甲<1>" in say(error, "zh")
    assert say(error, "zh") != say(error, "en")


def test_what_an_error_is_about_is_translated_too() -> None:
    """The fragment in ``what`` is a sentence of ours; other values are data and stay."""
    error = InvalidInputError(
        "{what}: longitude {lon} and latitude {lat} look swapped; exchange the two columns",
        what="your position",
        lon=34,
        lat=113,
    )
    assert say(error, "zh").startswith("您的位置")
    untouched = InvalidInputError(
        "facility {key!s} is not known; known are {near} and others", key="Open", near="x"
    )
    assert "Open" in say(untouched, "zh")


def test_the_reason_for_an_error_is_translated_too() -> None:
    """A value that is an error itself is said in the reader's language inside the sentence."""
    reason = InvalidInputError(
        "row {row}: {column} is {value}; it must be 0 or more", row=2, column="人数", value="-5"
    )
    error = InvalidInputError(
        "{path}: none of the {n} rows can be used; the first: {reason}",
        path="a.csv",
        n=1,
        reason=reason,
    )
    assert say(error, "zh").endswith(say(reason, "zh"))
    assert say(error, "en").endswith(str(reason))
    assert say(reason, "zh") != str(reason)


def test_a_sentence_that_is_not_in_the_catalogue_stays_english() -> None:
    """Nothing is lost when a translation is missing."""
    assert translator("zh")("a sentence nobody wrote") == "a sentence nobody wrote"
    assert say(InvalidInputError("no such {thing}", thing=1), "zh") == "no such 1"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("one")', ["one"]),
        ('raise NotFoundError("no {x}; do " "y", x=1)', ["no {x}; do y"] * 2),
        ('T = "row {row}: bad value"', ["row {row}: bad value"]),
        ("f\"{_('inside')} {x}\"", ["inside"]),
        ('print("{x}")\nx = f"row {x} of {y}"', []),
        ('Finding("code", "the text")', ["the text"]),
    ],
)
def test_sentences_are_found_in_code(script: ModuleType, source: str, found: list[str]) -> None:
    """Calls and templates are found, also inside f-strings; data and codes are not."""
    assert sorted(script.sentences_in(source)) == sorted(found)
