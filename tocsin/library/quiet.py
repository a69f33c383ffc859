"""Quiet edits: those that change what some items say and nothing that depends on all items.

Most edits change a body, a title, a summary. Then the outlines of all entries (see `lists`) are what they
were, and so are the lists, the cases, the instants of the clock and what was found between items: none of it
is made anew, or even read. Whatever else has happened is for `loader`, which reads and checks the whole site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.errors import ChangedMeanwhileError, Severity
from tocsin.ledger.sources import FOLDER, Sources
from tocsin.library.cache import ItemCache, PlainFinding, finding_of, revision, version
from tocsin.library.elsewhere import load_elsewhere
from tocsin.library.entry import Entry
from tocsin.library.folders import CONTENT, ItemFolder, item_folder
from tocsin.library.guarded import files_of, read_items
from tocsin.library.known import Entries, Known
from tocsin.library.library import Library
from tocsin.library.lists import outline
from tocsin.library.loader import checked, is_due, raise_or_report
from tocsin.library.shared import Shared, load_shared, load_site
from tocsin.model.site import Site
from tocsin.reporting import Reporter


class _NotQuietError(Exception):
    """The site has to be read as a whole."""


@dataclass(slots=True)
class Moment:
    """When a site is built, and when it was that it last changed by itself and will next."""

    as_of: datetime
    next_change: datetime | None


@dataclass(slots=True)
class _Changed:
    """An item whose files changed."""

    entry: Entry
    warnings: list[PlainFinding]
    found: list[PlainFinding]


def load_quietly(
    sources: Sources, cache: ItemCache, known: Known, moment: Moment, reporter: Reporter, *, drafts: bool
) -> tuple[Library, frozenset[str]] | None:
    """The library after quiet edits and the keys of the items that changed; None after any others.

    `known` must be what the last build of this output left as of the same moment. It is brought up to date.
    """
    try:
        folders = _changed_folders(sources)
        site, shared = _settings(sources, known)
        changed = [_read(sources, cache, known, folder, site) for folder in folders]
        _check(changed, cache, known, shared, drafts=drafts, holds=site.links.to_hidden == "hold")
    except (_NotQuietError, ChangedMeanwhileError):
        return None
    reporter.step("Reading content")
    _bring_up_to_date(known, changed)
    raise_or_report([finding_of(plain) for plain in known.findings()], reporter)
    entries = Entries(known.entries, known.hidden)
    library = Library(
        site=site,
        shared=shared,
        as_of=moment.as_of,
        next_change=moment.next_change,
        entries=entries,
        read_item=lambda key: cache.item(entries[key].digest),
        read_texts=lambda key, language: cache.texts(entries[key].digest, language),
        read_lists=known.lists,
        withdrawn=known.withdrawn(),
        with_drafts=drafts,
        mirrors=load_elsewhere(sources.root)[0],
    )
    return library, frozenset(change.entry.key for change in changed)


def _changed_folders(sources: Sources) -> list[str]:
    """The folders of the files that changed, all of them files of content that were there before."""
    changed = [path for path in sorted(sources.differing or ()) if not sources.look_again(path)]
    if not all(path.startswith(f"{CONTENT}/") and not path.endswith(FOLDER) for path in changed):
        raise _NotQuietError
    return list(dict.fromkeys(path.rpartition("/")[0] for path in changed))


def _settings(sources: Sources, known: Known) -> tuple[Site, Shared]:
    """What `site.toml` and `data/` say, which has not changed."""
    site, faults = load_site(sources.root)
    shared, more = load_shared(sources.root)
    if site is None or faults or more or known.read_with != (version(), *site.languages):
        raise _NotQuietError
    return site, shared


def _read(sources: Sources, cache: ItemCache, known: Known, path: str, site: Site) -> _Changed:
    """An item anew. Its outline must be what it was."""
    folder = item_folder(sources.root, path)
    plain = known.entries.get(folder.key) if folder else None
    if folder is None or plain is None or Entry(*plain).folder != path:
        raise _NotQuietError
    digests = [sources.digest(name) for name in files_of(folder)]
    key = revision(folder, digests, site.languages)
    entry, warnings = cache.entry(key) or _taken_in(sources, cache, folder, tuple(site.languages), key)
    if outline(entry) != outline(Entry(*plain)):
        raise _NotQuietError
    return _Changed(entry, warnings, [])


def _taken_in(
    sources: Sources, cache: ItemCache, folder: ItemFolder, languages: tuple[str, ...], key: str
) -> tuple[Entry, list[PlainFinding]]:
    for [(_, kept, _)] in read_items(sources, [(folder, key)], languages, 1):
        if kept is not None:
            cache.keep([(key, kept)])
            return Entry(*kept[0]), kept[3]
    raise _NotQuietError


def _check(
    changed: Iterable[_Changed],
    cache: ItemCache,
    known: Known,
    shared: Shared,
    *,
    drafts: bool,
    holds: bool,
) -> None:
    """Check what the changed items refer to. What was found between all items is as it was, but its lines."""
    hidden = known.hidden
    entries = {key: Entry(*known.entries.get(key)) for key in hidden}
    due = Entries(known.entries, [key for key in hidden if not is_due(entries[key], drafts=drafts)])
    for change in changed:
        folder = f"{change.entry.folder}/"
        if any(finding[0].startswith(folder) for finding in known.whole):
            raise _NotQuietError
        if change.entry.key in due:
            change.found = checked(cache.record(change.entry.digest), due, shared, hidden, holds=holds)
        if any(finding_of(plain).severity is Severity.ERROR for plain in change.found):
            raise _NotQuietError


def _bring_up_to_date(known: Known, changed: Iterable[_Changed]) -> None:
    warnings, found = known.warnings, known.checked
    for change in changed:
        key = change.entry.key
        known.entries.set(key, tuple(change.entry))
        for by_key, findings in ((warnings, change.warnings), (found, change.found)):
            by_key.pop(key, None)
            if findings:
                by_key[key] = findings
    known.set_value("warnings", warnings)
    known.set_value("checked", found)
