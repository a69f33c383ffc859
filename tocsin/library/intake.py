"""From the files of one folder to an item: the step that knows how authors write.

`read_item` looks at one folder alone: it needs the site's languages and nothing of any other item, so that it
can run in another process and its result can be kept. What it returns is plain data (`ItemRecord`), from
which `build_item` makes the validated item whenever it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tocsin.errors import Finding, PictureError, Severity
from tocsin.library import body
from tocsin.library.faults import explain, one_of
from tocsin.library.folders import ItemFolder
from tocsin.library.frontmatter import FrontMatterError, Source, parse_source
from tocsin.model import ITEM_TYPES
from tocsin.model.items import TRANSLATION_KEYS, AnyItem
from tocsin.pictures import Picture, inspect

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A link of a body and where it stands: needed once every item is known."""

    target: str
    kind: str
    name: str
    path: str
    line: int


@dataclass(slots=True)
class ItemRecord:
    """One item as plain data. `fragments` holds, per language, the HTML of the body and of Markdown fields."""

    kind: str
    slug: str
    folder: str
    original: str
    facts: Values
    words: dict[str, Values]
    digests: dict[str, str]
    fragments: dict[str, dict[str, str]]
    links: list[LinkPlace] = field(default_factory=list)
    facts_used: list[LinkPlace] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    lines: Mapping[Any, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.slug}"

    @property
    def original_path(self) -> str:
        return f"{self.folder}/{self.original}.md"

    def line_of(self, name: str) -> int:
        """The line of a fact in the original's file."""
        return self.lines.get((name,), 1)


