"""What is not public: the words of drafts and of items under embargo, to search an output for them.

Plain data, so that the search need not know what an item is. An item that is hidden for another reason is one
more `HiddenItem`, made from its record by `hidden_item`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin import forks
from tocsin.errors import DamagedStoreError
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store
from tocsin.library.cache import ItemCache
from tocsin.library.entry import Entry
from tocsin.library.library import Library
from tocsin.library.loader import load_library
from tocsin.library.records import ItemRecord, group_of
from tocsin.library.shared import DATA, PRIVATE_FILES, SITE_FILE
from tocsin.reporting import SilentReporter

Fragments = Mapping[str, str]
# Words that are persons' names, titles, or nobody's: all others are texts.
_TITLES = ("title", "menu_title", "subtitle")
_UNSAID = ("translator", "state", "source_rev", "person", "names", *_TITLES)


@dataclass(frozen=True, slots=True)
class HiddenItem:
    """One item that is not public. `reason` completes the sentence "… is a draft".

    `names` are persons, `titles` what the item is called, its address included; `file_names` those of the
    files beside it, `renditions` of the files that its pictures would become. `texts` are plain text or HTML.
    Of an item that `is_withdrawn` names are searched for even where public items say them.
    """

    folder: str
    reason: str
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    renditions: tuple[str, ...] = ()
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Unpublished:
    """What an output is searched for: hidden items, and the names of source files of all others.

    `public` are the texts of all public sources, which may be in the output; `instants` are the times that
    the sources state.
    """

    hidden: tuple[HiddenItem, ...] = ()
    public: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    instants: frozenset[datetime] = frozenset()


def hidden_item(
    record: ItemRecord,
    entry: Entry,
    reason: str,
    texts_in: Callable[[str], Fragments],
    *,
    is_withdrawn: bool = False,
    shown: Collection[str] = (),
) -> HiddenItem:
    """A hidden item, from its record, its entry and its converted texts by language.

    `shown` are renditions that public items show as well. The address of an item that is withdrawn stays,
    for the notice that stands there.
    """
    words = [record.words[language] for language in sorted(record.words)]
    titles = [values[name] for values in words for name in _TITLES if values.get(name)]
    renditions = {rendition[0] for _, picture in entry.pictures for rendition in picture[3]}
    return HiddenItem(
        folder=record.folder,
        reason=reason,
        names=tuple(dict.fromkeys(_names(record, words))),
        titles=tuple(
            dict.fromkeys([*titles, *_other_names(record, words), *([] if is_withdrawn else [entry.slug])])
        ),
        texts=tuple(
            [text for values in words for text in _said(values)]
            + [text for language in entry.languages for text in texts_in(language).values()]
        ),
        file_names=file_names(entry),
        renditions=tuple(sorted(renditions - set(shown))),
        is_withdrawn=is_withdrawn,
    )


def file_names(entry: Entry) -> tuple[str, ...]:
    """The names of the files beside an item, which are published under other names."""
    return tuple(sorted({name for name, _ in entry.pictures} | {name for _, name, _ in entry.documents}))


def _names(record: ItemRecord, words: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The full names of persons."""
    persons = group_of(record.facts, "persons")
    for values in words:
        for key, name in group_of(values, "names").items():
            if group_of(persons, key).get("name_mode", "full") == "full":
                yield name
        if values.get("person"):
            yield values["person"]


def _other_names(record: ItemRecord, words: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Initials and pseudonyms, which other persons may bear too."""
    persons = group_of(record.facts, "persons")
    for values in words:
        for key, name in group_of(values, "names").items():
            if group_of(persons, key).get("name_mode", "full") != "full":
                yield name


def _said(values: Mapping[str, Any]) -> Iterator[str]:
    """Every text in an item's words that is no name and no title."""
    for key, value in values.items():
        if key not in _UNSAID:
            yield from _texts_in(value)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts_in(inner)


def collect_unpublished(root: Path, at: datetime, state: Path) -> Unpublished:
    """What is not public at `at`, and what is, of a site without faults. `state` is where the cache lies."""
    cache = ItemCache(Store(state / "items.sqlite"))
    try:
        for attempt in (1, 2):
            try:
                return _collected(root, at, cache)
            except DamagedStoreError:
                if attempt == 2:
                    raise
                cache.store.discard()
    finally:
        cache.store.close()
    raise AssertionError("the second attempt returns or raises")


def _collected(root: Path, at: datetime, cache: ItemCache) -> Unpublished:
    sources = Sources(root, {}, 0)
    library, loaded = load_library(sources, cache, at, SilentReporter(), workers=forks.processors())
    shown = {
        name for entry in library.entries.values() for _, picture in entry.pictures for name, *_ in picture[3]
    }
    hidden = []
    for key, reason in sorted(loaded.hidden.items()):
        entry = loaded.entries[key]
        record = cache.record(entry.digest)
        hidden.append(hidden_item(record, entry, reason, _texts_of(cache, entry), shown=shown))
    names = {name for entry in library.entries.values() for name in file_names(entry)}
    return Unpublished(
        hidden=tuple(hidden),
        public=tuple(_public_texts(root, library)),
        file_names=tuple(sorted(names)),
        instants=_instants(library),
    )


def _texts_of(cache: ItemCache, entry: Entry) -> Callable[[str], Fragments]:
    return lambda language: cache.texts(entry.digest, language)


def _instants(library: Library) -> frozenset[datetime]:
    """The instants that public items state, such as the end of an embargo, and that of the build."""
    stated = {turn for entry in library.entries.values() for turn in entry.turns}
    return frozenset(
        {library.as_of.astimezone(UTC), *(datetime.fromisoformat(turn).astimezone(UTC) for turn in stated)}
    )


def _public_texts(root: Path, library: Library) -> Iterator[str]:
    """The texts of all files that the public part of a site is made from."""
    paths = [root / SITE_FILE]
    paths += [path for path in sorted((root / DATA).glob("*.toml")) if path.name not in PRIVATE_FILES]
    for entry in library.entries.values():
        paths += [root / entry.folder / f"{language}.md" for language in entry.languages]
    paths += sorted((root / "theme" / "locale").rglob("*.po"))
    for path in paths:
        if path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")
