"""What is not public: its words, names and files, to search an output for them.

Plain data, so that the search need not know what an item is. What is hidden for whatever reason is one more
`HiddenItem`: drafts, items under embargo, what was withdrawn as a whole or in part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin import forks
from tocsin.errors import DamagedStoreError, PictureError
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store
from tocsin.library.cache import ItemCache
from tocsin.library.entry import Entry, PlainPicture, plain_picture
from tocsin.library.frontmatter import FrontMatterError, Source, parse_source
from tocsin.library.known import Entries, Known
from tocsin.library.library import Library
from tocsin.library.loader import load_library
from tocsin.library.records import ItemRecord, Values, group_of, names_in, texts_in
from tocsin.library.shared import DATA, PRIVATE_FILES, SITE_FILE
from tocsin.pictures import inspect
from tocsin.reporting import SilentReporter

# Words that are persons' names, titles, or nobody's: all others are texts.
_TITLES = ("title", "menu_title", "subtitle")
_UNSAID = ("translator", "state", "source_rev", "person", "names", *_TITLES)


Narrowing = Callable[[Library], Library]

# Where a link of Markdown leads: no words of the text.
_TARGET = re.compile(r"\]\([^)\n]*\)")


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
    public: Iterable[str] = ()
    file_names: tuple[str, ...] = ()
    instants: frozenset[datetime] = frozenset()


def hidden_item(
    record: ItemRecord,
    entry: Entry,
    reason: str,
    texts: Iterable[str],
    beside: Mapping[str, Iterable[str]],
) -> HiddenItem:
    """A hidden item, from its record, its entry, its texts in all languages and the files beside it.

    `beside` names the renditions of each file. The address of an item that is withdrawn stays, for the notice
    that stands there, unless it is said to tell too much.
    """
    words = [record.words[language] for language in sorted(record.words)]
    titles = _titles(words)
    if not entry.withdrawn or not entry.tombstone:
        titles.append(entry.slug)
    return HiddenItem(
        folder=record.folder,
        reason=reason,
        names=tuple(dict.fromkeys(_names(record, words, is_full=True))),
        titles=tuple(dict.fromkeys([*titles, *_names(record, words, is_full=False)])),
        texts=(*(text for values in words for text in _said(values)), *texts),
        file_names=tuple(sorted(beside)),
        renditions=tuple(sorted(name for names in beside.values() for name in names)),
        is_withdrawn=bool(entry.withdrawn),
    )


def file_names(entry: Entry) -> tuple[str, ...]:
    """The names of the files beside an item, which are published under other names."""
    return tuple(sorted({name for name, _ in entry.pictures} | {name for _, name, _ in entry.documents}))


def _names(record: ItemRecord, words: Iterable[Values], *, is_full: bool) -> Iterator[str]:
    """The full names of persons; or initials and pseudonyms, which others may bear too."""
    persons = group_of(record.facts, "persons")
    for key, name in (found for values in words for found in names_in(values)):
        if (group_of(persons, key).get("name_mode", "full") == "full") is is_full:
            yield name


def _titles(words: Iterable[Values]) -> list[str]:
    return [values[name] for values in words for name in _TITLES if values.get(name)]


def _written(source: Source) -> Iterator[str]:
    """The words and the body of a file as they are written, without where links lead."""
    yield from _said(source.values)
    yield _TARGET.sub("]", source.body)


def _said(values: Values) -> Iterator[str]:
    """Every text in an item's words that is no name and no title."""
    return (text for place, text in texts_in(values) if place[0] not in _UNSAID)


def _as_it_is(library: Library) -> Library:
    return library


def collect_unpublished(
    root: Path, at: datetime, state: Path, narrow: Narrowing = _as_it_is, reason: str = ""
) -> Unpublished:
    """What is not public at `at`, and what is, of a site without faults. `state` is where the cache lies.

    Of an output that shows a part of what is public, `narrow` gives that part; all else is hidden there, for
    `reason`.
    """
    cache = ItemCache(Store(state / "items.sqlite"))
    try:
        for attempt in (1, 2):
            try:
                return _collected(root, at, cache, narrow, reason)
            except DamagedStoreError:
                if attempt == 2:
                    raise
                cache.store.discard()
    finally:
        cache.store.close()
    raise AssertionError("the second attempt returns or raises")


def _collected(root: Path, at: datetime, cache: ItemCache, narrow: Narrowing, reason: str) -> Unpublished:
    sources = Sources(root, {}, 0)
    whole, loaded = load_library(sources, cache, at, SilentReporter(), workers=forks.processors())
    library = narrow(whole)
    reasons = {**dict.fromkeys(whole.entries.keys() - library.entries.keys(), reason), **loaded.hidden}
    hidden = [(loaded.entries[key], own) for key, own in sorted(reasons.items())]
    return _unpublished(root, cache, library.entries, hidden, library.withdrawn.values(), library.as_of)


def known_unpublished(root: Path, known: Known, as_of: datetime, state: Path) -> Unpublished:
    """The same of the site as a build has just left it as of `as_of`, without reading it again.

    Raises `DamagedStoreError` where the cache below `state` has lost what that build read.
    """
    with closing(Store(state / "items.sqlite")) as store:
        public = Entries(known.entries, known.hidden)
        hidden = [(Entry(*known.entries.get(key)), own) for key, own in sorted(known.hidden.items())]
        return _unpublished(root, ItemCache(store), public, hidden, known.withdrawn().values(), as_of)