def words_digest(values: Values, text: str) -> str:
    """The revision of an item's words in one language: 12 hexadecimal digits of SHA-256.

    Over the values as canonical JSON (sorted keys, UTF-8) and the body without surrounding space.
    """
    own = {key: value for key, value in values.items() if key not in TRANSLATION_KEYS}
    canonical = json.dumps(own, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{canonical}\0{text.strip()}".encode()).hexdigest()[:12]


def build_item(record: ItemRecord) -> AnyItem:
    """The validated item of a record that `read_item` found no error in."""
    kind = ITEM_TYPES[record.kind]  # type: ignore[index]
    return kind(
        slug=record.slug,
        folder=record.folder,
        original=record.original,
        facts=kind.facts_type.model_validate(record.facts),
        words={code: kind.words_type.model_validate(values) for code, values in record.words.items()},
        digests=record.digests,
    )


def read_item(root: Path, folder: ItemFolder, languages: Iterable[str]) -> tuple[ItemRecord | None, list[Finding]]:
    """Read one folder; the record is None where an error was found."""
    reading = _Reading(root, folder, tuple(languages))
    record = reading.run()
    failed = any(finding.severity is Severity.ERROR for finding in reading.findings)
    return (None if failed else record), reading.findings


class _Reading:
    """One folder being read; gathers findings, so that all of them are reported together."""

    def __init__(self, root: Path, folder: ItemFolder, languages: tuple[str, ...]) -> None:
        self.root = root
        self.folder = folder
        self.languages = languages
        self.kind = ITEM_TYPES[folder.kind]
        self.findings: list[Finding] = []

    def run(self) -> ItemRecord | None:
        sources = self._sources()
        original = self._original(sources)
        if original is None:
            return None
        facts = {k: v for k, v in sources[original].values.items() if k in self.kind.facts_keys()}
        record = ItemRecord(
            kind=self.folder.kind,
            slug=self.folder.slug,
            folder=self.folder.path,
            original=original,
            facts=facts,
            words={},
            digests={},
            fragments={},
            lines={path: line for path, line in sources[original].lines.items() if len(path) == 1},
        )
        for language, source in sources.items():
            self._add_language(record, language, source)
        self._compare(record, sources)
        self._check_facts(record, sources[original])
        self._check_files(record, sources)
        return record

    def _error(self, path: str, line: int, message: str, rule: str) -> None:
        self.findings.append(Finding(path, line, message, rule))

    def _warn(self, path: str, line: int, message: str, rule: str) -> None:
        self.findings.append(Finding(path, line, message, rule, Severity.WARNING))

    def _sources(self) -> dict[str, Source]:
        sources: dict[str, Source] = {}
        for language in self.folder.languages:
            path = f"{self.folder.path}/{language}.md"
            if language not in self.languages:
                known = one_of(sorted(self.languages))
                self._error(path, 0, f"unknown language '{language}'; site.toml has {known}", "unknown-language")
                continue
            try:
                sources[language] = parse_source(path, (self.root / path).read_bytes())
            except FrontMatterError as error:
                self.findings.append(error.finding)
        return sources

    def _original(self, sources: Mapping[str, Source]) -> str | None:
        marked = [language for language, source in sources.items() if source.values.get("original") is True]
        if len(self.folder.languages) == 1 and len(sources) == 1:
            only = next(iter(sources))
            lone_translation = not marked and "source_rev" in sources[only].values
            if not lone_translation:
                return only
        if len(marked) == 1:
            return marked[0]
        if len(sources) == len(self.folder.languages):
            self._complain_about_originals(sources, marked)
        return None

    def _complain_about_originals(self, sources: Mapping[str, Source], marked: list[str]) -> None:
        if len(marked) > 1:
            source = sources[marked[1]]
            message = f"'original: true' stands here and in {marked[0]}.md; an item has one original"
            self._error(source.path, source.line_of(("original",)), message, "two-originals")
        elif len(sources) == 1:
            source = next(iter(sources.values()))
            message = "is a translation without an original; add the original's file beside it, or delete 'source_rev'"
            self._error(source.path, 1, message, "no-original")
        else:
            files = ", ".join(f"{language}.md" for language in sources)
            message = f"has no original; write 'original: true' in one of {files}"
            self._error(self.folder.path, 0, message, "no-original")

    def _add_language(self, record: ItemRecord, language: str, source: Source) -> None:
        is_original = language == record.original
        words = {k: v for k, v in source.values.items() if k in self.kind.words_keys()}
        self._check_keys(source, is_original=is_original)
        self._validate(self.kind.words_type, words, source)
        record.words[language] = words
        record.digests[language] = words_digest(words, source.body)
        record.fragments[language] = self._fragments(record, words, source)

    def _check_keys(self, source: Source, *, is_original: bool) -> None:
        for key in source.values:
            line = source.line_of((key,))
            if key in self.kind.facts_keys() and not is_original:
                message = f"'{key}' is a fact, which only the original states; delete it here"
                self._error(source.path, line, message, "fact-in-translation")
            elif key in TRANSLATION_KEYS and is_original:
                message = f"'{key}' belongs to translations; this file is the original"
                self._error(source.path, line, message, "translation-key")

    def _validate(self, kind: type[Any], values: Values, source: Source) -> None:
        try:
            kind.model_validate(values)
        except ValidationError as error:
            known = tuple(self.kind.facts_keys() | self.kind.words_keys())
            for location, message, rule in explain(error, known):
                self._error(source.path, source.line_of(location), message, rule)

    def _check_facts(self, record: ItemRecord, source: Source) -> None:
        own = self.kind.facts_keys() | self.kind.words_keys()
        unknown = {key: value for key, value in source.values.items() if key not in own}
        self._validate(self.kind.facts_type, {**record.facts, **unknown}, source)
        for language, words in record.words.items():
            if language != record.original:
                self._check_unknown_in_translation(record, language, words)

    def _check_unknown_in_translation(self, record: ItemRecord, language: str, words: Values) -> None:
        if words.get("source_rev") is None:
            path = f"{record.folder}/{language}.md"
            message = (
                "'source_rev' is missing; it says which words of the original are translated; "
                f"they are now {record.digests[record.original]}"
            )
            self._error(path, 1, message, "missing-key")
        elif words["source_rev"] != record.digests[record.original]:
            path = f"{record.folder}/{language}.md"
            message = (
                f"translates an earlier wording of {record.original}.md; bring it up to date, then write "
                f"'source_rev: {record.digests[record.original]}'"
            )
            self._warn(path, 0, message, "stale-translation")

    def _compare(self, record: ItemRecord, sources: Mapping[str, Source]) -> None:
        """A translation may lack words (the original's are shown, marked) but may not invent entries."""
        original = record.words[record.original]
        for language, words in record.words.items():
            if language == record.original:
                continue
            source = sources[language]
            self._unknown_words(source)
            for key, value in original.items():
                if key in TRANSLATION_KEYS or value is None:
                    continue
                if key not in words:
                    message = f"'{key}' is not translated; readers are shown the original's"
                    self._warn(source.path, 1, message, "untranslated")
                elif isinstance(value, dict) and isinstance(words[key], dict):
                    self._compare_entries(source, key, value, words[key])

    def _unknown_words(self, source: Source) -> None:
        known = self.kind.facts_keys() | self.kind.words_keys()
        unknown = {key: value for key, value in source.values.items() if key not in known}
        if unknown:
            self._validate(self.kind.words_type, {"title": "-", **unknown}, source)

    def _compare_entries(self, source: Source, key: str, original: Values, own: Values) -> None:
        for name in own:
            if name not in original:
                message = f"'{key}.{name}' has no entry '{name}' in the original; known: {one_of(list(original))}"
                self._error(source.path, source.line_of((key, name)), message, "unpaired-entry")
        for name in original:
            if name not in own:
                message = f"'{key}.{name}' is not translated; readers are shown the original's"
                self._warn(source.path, source.line_of((key,)), message, "untranslated")

    def _fragments(self, record: ItemRecord, words: Values, source: Source) -> dict[str, str]:
        fragments = {"body": self._convert(source, source.body)}
        recommendations = words.get("recommendations")
        if isinstance(recommendations, dict):
            for name, value in recommendations.items():
                if isinstance(value, dict) and isinstance(value.get("text"), str):
                    fragments[f"recommendations.{name}"] = self._convert(source, value["text"])
        for html in fragments.values():
            self._note_uses(record, source, html)
        return fragments

    def _convert(self, source: Source, text: str) -> str:
        try:
            html = body.convert(text)
        except RecursionError:
            self._error(source.path, source.body_line, "is nested too deeply to be read", "too-deep")
            return ""
        if text.startswith("# ") or "\n# " in text:
            place = 0 if text.startswith("# ") else text.index("\n# ") + 1
            line = source.body_line + text.count("\n", 0, place)
            self._error(source.path, line, "a heading in the text begins with '##'; '#' is the title's", "heading")
        return html

    def _note_uses(self, record: ItemRecord, source: Source, html: str) -> None:
        for link in body.links(html):
            line = self._find(source, link.target)
            if not link.kind:
                message = (
                    f"the link '{link.target}' leads nowhere; write kind:name, such as appeal:{record.slug}, "
                    "or an address in full, https://…"
                )
                self._error(source.path, line, message, "broken-link")
            elif link.kind in body.OWN_SCHEMES:
                record.links.append(LinkPlace(link.target, link.kind, link.name, source.path, line))
        for name, when in body.facts(html):
            line = self._find(source, f"{{fact:{name}")
            record.facts_used.append(LinkPlace(name, "fact", when or "", source.path, line))
        for name, alt in body.pictures(html):
            line = self._find(source, name)
            self._add_picture(record, name, source.path, line)
            if not alt.strip():
                message = f"picture '{name}' has no description; write ![what it shows]({name})"
                self._error(source.path, line, message, "missing-alt")

    @staticmethod
    def _find(source: Source, text: str) -> int:
        place = source.body.find(text)
        return source.body_line + source.body.count("\n", 0, place) if place >= 0 else source.body_line

    def _add_picture(self, record: ItemRecord, name: str, path: str, line: int) -> None:
        """Look at the head of a picture file: is it there, and is it one that can be published?"""
        if name not in self.folder.others:
            beside = one_of(self.folder.others) if self.folder.others else "nothing"
            message = f"picture '{name}' is not in {self.folder.path}/; beside the text lies {beside}"
            self._error(path, line, message, "missing-picture")
            return
        try:
            data = (self.root / self.folder.path / name).read_bytes()
            record.pictures[name] = inspect(data, name=name)
        except PictureError as error:
            self._error(f"{self.folder.path}/{name}", 0, f"this picture {error}", "picture")

    def _check_files(self, record: ItemRecord, sources: Mapping[str, Source]) -> None:
        """The item's own picture and editions exist and are described; nothing lies about unused."""
        used = set(record.pictures)
        picture = record.facts.get("picture")
        if isinstance(picture, dict) and isinstance(picture.get("file"), str):
            line = sources[record.original].line_of(("picture", "file"))
            self._add_picture(record, picture["file"], record.original_path, line)
            used.add(picture["file"])
            if not record.words[record.original].get("picture_alt"):
                message = "'picture_alt' is missing; say what the picture shows, for those who do not see it"
                self._error(record.original_path, line, message, "missing-alt")
        for edition in record.facts.get("editions") or ():
            if isinstance(edition, dict) and isinstance(edition.get("file"), str):
                used.add(edition["file"])
                self._check_edition(record, edition["file"], sources[record.original])
        for name in self.folder.others:
            if name not in used:
                self._warn(f"{self.folder.path}/{name}", 0, "is used by no text and will not be published", "unused")

    def _check_edition(self, record: ItemRecord, name: str, source: Source) -> None:
        if name not in self.folder.others:
            message = f"file '{name}' is not in {self.folder.path}/"
            self._error(source.path, source.line_of(("editions",)), message, "missing-file")
