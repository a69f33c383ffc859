"""Withdrawal: taking out what an item says no more, before anything else reads it.

An item, one of its languages or one of its files may be withdrawn. What is withdrawn stays in the sources, so
that the leak gate knows what must be nowhere, or is deleted there; either way nothing of it is taken in. Of a
whole item only its entry is left, for the pages and the feed entries that stand in its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tocsin.library.faults import Findings, unknown
from tocsin.library.frontmatter import Source
from tocsin.library.records import ItemRecord, Values, group_of, names_in

# Shorter parts of names ("al", "de") are parts of many words.
SHORTEST = 3
_WORD = re.compile(r"[a-z0-9]+")


def is_withdrawn(facts: Values) -> bool:
    """True where all of an item is withdrawn."""
    return facts.get("withdrawn") is not None


def withdrawn_languages(
    record: ItemRecord, known: Iterable[str], source: Source, findings: Findings
) -> frozenset[str]:
    """The languages whose text is not to be read; the original's stays as long as the item does."""
    found, languages = group_of(record.facts, "withdrawn_languages"), sorted(known)
    for language in found:
        line = source.line_of(("withdrawn_languages", language))
        if language == record.original:
            message = (
                f"'withdrawn_languages.{language}' is the language of the original; withdraw the item with "
                "'withdrawn: …', or make another language the original first"
            )
            findings.error(source.path, line, message, "withdrawn-original")
        elif language not in languages:
            message = unknown("language", language, languages, "site.toml")
            findings.error(source.path, line, message, "unknown-language")
    return frozenset(found) - {record.original}


def take_out_files(record: ItemRecord) -> None:
    """Leave withdrawn files out of the facts, and what describes the picture out of the words."""
    names = record.withdrawn_files
    if not names:
        return
    facts = dict(record.facts)
    if group_of(facts, "picture").get("file") in names:
        del facts["picture"]
        for language, words in record.words.items():
            record.words[language] = {key: value for key, value in words.items() if key != "picture_alt"}
    editions = facts.get("editions")
    if isinstance(editions, tuple):
        gone = [entry for entry in editions if isinstance(entry, dict) and entry.get("file") in names]
        facts["editions"] = tuple(entry for entry in editions if entry not in gone)
        record.withdrawn_editions = tuple((str(e.get("language")), str(e.get("format"))) for e in gone)
    record.facts = facts


def warn_of_address(record: ItemRecord, source: Source, findings: Findings) -> None:
    """Tell where the address of a withdrawn item holds a name of a person in it."""
    if record.facts.get("tombstone") is False:
        return
    names = (name for words in record.words.values() for _, name in names_in(words))
    parts = {part for name in names for part in _plain(name) if len(part) >= SHORTEST}
    if parts.isdisjoint(_plain(record.slug)):
        return
    message = (
        f"the name of the folder, '{record.slug}', holds a name of the item, and stays in the addresses of "
        "the notices in its place; add 'tombstone: false', and nothing stands there"
    )
    findings.warn(source.path, source.line_of(("withdrawn",)), message, "telling-address")


def _plain(text: str) -> frozenset[str]:
    """The words of a text as the names of folders are written: small letters without marks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(_WORD.findall(letters.encode("ascii", "ignore").decode()))
