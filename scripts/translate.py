"""Renew the catalogues in ``web/translations`` from the sentences in the code.

Run it from the project's root::

    python scripts/translate.py            bring the .po files up to date and compile the .mo files
    python scripts/translate.py --check    change nothing; say what is missing or out of date

A new sentence appears in ``zh/LC_MESSAGES/messages.po`` with an empty translation: fill it in and
run the script again. A further language begins as an empty ``ug/LC_MESSAGES/messages.po``; what it
does not translate is said in English.
"""

from __future__ import annotations

import ast
import io
import re
import struct
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from geodata.services import services
from web.languages import OURS
from web.phone_words import sentences_of_scripts

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "web" / "translations"
PACKAGES = ("geodata", "stations", "planner", "web")
CALLS = {
    "_": 0,
    "say": 0,
    "translate": 0,
    "InvalidInputError": 0,
    "NotFoundError": 0,
    "UnanswerableError": 0,
    "UnavailableError": 0,
    "Finding": 1,
    "Reason": 1,
}
"""Names of functions that take a sentence, and which argument it is."""


_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_PLACE = re.compile(r"\{[a-z_]+(![sr])?\}")
_MO_HEADER = """Language: {language}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
"""
_HEADER = (
    'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in _MO_HEADER.splitlines()) + "\n"
)


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; give the exit code."""
    template = sentences()
    wrong = []
    languages = found_languages()
    for language in languages:
        po_path = FOLDER / language / "LC_MESSAGES" / "messages.po"
        catalogue = renewed(po_path, language, template)
        if language in OURS:
            wrong += [f"{language}: no translation of {text!r}" for text in missing(catalogue)]
        files = {po_path: po_bytes(catalogue), po_path.with_suffix(".mo"): mo_bytes(catalogue)}
        for path, content in files.items():
            if path.is_file() and path.read_bytes() == content:
                continue
            if "--check" in arguments:
                wrong.append(f"{path.relative_to(ROOT)} is out of date")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    print("\n".join(wrong) or f"{len(template)} sentences in {', '.join(languages)}")
    return 1 if wrong else 0


def found_languages() -> tuple[str, ...]:
    """Give the languages that have a catalogue, ours first."""
    found = {path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/messages.po")}
    return (*OURS, *sorted(found - set(OURS)))


def sentences() -> Catalog:
    """Gather the sentences of the code, the templates and the scripts, and the services' names."""
    template = Catalog()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for text in sentences_in(path.read_text("utf-8")):
                template.add(text)
    pages = extract_from_dir(
        ROOT / "web" / "templates", [("**.html", "jinja2")], {"**.html": _JINJA}, {"_": None}
    )
    for _, _, message, _, _ in pages:
        template.add(message)
    for text in (*sentences_of_scripts(), *_names_of_services()):
        template.add(text)
    return template


def _names_of_services() -> dict[str, str]:
    """Give the Chinese names of services by the English ones, both from ``services.toml``."""
    return {service.en: service.zh for service in services().values()}


def sentences_in(source: str) -> list[str]:
    """Give the literal sentences of Python code that a reader may see.

    What is called by a name of `CALLS`, and every literal with a ``{name}`` in it: templates often
    reach an error by way of a variable.
    """
    tree = ast.parse(source)
    f_strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    pieces = {id(piece) for node in f_strings for piece in node.values}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += _literal_argument(node)
        elif _is_text(node) and id(node) not in pieces and _looks_like_template(node.value):
            found.append(node.value)
    return found


def _literal_argument(call: ast.Call) -> list[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place = CALLS.get(name)
    if place is None or len(call.args) <= place or not _is_text(call.args[place]):
        return []
    return [call.args[place].value]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _looks_like_template(text: str) -> bool:
    return bool(_PLACE.search(text)) and " " in text and "\n" not in text


def renewed(path: Path, language: str, template: Catalog) -> Catalog:
    """Give the catalogue of a language with the sentences of the template and no others."""
    old = Catalog(locale=language)
    if path.is_file():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    new = Catalog(locale=language, project="yizhan", fuzzy=False)
    names = _names_of_services() if language == "zh" else {}
    for message in template:
        if message.id:
            known = old.get(message.id)
            said = (known.string if known else "") or names.get(str(message.id), "")
            new.add(message.id, said, flags=message.flags)
    return new


def missing(catalogue: Catalog) -> list[str]:
    """Name the sentences without a translation; English speaks for itself."""
    if str(catalogue.locale) == "en":
        return []
    return [str(m.id) for m in catalogue if m.id and not m.string]


def po_bytes(catalogue: Catalog) -> bytes:
    """Write a catalogue as text; no dates, so the same sentences give the same file."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, no_location=True, sort_output=True, omit_header=True)
    return _HEADER.format(language=catalogue.locale).encode() + file.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Compile a catalogue: a head, tables of (length, offset), then the texts."""
    said = {str(m.id): str(m.string) for m in catalogue if m.id and m.string}
    said[""] = _MO_HEADER.format(language=catalogue.locale)
    keys = [key.encode() for key in sorted(said, key=str.encode)]
    values = [said[key.decode()].encode() for key in keys]
    texts = io.BytesIO()
    start = 28 + 16 * len(keys)
    table = []
    for text in [*keys, *values]:
        table += [len(text), start + texts.tell()]
        texts.write(text + b"\0")
    head = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return struct.pack(f"<7I{len(table)}I", *head, *table) + texts.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