def _unpublished(
    root: Path,
    cache: ItemCache,
    public: Mapping[str, Entry],
    hidden: Iterable[tuple[Entry, str]],
    withdrawn: Iterable[Entry],
    as_of: datetime,
) -> Unpublished:
    shown = list(public.values())
    hiding = _Hiding(root, cache, shown)
    whole = [hiding.item(entry, reason) for entry, reason in hidden]
    parts = [part for entry in shown for part in hiding.parts(entry)]
    return Unpublished(
        hidden=(*whole, *parts),
        public=_PublicTexts(root, shown),
        file_names=tuple(sorted({name for entry in shown for name in file_names(entry)})),
        instants=_instants(as_of, shown, withdrawn),
    )


class _Hiding:
    """What is hidden of the items of one site, beside those that are shown."""

    def __init__(self, root: Path, cache: ItemCache, shown: Iterable[Entry]) -> None:
        self.root = root
        self.cache = cache
        self.shown = {name for entry in shown for name in _renditions(entry)}

    def item(self, entry: Entry, reason: str) -> HiddenItem:
        """An item that is hidden as a whole. Of one that is withdrawn, only its files know what it said."""
        record = self.cache.record(entry.digest)
        if entry.withdrawn:
            names = sorted(path.name for path in (self.root / entry.folder).iterdir() if path.is_file())
            sources = (self._source(entry, name) for name in names if name.endswith(".md"))
            texts = [text for source in sources if source for text in _written(source)]
            beside = {name: self._shows(entry, name) for name in names if not name.endswith(".md")}
        else:
            spoken = (self.cache.texts(entry.digest, language) for language in entry.languages)
            texts = [text for fragments in spoken for text in fragments.values()]
            shown = dict.fromkeys(file_names(entry), frozenset[str]())
            beside = {**shown, **{name: _names_of(plain) - self.shown for name, plain in entry.pictures}}
        return hidden_item(record, entry, reason, texts, beside)

    def parts(self, entry: Entry) -> Iterator[HiddenItem]:
        """What was withdrawn of an item that is public: words in a language, files."""
        for language, _ in entry.withdrawn_languages:
            if source := self._source(entry, f"{language}.md"):
                record, words = self.cache.record(entry.digest), [source.values]
                yield HiddenItem(
                    entry.folder,
                    f"was withdrawn in '{language}'",
                    names=tuple(_names(record, words, is_full=True)),
                    titles=(*_titles(words), *_names(record, words, is_full=False)),
                    texts=tuple(_written(source)),
                )
        if entry.withdrawn_files:
            shown = {name for file in entry.withdrawn_files for name in self._shows(entry, file)}
            yield HiddenItem(
                entry.folder,
                "was withdrawn in part",
                file_names=entry.withdrawn_files,
                renditions=tuple(sorted(shown)),
            )

    def _source(self, entry: Entry, name: str) -> Source | None:
        """A file that nobody reads any more. Faults in what is withdrawn hold nothing up."""
        path = f"{entry.folder}/{name}"
        try:
            return parse_source(path, (self.root / path).read_bytes())
        except (FrontMatterError, FileNotFoundError):
            return None

    def _shows(self, entry: Entry, name: str) -> frozenset[str]:
        """The renditions that a file beside an item would be published as, if it is a picture."""
        try:
            picture = inspect((self.root / entry.folder / name).read_bytes(), name=name)
        except (PictureError, OSError):
            return frozenset()
        return _names_of(plain_picture(picture)) - self.shown


def _names_of(picture: PlainPicture) -> frozenset[str]:
    return frozenset(name for name, *_ in picture[3])


def _renditions(entry: Entry) -> frozenset[str]:
    return frozenset(name for _, picture in entry.pictures for name in _names_of(picture))


def _instants(as_of: datetime, shown: Iterable[Entry], withdrawn: Iterable[Entry]) -> frozenset[datetime]:
    """The instants that sources state for the public: ends of embargoes, withdrawals, that of the build."""
    stated = {turn for entry in shown for turn in entry.turns}
    stated |= {instant for entry in (*shown, *withdrawn) for _, instant in entry.withdrawals}
    return frozenset(
        {as_of.astimezone(UTC), *(datetime.fromisoformat(one).astimezone(UTC) for one in stated)}
    )


class _PublicTexts:
    """The texts of all files that the public part of a site is made from, read when they are asked for."""

    def __init__(self, root: Path, shown: Iterable[Entry]) -> None:
        self.root = root
        self.shown = shown

    def __iter__(self) -> Iterator[str]:
        root = self.root
        paths = [root / SITE_FILE]
        paths += [path for path in sorted((root / DATA).glob("*.toml")) if path.name not in PRIVATE_FILES]
        for entry in self.shown:
            paths += [root / entry.folder / f"{language}.md" for language in entry.languages]
        paths += sorted((root / "theme" / "locale").rglob("*.po"))
        for path in paths:
            if path.is_file():
                yield path.read_text(encoding="utf-8", errors="replace")
