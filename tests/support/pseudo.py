"""A language in which every sentence stands in brackets: what stands outside was never translated.

It has the code of Esperanto, which the product does not know: so it is also the proof that a
further language is a catalogue and nothing else.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog

from web import i18n, languages, phone_words

CODE = "eo"
OPEN, CLOSE = "⟦", "⟧"
_ROOT = Path(__file__).resolve().parents[2]
_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "aria-description", "label")
_SILENT = ("script", "style", "code")
_ADDRESS = re.compile(r"https?://\S+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")

SPOKEN = """() => {
    const found = [];
    const skip = (node) => node.closest("script, style, code, noscript, [lang]:not(html)");
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const parent = walk.currentNode.parentElement;
        if (parent && !skip(parent)) found.push(walk.currentNode.textContent);
    }
    for (const node of document.querySelectorAll("[aria-label], [title], [alt], [placeholder]"))
        if (!skip(node))
            for (const name of ["aria-label", "title", "alt", "placeholder"])
                if (node.hasAttribute(name)) found.push(node.getAttribute(name));
    return found;
}"""
"""Gives in a browser all texts of a page, also those that only screen readers say."""


@cache
def translate_script() -> ModuleType:
    """Give the script that renews the catalogues."""
    path = _ROOT / "scripts" / "translate.py"
    spec = importlib.util.spec_from_file_location("translate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_catalogues(folder: Path, sentences: Iterable[str] | None = None) -> Path:
    """Write our catalogues and the one in brackets into a folder; give the folder.

    Parameters
    ----------
    sentences
        Those that stand in brackets; None means all that the product says.
    """
    script = translate_script()
    shutil.copytree(languages.FOLDER, folder)
    catalogue = Catalog(locale=CODE)
    said = [str(m.id) for m in script.sentences() if m.id] if sentences is None else sentences
    for text in said:
        catalogue.add(text, f"{OPEN}{text}{CLOSE}")
    path = folder / CODE / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(script.mo_bytes(catalogue))
    return folder


@contextmanager
def spoken_from(folder: Path) -> Iterator[None]:
    """Let the product take its catalogues from a folder, for the length of a ``with``."""
    before = languages.FOLDER
    use(folder)
    try:
        yield
    finally:
        use(before)


def use(folder: Path) -> None:
    """Let the product take its catalogues from a folder from now on."""
    languages.FOLDER = folder
    for known in (languages.languages, i18n._catalogue, phone_words._words_of):
        known.cache_clear()


def untranslated(texts: Iterable[str], data: Collection[str]) -> list[str]:
    """Give what stands outside brackets and is neither data nor a sign or number.

    Parameters
    ----------
    texts
        As a reader sees or hears them.
    data
        Names, addresses and the like, and words that are the same in all languages.
    """
    found = []
    longest_first = sorted(filter(None, data), key=len, reverse=True)
    for text in texts:
        rest = _ADDRESS.sub(" ", _outside(text))
        for known in longest_first:
            rest = rest.replace(known, " ")
        if _LETTERS.search(rest):
            found.append(" ".join(text.split()))
    return list(dict.fromkeys(found))


def _outside(text: str) -> str:
    """Leave out what stands in brackets, which may stand in each other."""
    depth, kept = 0, []
    for sign in text:
        depth += (sign == OPEN) - (sign == CLOSE)
        if depth == 0 and sign != CLOSE:
            kept.append(sign)
    return "".join(kept)


def texts_of(html: str) -> list[str]:
    """Give all texts of a page as it comes from the server, templates for scripts included."""
    reader = _Reader()
    reader.feed(html)
    return reader.texts


class _Reader(HTMLParser):
    """Gathers texts and spoken attributes; elements in a language of their own are left out."""

    _EMPTY = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        is_foreign = "lang" in told and tag != "html"
        is_silent = is_foreign or tag in _SILENT or (bool(self._silent) and self._silent[-1])
        if not is_silent:
            self.texts += [told[name] or "" for name in _ATTRIBUTES if name in told]
            if tag == "meta" and told.get("name") == "description":
                self.texts.append(told.get("content") or "")
        if tag not in self._EMPTY:
            self._silent.append(is_silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._EMPTY and self._silent:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not (self._silent and self._silent[-1]):
            self.texts.append(data)
