#!/usr/bin/env python3
"""Bring the interface's catalogues up to date, or tell what they lack.

`tools/catalogues.py` writes every `theme/locale/LANGUAGE/LC_MESSAGES/tocsin.po` anew: all messages of the
templates, of the labels and of the pages' code, in alphabetical order, with the translations there are. New
ones are empty, those that nothing uses any more are gone. A file holds no date, no line numbers and no names,
so equal messages give equal bytes. `--check` writes nothing and exits 1 where a message is missing, doubtful
or spoilt. `--add LANGUAGE` begins a catalogue.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog, Message  # noqa: E402 - the line above lets `tocsin` be found
from babel.messages.pofile import read_po, write_po  # noqa: E402
from jinja2.ext import babel_extract  # noqa: E402

from tocsin.render.labels import LABELS  # noqa: E402

TEMPLATES = ROOT / "theme" / "templates"
CODE = tuple(ROOT / "tocsin" / room for room in ("offline", "probing", "render"))
LOCALE = ROOT / "theme" / "locale"
KEYWORDS = ("_", "gettext", "ngettext")
IN_CODE = frozenset({"N_", "gettext", "word"})
OPTIONS = {"silent": "false", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}

HEADER = """\
# The words of the interface. Message ids are the English words.
# tools/catalogues.py keeps this file in order; only the lines that begin with msgstr are written by hand.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Plural-Forms: {plural_forms}\\n"

"""

Text = str | tuple[str, ...]


def messages() -> list[Text]:
    """Every message of the interface, in alphabetical order; a plural is a pair."""
    found: dict[str, Text] = {}
    for text in _all_messages():
        key = text if isinstance(text, str) else text[0]
        known = found.setdefault(key, text)
        if known != text:
            sys.exit(f"'{key}' is used alone and with a plural, or with two plurals; word one of them anew")
    return [found[key] for key in sorted(found)]


def _all_messages() -> Iterator[Text]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        with path.open("rb") as file:
            for _, _, text, _ in babel_extract(file, KEYWORDS, (), OPTIONS):
                words = (text,) if isinstance(text, str) else tuple(word for word in text or () if word)
                if words:
                    yield words[0] if len(words) == 1 else words
    for path in sorted(path for folder in CODE for path in folder.glob("*.py")):
        yield from _literals(ast.parse(path.read_text(encoding="utf-8")))
    for vocabulary in LABELS.values():
        yield from vocabulary.values()


def _literals(tree: ast.AST) -> Iterator[Text]:
    """The words that Python code marks or looks up as they stand; what it looks up by value is a label."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = [word.value for word in node.args if isinstance(word, ast.Constant)]
            if name in IN_CODE and words and isinstance(words[0], str):
                yield words[0]


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "tocsin.po"


def read(language: str) -> Catalog:
    """The catalogue as it stands, empty where there is none."""
    path = path_of(language)
    locale = language.replace("-", "_")
    if not path.is_file():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def renewed(old: Catalog, wanted: list[Text]) -> Catalog:
    """A catalogue of exactly the wanted messages, with the translations that `old` has."""
    new = Catalog(locale=old.locale, fuzzy=False)
    for text in wanted:
        known = old.get(text if isinstance(text, str) else text[0])
        empty: Text = "" if isinstance(text, str) else ("",) * new.num_plurals
        fits = known is not None and (known.id == text or list(known.id) == list(text))
        flags = {"fuzzy"} if known is not None and fits and known.fuzzy else set()
        new.add(text, known.string if known is not None and fits else empty, flags=flags)
    return new


def written(catalogue: Catalog, language: str) -> bytes:
    """The file's bytes."""
    body = BytesIO()
    write_po(
        body, catalogue, width=110, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    header = HEADER.format(language=language, plural_forms=catalogue.plural_forms)
    return header.encode() + body.getvalue()


def faults(old: Catalog, new: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue."""
    wanted = {message.id for message in new if message.id}
    for message in old:
        if message.id and message.id not in wanted:
            yield f"nothing uses '{_shown(message)}' any more"
    for message in old.obsolete.values():
        yield f"'{_shown(message)}' is obsolete"
    for message in new:
        if message.id:
            yield from (f"'{_shown(message)}' {fault}" for fault in _faults_of(message))


def _faults_of(message: Message) -> Iterator[str]:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    ids = [message.id] if isinstance(message.id, str) else list(message.id or ())
    if not all(strings):
        yield "is not translated" if not any(strings) else "lacks a plural form"
        return
    if message.fuzzy:
        yield "is marked fuzzy: compare it and take the mark away"
    wanted = _names(ids[-1])
    for string in strings:
        # A form for one or two may say so in words; no other name may be missing, and none invented.
        lacking = wanted - _names(string) - ({"count"} if len(ids) > 1 else set())
        if lacking or _names(string) - wanted:
            yield f"must name {', '.join(sorted(wanted)) or 'nothing'} in %(…)s, once each"
        if set(string) & set("<>&"):
            yield "holds <, > or &, which would be read as markup"
        if string != string.strip() or "\n" in string:
            yield "begins or ends with a space, or has two lines"


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def _shown(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where anything is missing"
    )
    parser.add_argument("--add", metavar="LANGUAGE", help="begin a catalogue of this language")
    options = parser.parse_args()
    languages = sorted({path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/tocsin.po")})
    languages += [options.add] if options.add and options.add not in languages else []
    wanted, wrong = messages(), 0
    for language in languages:
        old, path = read(language), path_of(language)
        new = renewed(old, wanted)
        shown = path.relative_to(ROOT).as_posix()
        for fault in faults(old, new) if options.check else faults(new, new):
            sys.stderr.write(f"{shown}: {fault}\n")
            wrong += 1
        data = written(new, language)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        elif not path.is_file() or path.read_bytes() != data:
            sys.stderr.write(f"{shown}: is not in order; run tools/catalogues.py\n")
            wrong += 1
    sys.stderr.write(f"{len(wanted)} messages in {len(languages)} languages; {wrong} faults\n")
    return 1 if wrong and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
