"""Loading: everything is read and checked before anything is written, and every fault is reported at once.

A folder whose content is known (by digest) is not read again, and an item that did not change is not checked
again unless something that it could refer to went away. What is known comes from the last build (`Known`) and
from the cache; without either, everything is read, on all processors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from tocsin import forks
from tocsin.errors import ContentError, DamagedStoreError, Finding, Severity
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store, chunks, digest
from tocsin.library import clock
from tocsin.library.cache import (
    ItemCache,
    Kept,
    PlainFinding,
    finding_of,
    plain_finding,
    revision,
    version,
)
from tocsin.library.elsewhere import MIRRORS_FILE, load_elsewhere
from tocsin.library.entry import Entry
from tocsin.library.expiry import check_expiry, turns_of
from tocsin.library.folders import CONTENT, ItemFolder, item_folders
from tocsin.library.guarded import Wanted, files_of, read_items
from tocsin.library.intake import ItemRecord, build_item
from tocsin.library.known import NEVER_PUBLIC, WITHDRAWN, Entries, Known, Loaded
from tocsin.library.library import Library
from tocsin.library.references import check_item, check_whole
from tocsin.library.risks import review_fault
from tocsin.library.shared import DATA, PRIVATE_FILES, SITE_FILE, Shared, load_shared, load_site
from tocsin.model.items import FOLDERS
from tocsin.model.mirrors import MirrorFacts
from tocsin.model.site import Site
from tocsin.model.text import LANGUAGE
from tocsin.reporting import Reporter

# Items of which each can be asked for by itself, or checked at once by one worker.
FEW = 200
# Files that one worker reads at once for their digests.
FILES_A_PIECE = 400


class _Load:
    """One load under way."""

    def __init__(
        self, sources: Sources, cache: ItemCache, known: Known, reporter: Reporter, workers: int
    ) -> None:
        self.sources = sources
        self.cache = cache
        self.known = known
        self.reporter = reporter
        self.workers = workers
        self.findings: list[Finding] = []
        self.unread: dict[str, str] = {}
        self.next = Loaded()
        self.entries = self.next.entries

    def shared(self) -> tuple[Site | None, Shared]:
        """What `site.toml` and `data/` say. They are looked at first, then read: see `Sources.changed`."""
        root = self.sources.root
        if (root / SITE_FILE).is_file():
            self.sources.digest(SITE_FILE)
        if (root / DATA).is_dir():
            self.sources.folder(DATA)
            for path in sorted((root / DATA).glob("*.toml")):
                if path.name not in PRIVATE_FILES and path.is_file():
                    self.sources.digest(f"{DATA}/{path.name}")
        site, faults = load_site(root)
        shared, more = load_shared(root)
        self.findings += [*faults, *more]
        return site, shared

    def mirrors(self) -> Mapping[str, MirrorFacts]:
        """The mirrors that readers are told of."""
        self.sources.digest_if_there(MIRRORS_FILE)
        mirrors, faults = load_elsewhere(self.sources.root)
        self.findings += faults
        return mirrors

    def items(self, site: Site | None) -> None:
        """Fill `entries`, reading what is not known."""
        taken_over = self._as_they_were(site)
        folders, faults = item_folders(self.sources.root, self.sources.folder, taken_over.get)
        self.findings += faults + _same_address(folders)
        languages = tuple(site.languages) if site else _languages_written(folders)
        self.next.read_with = (version(), *languages)
        old, warnings = {entry.folder: entry for entry in self._old.values()}, self.known.warnings
        unknown: list[tuple[ItemFolder, str]] = []
        self._see(folder for folder in folders if folder.path not in taken_over)
        for folder in folders:
            entry = old.get(folder.path)
            if entry is not None and folder.path in taken_over:
                self._add(entry, warnings.get(entry.key, []))
                continue
            key = revision(folder, [self.sources.digest(path) for path in files_of(folder)], languages)
            if entry is not None and entry.digest == key:
                self._add(entry, warnings.get(entry.key, []))
            else:
                unknown.append((folder, key))
        self._read(unknown, languages)

    def _see(self, folders: Iterable[ItemFolder]) -> None:
        """Look at many new files on all processors; few are looked at when their digests are asked for."""
        pieces = list(
            chunks(
                self.sources.unknown(path for folder in folders for path in files_of(folder)), FILES_A_PIECE
            )
        )
        if len(pieces) > 1:
            for number, seen in forks.run(self.sources.see, pieces, self.workers):
                self.sources.take_in(pieces[number], seen)

    def _as_they_were(self, site: Site | None) -> dict[str, ItemFolder]:
        """The folders of items that are taken over without a look, by path.

        They hold the names and the bytes that they held, no folders, and are read as they were. The names of
        files without text are not told, since nobody reads them.
        """
        if site is None or self.known.read_with != (version(), *site.languages):
            return {}
        inner = self.sources.folders_with_folders()
        return {
            entry.folder: ItemFolder(entry.kind, entry.slug, entry.folder, entry.languages, ())  # type: ignore[arg-type]
            for entry in self._old.values()
            if entry.folder not in inner and self.sources.is_as_known(entry.folder)
        }

    @cached_property
    def _old(self) -> Mapping[str, Entry]:
        """The entries that were known."""
        return dict(Entries(self.known.entries, ()))

    def _add(self, entry: Entry, warnings: list[PlainFinding]) -> None:
        self.entries[entry.key] = entry
        if warnings:
            self.next.warnings[entry.key] = warnings

    def _read(self, unknown: list[tuple[ItemFolder, str]], languages: tuple[str, ...]) -> None:
        # To ask for a few is quicker than to list all, and to list all than to ask for many.
        cached = self.cache.known() if len(unknown) > FEW else {key for _, key in unknown}
        to_read = []
        for folder, key in unknown:
            found = self.cache.entry(key) if key in cached else None
            if found is None:
                to_read.append((folder, key))
            else:
                self._add(*found)
        done = 0
        # Until it is read, nobody can say that a link to it leads nowhere.
        self.unread.update((folder.key, "") for folder, _ in to_read)
        for results in read_items(self.sources, to_read, languages, self.workers):
            self._take(results)
            done += len(results)
            self.reporter.progress("items", done, len(to_read))

    def _take(self, results: Iterable[tuple[Wanted, Kept | None, list[Finding]]]) -> None:
        to_keep = []
        for (folder, key), kept, faults in results:
            self.findings += faults
            if kept is not None:  # of others the own faults are told; that links lead to them is not one more
                self.unread.pop(folder.key, None)
                to_keep.append((key, kept))
                self._add(Entry(*kept[0]), kept[3])
        self.cache.keep(to_keep)

    def record(self, key: str) -> ItemRecord:
        return self.cache.record(self.entries[key].digest)

    def references(
        self, hidden: Mapping[str, str], shared: Shared, site: Site | None, *, drafts: bool
    ) -> None:
        """Check what refers to what; of unchanged items only where something that they may need went away.

        Items under embargo are checked as well, so that nothing is found to be wrong at the hour of release.
        """
        due = {key: entry for key, entry in sorted(self.entries.items()) if is_due(entry, drafts=drafts)}
        holds = site is not None and site.links.to_hidden == "hold"
        absent = {**hidden, **self.unread}
        data = [path for path in sorted(self.sources.now) if path.startswith(f"{DATA}/")]
        shared_digest = digest(([self.sources.now[path][1] for path in data], holds))
        # An item that waits longer than another may not be led to from there.
        waits = {key: self.entries[key].embargo for key in absent.keys() & self.entries.keys()}
        absent_digest = digest((sorted(absent.items()), sorted(waits.items())))
        before = self.known.referents
        nothing_gone = before[0] == shared_digest and before[1] <= due.keys() and before[2] == absent_digest
        self.next.referents = (shared_digest, frozenset(due), absent_digest)
        whole = check_whole(due, self.entries, self.record, absent, shared)
        self.next.whole = [plain_finding(finding) for finding in whole]
        found, wanted = self.known.checked, []
        for key, entry in due.items():
            if not (nothing_gone and key in before[1] and self._is_unchanged(key, entry)):
                wanted.append(key)

        def check(keys: list[str]) -> list[list[PlainFinding]]:
            return [checked(self.record(key), due, shared, absent, holds=holds) for key in keys]

        pieces = list(chunks(wanted, FEW))
        for number, findings in forks.run(check, pieces, self.workers):
            found.update(zip(pieces[number], findings, strict=True))
        self.next.checked.update((key, found[key]) for key in due if found.get(key))

    def reviews(self, public: Iterable[Entry], at: datetime) -> None:
        """Find whose day of review has passed."""
        for entry in public:
            if entry.review and (fault := review_fault(self.record(entry.key), entry.review, at.date())):
                self.findings.append(fault)

    def _is_unchanged(self, key: str, entry: Entry) -> bool:
        old = self._old.get(key)
        return old is not None and old.digest == entry.digest

    def all_findings(self) -> list[Finding]:
        return [*self.findings, *map(finding_of, self.next.findings())]


def load_library(
    sources: Sources,
    cache: ItemCache,
    at: datetime,
    reporter: Reporter,
    *,
    known: Known | None = None,
    drafts: bool = False,
    workers: int = 1,
) -> tuple[Library, Loaded]:
    """Read the whole site as it is public at `at` (an instant with zone), and what to remember of it.

    Warnings go to the reporter; errors raise one `ContentError` that carries them all.
    """
    reporter.step("Reading content")
    load = _Load(sources, cache, known or Known(), reporter, workers)
    site, shared = load.shared()
    mirrors = load.mirrors()
    load.items(site)
    load.next.hidden = hidden = _hidden(load.entries, at, drafts=drafts)
    public = {key: load.entries[key] for key in sorted(load.entries) if key not in hidden}
    load.references(hidden, shared, site, drafts=drafts)
    load.reviews(public.values(), at)
    if site is not None:
        load.next.whole += map(plain_finding, check_expiry(sources.root, site, at))
    raise_or_report(load.all_findings(), reporter)
    if site is None:  # a fault, raised above
        raise ContentError(load.findings)
    turns = {turn for entry in load.entries.values() for turn in entry.turns}
    turns |= _ends_of_tombstones(load.entries.values(), site)
    months = site.lists.addressee_months
    changes = list(clock.instants(turns, shared.addressees.values(), months, turns_of(site)))
    library = Library(
        site=site,
        shared=shared,
        as_of=clock.round_down(at, changes),
        next_change=clock.next_after(at, changes),
        entries=public,
        read_item=lambda key: cache.item(public[key].digest),
        read_texts=lambda key, language: cache.texts(public[key].digest, language),
        withdrawn={key: load.entries[key] for key in sorted(hidden) if hidden[key] == WITHDRAWN},
        with_drafts=drafts,
        mirrors=mirrors,
        embargoes=tuple(
            sorted(
                entry.embargo
                for key in hidden
                if _waits(entry := load.entries[key], at) and not entry.withdrawn
            )
        ),
    )
    return library, load.next


def is_due(entry: Entry, *, drafts: bool) -> bool:
    """True of what is public or will be."""
    return not entry.withdrawn and (drafts or not entry.draft)


def _ends_of_tombstones(entries: Iterable[Entry], site: Site) -> set[str]:
    """The instants from which feeds no longer tell of what was withdrawn."""
    instants = {instant for entry in entries for _, instant in entry.withdrawals}
    days = timedelta(site.feeds.days)
    return {(datetime.fromisoformat(instant) + days).isoformat() for instant in instants}


def checked(
    record: ItemRecord,
    due: Mapping[str, Entry],
    shared: Shared,
    absent: Mapping[str, str],
    *,
    holds: bool,
) -> list[PlainFinding]:
    """What is wrong between one item and what it refers to; `holds` says that links to hidden items wait."""
    found = check_item(build_item(record), record, due, shared, absent, holds=holds)
    return [plain_finding(finding) for finding in found]


def _hidden(entries: Mapping[str, Entry], at: datetime, *, drafts: bool) -> dict[str, str]:
    """The items that are not public at `at`, each with the reason."""
    hidden = {}
    for key, entry in entries.items():
        if entry.withdrawn:
            hidden[key] = NEVER_PUBLIC if entry.draft or _waits(entry, at) else WITHDRAWN
        elif entry.draft and not drafts:
            hidden[key] = "is a draft"
        elif _waits(entry, at):
            end = datetime.fromisoformat(entry.embargo)
            hidden[key] = f"is under embargo until {end:%Y-%m-%d %H:%M} UTC"
    return hidden


def _waits(entry: Entry, at: datetime) -> bool:
    """True under embargo; a draft waits for its editor."""
    return bool(entry.embargo) and not entry.draft and datetime.fromisoformat(entry.embargo) > at


def _languages_written(folders: Iterable[ItemFolder]) -> tuple[str, ...]:
    """Every language that some file is named after: to read content where site.toml cannot be read."""
    written = {language for folder in folders for language in folder.languages}
    return tuple(sorted(filter(LANGUAGE.fullmatch, written)))


def _same_address(folders: list[ItemFolder]) -> list[Finding]:
    """Two folders that would stand at one address of the site."""
    taken = {
        f"{FOLDERS['page']}/members": ItemFolder("page", "members", f"{CONTENT}/{FOLDERS['member']}", (), ()),
        f"{FOLDERS['page']}/addresses": ItemFolder("page", "addresses", MIRRORS_FILE, (), ()),
    }
    findings = []
    for folder in folders:
        address = f"{FOLDERS[folder.kind]}/{folder.slug}"
        if address in taken:
            other = taken[address].path
            message = f"has the address /{address}/, which {other} has already; rename one of the two folders"
            rule = "duplicate-slug" if taken[address].kind == folder.kind else "same-address"
            findings.append(Finding(folder.path, 0, message, rule))
        taken.setdefault(address, folder)
    return findings


def raise_or_report(findings: list[Finding], reporter: Reporter) -> None:
    """Tell what was found; raise `ContentError` where an error is among it."""
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise ContentError(findings)
    for finding in sorted(findings):
        reporter.finding(finding)


def load_once(root: Path, at: datetime, reporter: Reporter, state: Path, *, drafts: bool = False) -> Library:
    """Load a site outside a build, for tasks that only look at it. `state` is where the cache lies."""
    cache = ItemCache(Store(state / "items.sqlite"))
    for attempt in (1, 2):
        try:
            sources = Sources(root, {}, 0)
            return load_library(sources, cache, at, reporter, drafts=drafts, workers=forks.processors())[0]
        except DamagedStoreError:
            if attempt == 2:
                raise
            cache.store.discard()
    raise AssertionError("the second attempt returns or raises")
