"""Named places to start from, as phones look them up: by name, pinyin or initials."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin

from web.places import Places

_DIGITS = 6
_FOREIGN = "\0"


def content(places: Places) -> dict[str, Any]:
    """Give the file of places.

    Parameters
    ----------
    places
        In the order in which they are to be offered.

    Returns
    -------
    dict
        ``places``: rows of name, pinyin, initials, kind, longitude, latitude and id.
    """
    return {
        "places": [
            [
                place.name,
                *pinyin(place.name),
                place.kind,
                round(place.lon_deg, _DIGITS),
                round(place.lat_deg, _DIGITS),
                place.id,
            ]
            for place in places.by_id.values()
        ]
    }


def pinyin(name: str) -> tuple[str, str]:
    """Give a name in pinyin without tones, and the first letters of its syllables.

    Letters and digits stay as they are, in lower case; signs fall away.

    Examples
    --------
    >>> pinyin("二七广场（东）A1")
    ('er qi guang chang dong a1', 'eqgcda1')
    """
    return _pinyin(name)


@lru_cache(maxsize=16_384)
def _pinyin(name: str) -> tuple[str, str]:
    syllables: list[str] = []
    initials: list[str] = []
    # What is not Chinese comes in one piece, marked, and stays as it is.
    for piece in lazy_pinyin(name, style=Style.NORMAL, errors=lambda text: _FOREIGN + text):
        is_foreign = piece.startswith(_FOREIGN)
        for word in "".join(c if c.isalnum() else " " for c in piece.lower()).split():
            syllables.append(word)
            initials.append(word if is_foreign else word[0])
    return " ".join(syllables), "".join(initials)
