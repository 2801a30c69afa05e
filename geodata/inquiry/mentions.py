"""Mentions: what the texts of a row name that has a place: a known station, a district, a street.

Words are found as they stand in the text, from its start, the longest first; 中原路 within
中原路南街 is no mention of 中原路, and 人民路 in 人民路街道 is a part of the city, no street.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

SCORE = 84.0
"""Names less alike than this, of 100 (rapidfuzz, ratio of edits), are different names."""

_MOST_MATCHES = 3
_SPOKEN = 3.5
_EMPTY = re.compile(r"(?:[^\S\n]|[_\-:：*#/·,，.。、;；'\"“”‘’()（）\[\]【】〔〕])+")
_BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_COMMON = re.compile(
    r"户外劳动者|环卫工人?|服务站点|服务站|工会|驿站|爱心|示例|站点|union|service|station"
)
_NOT_A_STREET = re.compile(r"街道|办事处|社区|村|派出所")
_LEVEL = re.compile(r"(?:[一-龥]族)?(?:自治)?(?:区|县|市|旗)$")
_LEAST_STEM = 2


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Rows and what they name, one pair each; a row may stand in several.

    Attributes
    ----------
    row, target
        Shape (m,): number of the row and of what it names.
    trust
        Shape (m,): how sure the match is, 0 to 1.
    """

    row: Ints
    target: Ints
    trust: Floats

    def at(self, some: Ints) -> Matches:
        """Give some of the pairs."""
        return Matches(self.row[some], self.target[some], self.trust[some])


def plain(text: str) -> str:
    """Give a text in half-width lower case without spaces and marks."""
    return plains([text])[0]


def plains(texts: Sequence[str]) -> list[str]:
    """Give `plain` of many texts at once, which is far quicker."""
    whole = "\n".join([text.replace("\n", " ") for text in texts])
    folded = unicodedata.normalize("NFKC", whole).casefold()
    return _EMPTY.sub("", folded).split("\n") if texts else []


def same_names(names: Sequence[str], known: Sequence[str], *, with_alike: bool = True) -> Matches:
    """Match names with known names: the same one, or at most three that are much alike.

    Parameters
    ----------
    names, known
        As `plain` gives them; words that all stations share (工会, 驿站) do not count.
    with_alike
        Whether names that are only alike count; without it the work grows with the rows alone.
    """
    rows, cores = _cores(names)
    numbers, known_cores = _cores(known)
    same: dict[str, list[int]] = {}
    for number, core in zip(numbers, known_cores, strict=True):
        same.setdefault(core, []).append(number)
    found: list[tuple[int, int, float]] = []
    rest: list[tuple[int, str]] = []
    for row, core in zip(rows, cores, strict=True):
        targets = same.get(core, [])
        if 0 < len(targets) <= _MOST_MATCHES:
            found += [(row, t, 0.97 / len(targets)) for t in targets]
        elif not targets:
            rest.append((row, core))
    if with_alike and rest and known_cores:
        found += _alike(rest, numbers, known_cores)
    return _matches(found)


def districts(texts: Sequence[str], names: Sequence[str], ids: Sequence[str]) -> Matches:
    """Match cells that state a district with areas: by name, by code, or by name without its level.

    金水, 金水区, 郑州市金水区 and 410105 are the same; a name that no area has matches none.
    """
    whole: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for number, (name, key) in enumerate(zip(names, ids, strict=True)):
        core = plain(name)
        stem = _LEVEL.sub("", core)
        by_name.setdefault(core, []).append(number)
        for text in {core, plain(key), stem if len(stem) >= _LEAST_STEM else core}:
            whole.setdefault(text, []).append(number)

    def targets_of(text: str) -> list[int]:
        core = plain(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))
        for end in (core[start:] for start in range(len(core) - 1)):
            if end in by_name:
                return by_name[end]
        return whole.get(core) or whole.get(_LEVEL.sub("", core), [])

    known = {cell: targets_of(cell)[:_MOST_MATCHES] for cell in set(texts)}
    return _matches([(row, t, 1.0) for row, cell in enumerate(texts) for t in known[cell]])


