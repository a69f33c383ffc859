"""From the files of one folder to an item: the step that knows how authors write.

`read_item` looks at one folder alone: it needs the site's languages and nothing of any other item, so that it
can run in another process and its result can be kept. What it returns is plain data (`ItemRecord`), from
which `build_item` makes the validated item whenever it is needed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tocsin.errors import Finding
from tocsin.library.beside import Beside
from tocsin.library.faults import Findings, closest, did_you_mean, explain, one_of, unknown_key
from tocsin.library.folders import ItemFolder
from tocsin.library.frontmatter import MAX_BYTES, FrontMatterError, Source, parse_source, refuse_size
from tocsin.library.pairing import compare_languages, compare_with_facts, refuse_unfilled
from tocsin.library.records import ItemRecord, LinkPlace, Values, build_item, words_digest
from tocsin.library.risks import check_risks
from tocsin.library.texts import take_text, texts_of
from tocsin.library.withdrawal import (
    is_withdrawn,
    take_out_files,
    warn_of_address,
    withdrawn_languages,
)
from tocsin.model import ITEM_TYPES
from tocsin.model.items import TRANSLATION_KEYS, AnyItem, Kind

__all__ = ["ItemRecord", "LinkPlace", "build_item", "read_item", "read_with_item", "words_digest"]

FIRST_PIECE = 64 * 1024

Sources = Mapping[str, Source]


def read_item(
    root: Path, folder: ItemFolder, languages: Iterable[str]
) -> tuple[ItemRecord | None, list[Finding]]:
    """Read one folder; the record is None where an error was found."""
    found, findings = read_with_item(root, folder, languages)
    return (found[0] if found else None), findings


def read_with_item(
    root: Path, folder: ItemFolder, languages: Iterable[str]
) -> tuple[tuple[ItemRecord, AnyItem] | None, list[Finding]]:
    """Read one folder: the record with the item that `build_item` would make of it, or None for an error.

    Validating is what takes the time in making an item, and reading has done that already.
    """
    reading = _Reading(root, folder, tuple(languages))
    record = reading.run()
    if record is None or reading.findings.failed:
        return None, reading.findings
    return (record, reading.item(record)), reading.findings


@functools.cache
def _keys_of(kind: Kind) -> tuple[frozenset[str], frozenset[str]]:
    """The keys of facts and of words; asking pydantic for them takes longer than reading a file."""
    return ITEM_TYPES[kind].facts_keys(), ITEM_TYPES[kind].words_keys()


def _read(root: Path, path: str) -> bytes:
    """The bytes of a file, unless it has more than it may have; nearly all fit into the first piece."""
    with FileIO(f"{root}/{path}") as file:  # a buffer would only copy the piece
        data = file.read(FIRST_PIECE)
        if len(data) < FIRST_PIECE:
            return data
        refuse_size(path, os.fstat(file.fileno()).st_size)
        return data + file.read(MAX_BYTES + 1 - FIRST_PIECE)


class _Reading:
    """One folder being read; gathers findings, so that all of them are reported together."""

    def __init__(self, root: Path, folder: ItemFolder, languages: tuple[str, ...]) -> None:
        self.root = root
        self.folder = folder
        self.languages = languages
        self.kind = ITEM_TYPES[folder.kind]
        self.facts_keys, self.words_keys = _keys_of(folder.kind)
        self.findings = Findings()
        self.facts: Any = None
        self.words: dict[str, Any] = {}

    def run(self) -> ItemRecord | None:
        sources = self._sources()
        original = self._original(sources)
        words: dict[str, Values] = {
            language: self._own(source, self.words_keys) for language, source in sources.items()
        }
        for language, source in sources.items():
            self._check_keys(source, is_original=None if original is None else language == original)
        if original is None:
            self._take_words(words, sources)
            return None
        record = self._record(sources, original, words)
        self.facts = self._validate(self.kind.facts_type, record.facts, sources[original])
        self._take_out(record, sources[original])
        sources = {language: sources[language] for language in record.words}
        self._take_words(record.words, sources)
        if is_withdrawn(record.facts):
            record.fragments = {language: {} for language in record.words}
            warn_of_address(record, sources[original], self.findings)
            return record
        self._take_texts(record, sources)
        return record

    def _take_out(self, record: ItemRecord, source: Source) -> None:
        """Leave out of the record what was withdrawn of the item."""
        for language in withdrawn_languages(record, self.languages, source, self.findings):
            record.words.pop(language, None)
        take_out_files(record)
        if self.facts is not None and record.withdrawn_files:
            self.facts = self._validate(self.kind.facts_type, record.facts, source)

    def _take_words(self, words: dict[str, Values], sources: Sources) -> None:
        for language, source in sources.items():
            self.words[language] = self._validate(self.kind.words_type, words[language], source)

    def _take_texts(self, record: ItemRecord, sources: Sources) -> None:
        """Convert the texts of an item that is public or will be; compare its languages, look beside it."""
        beside = Beside(self.root, self.folder, record, self.findings)
        for language, source in sources.items():
            texts = texts_of(record.words[language], source)
            record.fragments[language] = {text.name: take_text(text, beside) for text in texts}
        compare_with_facts(record, sources, self.findings)
        compare_languages(record, sources, self.findings)
        beside.check(sources[record.original])
        if record.facts.get("draft") is not True:
            refuse_unfilled(sources.values(), self.findings)
        if self.facts is not None:
            check_risks(self.facts, record, sources, self.findings)

    def item(self, record: ItemRecord) -> AnyItem:
        """The item, from what was validated while `run` found no error."""
        return self.kind(
            slug=record.slug,
            folder=record.folder,
            original=record.original,
            facts=self.facts,
            words=self.words,
            digests=record.digests,
        )

    def _sources(self) -> dict[str, Source]:
        """Every language file that can be read, by language."""
        sources: dict[str, Source] = {}
        for language in self.folder.languages:
            path = f"{self.folder.path}/{language}.md"
            if language not in self.languages:
                hint = did_you_mean(language, self.languages)
                known = hint or f"; site.toml has {one_of(sorted(self.languages))}"
                self.findings.error(
                    path, 0, f"has the unknown language '{language}'{known}", "unknown-language"
                )
                continue
            try:
                sources[language] = parse_source(path, _read(self.root, path))
            except FrontMatterError as error:
                self.findings.append(error.finding)
            except OSError as error:
                self.findings.error(path, 0, f"cannot be read: {error.strerror}", "unreadable")
        return sources

    def _original(self, sources: Sources) -> str | None:
        """The language whose file is the original, where that is clear."""
        marked = [language for language, source in sources.items() if source.values.get("original") is True]
        if len(marked) == 1:
            return marked[0]
        if marked:
            source = sources[marked[1]]
            message = f"'original: true' stands here and in {marked[0]}.md; an item has one original"
            self.findings.error(source.path, source.line_of(("original",)), message, "two-originals")
            return None
        written = [language for language in self.folder.languages if language in self.languages]
        if len(sources) < len(written):
            return None  # one that cannot be read may be the original
        if len(sources) == 1:
            only, source = next(iter(sources.items()))
            if "source_rev" not in source.values:
                return only
            message = "is a translation alone; add the original beside it, or delete 'source_rev'"
            self.findings.error(source.path, 1, message, "no-original")
        elif sources:
            self._ask_for_original(sources)
        return None

    def _ask_for_original(self, sources: Sources) -> None:
        # Only originals have an id, so that a file with one is what was meant.
        likely = [language for language, source in sources.items() if "id" in source.values]
        files = [f"{language}.md" for language in (likely or sources)]
        place = files[0] if len(files) == 1 else f"one of {one_of(files)}"
        message = f"has no original; write 'original: true' in {place}"
        self.findings.error(self.folder.path, 0, message, "no-original")

    def _record(self, sources: Sources, original: str, words: dict[str, Values]) -> ItemRecord:
        source = sources[original]
        return ItemRecord(
            kind=self.folder.kind,
            slug=self.folder.slug,
            folder=self.folder.path,
            original=original,
            facts=self._own(source, self.facts_keys),
            words=words,
            digests={language: words_digest(words[language], sources[language].body) for language in sources},
            fragments={},
            lines={path: line for path, line in source.lines.items() if len(path) == 1},
        )

    @staticmethod
    def _own(source: Source, keys: frozenset[str]) -> dict[str, Any]:
        return {key: value for key, value in source.values.items() if key in keys}

    def _check_keys(self, source: Source, *, is_original: bool | None) -> None:
        """Every key is known, and stands in the right file; which file this is may not be known."""
        for key in source.values:
            if key not in self.words_keys and key not in self.facts_keys:
                message, rule = unknown_key((key,), self._keys_of_file(is_original)), "unknown-key"
            elif key in self.facts_keys and is_original is False:
                message = f"'{key}' is a fact, which only the original states; delete it here"
                rule = "fact-in-translation"
            elif key in TRANSLATION_KEYS and is_original:
                message = f"'{key}' belongs to translations, and this file is the original; delete it here"
                rule = "translation-key"
            else:
                continue
            self.findings.error(source.path, source.line_of((key,)), message, rule)

    def _keys_of_file(self, is_original: bool | None) -> list[str]:
        """The keys that a file may have; all there are where it is not clear what file it is."""
        own = self.words_keys if is_original is False else self.words_keys | self.facts_keys
        return sorted(own - TRANSLATION_KEYS if is_original else own)

    def _validate(self, kind: type[Any], values: Values, source: Source) -> Any:
        """The validated values; None, and findings, where there are faults."""
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            known = self.words_keys | self.facts_keys
            meant = {(closest(key, known),) for key in source.values if key not in known}
            for location, message, rule in explain(error, kind, meant=meant):
                self.findings.error(source.path, source.line_of(location), message, rule)
        return None
