"""What belongs together: a translation and its original, the words of an item and its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tocsin.errors import Severity
from tocsin.library.faults import Findings, did_you_mean, one_of
from tocsin.library.frontmatter import Source
from tocsin.library.records import ItemRecord, Values, group_of, texts_in
from tocsin.model.items import TRANSLATION_KEYS

Sources = Mapping[str, Source]
# What `new` writes where something is to be written.
UNFILLED = "…"


def compare_languages(record: ItemRecord, sources: Sources, findings: Findings) -> None:
    """A translation may lack words (the original's are shown, marked) but may not invent entries.

    Of an original with faults it is not said that a translation is out of date: its words are not settled.
    """
    settled = not any(
        finding.path == record.original_path and finding.severity is Severity.ERROR for finding in findings
    )
    for language, words in record.words.items():
        if language == record.original:
            continue
        source = sources[language]
        if settled:
            _check_revision(record, words, source, findings)
            _note_untranslated(record, words, source, findings)
        for key in words:
            _check_entries(record, key, words, source, findings)


def refuse_unfilled(sources: Iterable[Source], findings: Findings) -> None:
    """Nothing that `new` left to be filled in may become public."""
    for source in sources:
        # A text is only what it looks like where nothing is written with a backslash.
        may_be = UNFILLED in source.head or "\\" in source.head
        for place, value in texts_in(source.values) if may_be else ():
            if value.strip() == UNFILLED:
                name = ".".join(map(str, place))
                message = f"'{name}' is still '{UNFILLED}'; write it, or delete the line"
                findings.error(source.path, source.line_of(place), message, "unfilled")
        if source.body.strip() == UNFILLED:
            message = f"the text is still '{UNFILLED}'; write it, or delete it"
            blank = len(source.body) - len(source.body.lstrip("\n"))
            findings.error(source.path, source.body_line + blank, message, "unfilled")


def _check_revision(record: ItemRecord, words: Values, source: Source, findings: Findings) -> None:
    """Does the translation say what it translates, and is that still what the original says?"""
    now = record.digests[record.original]
    if words.get("source_rev") is None:
        message = (
            f"'source_rev' is missing; write 'source_rev: {now}' if {record.original}.md is translated here"
        )
        findings.error(source.path, 1, message, "missing-key")
    elif str(words["source_rev"]) != now:
        message = (
            f"translates an earlier wording of {record.original}.md; bring it up to date, "
            f"then write 'source_rev: {now}'"
        )
        findings.warn(source.path, source.line_of(("source_rev",)), message, "stale-translation")


def _note_untranslated(record: ItemRecord, words: Values, source: Source, findings: Findings) -> None:
    said = "is not translated; readers are shown the original's"
    for key, value in record.words[record.original].items():
        if key in TRANSLATION_KEYS or not value:
            continue
        if not words.get(key):
            findings.warn(source.path, 1, f"'{key}' {said}", "untranslated")
        elif isinstance(value, dict) and isinstance(words[key], dict):
            for name in value:
                if name not in words[key]:
                    findings.warn(
                        source.path, source.line_of((key,)), f"'{key}.{name}' {said}", "untranslated"
                    )


def _check_entries(record: ItemRecord, key: str, words: Values, source: Source, findings: Findings) -> None:
    original = group_of(record.words[record.original], key)
    # What the original lacks of a person is told there, and a name that must not be given elsewhere.
    persons = group_of(record.facts, "persons") if key in {"names", "roles"} else ()
    for name in group_of(words, key):
        if name in original or name in persons:
            continue
        hint = did_you_mean(name, original) or (f"; it has {one_of(list(original))}" if original else "")
        message = f"'{key}.{name}' has no counterpart in {record.original}.md{hint}"
        findings.error(source.path, source.line_of((key, name)), message, "unpaired-entry")


def compare_with_facts(record: ItemRecord, sources: Sources, findings: Findings) -> None:
    """Persons have names, names have persons; corrections have days, and numbered pages have chapters."""
    source = sources[record.original]
    for key in ("names", "roles"):
        _check_known(record, key, "persons", source, findings)
    _check_named(record, source, findings)
    for language, words in record.words.items():
        _check_withheld(record, words, sources[language], findings)
    _check_known(record, "corrections", "corrected", source, findings)
    for name in group_of(record.facts, "corrected"):
        if name not in group_of(record.words[record.original], "corrections"):
            message = f"'corrected.{name}' has no text; say under 'corrections.{name}' what was corrected"
            findings.error(source.path, source.line_of(("corrected", name)), message, "unpaired-entry")
    for name in group_of(record.facts, "chapter_pages"):
        chapters = group_of(record.words[record.original], "chapters")
        if name not in chapters:
            message = f"unknown chapter '{name}'{_choice(name, chapters, 'chapters')}"
            findings.error(source.path, source.line_of(("chapter_pages", name)), message, "unknown-chapter")


def _choice(name: str, known: Mapping[str, object], key: str) -> str:
    return did_you_mean(name, known) or f"; '{key}' has {one_of(list(known)) if known else 'no entry'}"


def _check_known(record: ItemRecord, key: str, facts_key: str, source: Source, findings: Findings) -> None:
    """Every entry of the words at `key` has its fact at `facts_key`."""
    what = {"persons": "person", "corrected": "correction"}[facts_key]
    known = group_of(record.facts, facts_key)
    for name in group_of(record.words[record.original], key):
        if name not in known:
            message = f"unknown {what} '{name}'{_choice(name, known, facts_key)}"
            findings.error(source.path, source.line_of((key, name)), message, f"unknown-{what}")


def _check_named(record: ItemRecord, source: Source, findings: Findings) -> None:
    names = group_of(record.words[record.original], "names")
    for name in group_of(record.facts, "persons"):
        if name not in names and not _is_withheld(record, name):
            message = (
                f"'names.{name}' is missing; say how the person is called, or write 'name_mode: withheld'"
            )
            findings.error(source.path, source.line_of(("persons", name)), message, "missing-key")


def _check_withheld(record: ItemRecord, words: Values, source: Source, findings: Findings) -> None:
    for name in group_of(words, "names"):
        if _is_withheld(record, name):
            message = f"'names.{name}' is given, but the person's name is withheld; delete it from this file"
            findings.error(source.path, source.line_of(("names", name)), message, "withheld-name")


def _is_withheld(record: ItemRecord, name: str) -> bool:
    return group_of(group_of(record.facts, "persons"), name).get("name_mode") == "withheld"