def words(
    texts: Sequence[str], vocabulary: Mapping[str, int], *, is_street: bool = False
) -> Matches:
    """Find words of a vocabulary in texts.

    Parameters
    ----------
    texts
        As `plain` gives them.
    vocabulary
        Number of the target by word, as `plain` gives the word; two characters or more.
    is_street
        Whether a word in front of 街道, 社区 and the like is no mention.
    """
    starts: dict[str, list[str]] = {}
    for word in sorted(vocabulary, key=len, reverse=True):
        starts.setdefault(word[:_LEAST_STEM], []).append(word)
    whole = "\n".join(texts)
    first = np.cumsum([0, *(len(text) + 1 for text in texts)])
    hits = np.flatnonzero(_may_start(whole, list(starts)))
    rows = np.searchsorted(first, hits, side="right") - 1
    found: list[tuple[int, int, float]] = []
    taken = 0
    for row, at in zip(rows.tolist(), hits.tolist(), strict=True):
        begun = starts.get(whole[at : at + _LEAST_STEM], ()) if at >= taken else ()
        word = next((w for w in begun if whole.startswith(w, at)), "")
        taken = max(taken, at + len(word))
        if word and not (is_street and _NOT_A_STREET.match(whole, taken)):
            found.append((row, vocabulary[word], 1.0))
    return _matches(found)


def vocabulary(names: Iterable[str]) -> dict[str, int]:
    """Give a number to each different name of two characters or more, as `plain` gives them."""
    known: dict[str, int] = {}
    for name in names:
        if len(name) >= _LEAST_STEM:
            known.setdefault(name, len(known))
    return known


def _may_start(text: str, starts: list[str]) -> NDArray[np.bool_]:
    """Tell at which characters one of the two-character starts may begin; a rough sieve."""
    codes = _codes(text)
    pairs = _codes("".join(starts)).reshape(-1, _LEAST_STEM)
    sieve = np.zeros((_LEAST_STEM, sys.maxunicode + 1), dtype=bool)
    for place in range(_LEAST_STEM):
        sieve[place, pairs[:, place]] = True
    return np.asarray(sieve[0, codes[:-1]] & sieve[1, codes[1:]])


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _cores(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Give the names that are left without common words, and where they stood."""
    pairs = [(i, _COMMON.sub("", name)) for i, name in enumerate(names)]
    kept = [(i, core) for i, core in pairs if len(core) >= _LEAST_STEM]
    return [i for i, _ in kept], [core for _, core in kept]


def _alike(
    rest: list[tuple[int, str]], numbers: list[int], cores: list[str]
) -> list[tuple[int, int, float]]:
    """Give the best three among names that are alike; the more stand out, the surer."""
    score = process.cdist(
        [core for _, core in rest], cores, scorer=fuzz.ratio, score_cutoff=SCORE, dtype=np.uint8
    )
    found = []
    for at in np.flatnonzero(score.any(axis=1)).tolist():
        best = np.argsort(-score[at].astype(int), kind="stable")[:_MOST_MATCHES]
        best = best[score[at][best] > 0]
        odds = np.exp((score[at][best] - 100.0) / _SPOKEN)
        trust = 0.9 * odds / (odds.sum() + np.exp((SCORE - 4 - 100.0) / _SPOKEN))
        found += [(rest[at][0], numbers[b], float(t)) for b, t in zip(best, trust, strict=True)]
    return found


def _matches(found: list[tuple[int, int, float]]) -> Matches:
    row, target, trust = zip(*found, strict=True) if found else ((), (), ())
    return Matches(np.array(row, np.intp), np.array(target, np.intp), np.array(trust, np.float64))
