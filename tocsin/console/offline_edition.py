"""Making an offline edition: what of the site may be handed on, as pages that open from a folder."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from plugins.build import Build
from plugins.run import run_pelican
from tocsin.checks.links import check_links
from tocsin.console.published import bytes_of, prepare, published_files
from tocsin.console.quick import CODE, STATE
from tocsin.errors import BuildError, ContentError, Finding
from tocsin.files import Output
from tocsin.leaks import gate
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store
from tocsin.library.cache import ItemCache
from tocsin.library.hidden import collect_unpublished
from tocsin.library.library import Library
from tocsin.library.loader import load_library
from tocsin.library.withheld import read_terms
from tocsin.make.engine import Work
from tocsin.offline.links import lead
from tocsin.offline.permanent import RECALLABLE, permanent_part
from tocsin.offline.verifying import PublicLines, verify_texts
from tocsin.pictures import DrawnCache
from tocsin.render.jobs import plan_offline
from tocsin.render.languages import Speech, load_speeches
from tocsin.render.stamps import host_of
from tocsin.render.theme import Theme
from tocsin.render.world import Offline, World
from tocsin.reporting import Reporter
from tocsin.signed.edition import OFFLINE, About


@dataclass(frozen=True, slots=True)
class Wanted:
    """An offline edition to be made: its languages, of which release, signed when and until when.

    `people` may sign releases. `as_of` is an instant with zone.
    """

    languages: tuple[str, ...]
    release: str
    as_of: datetime
    signed: date
    expires: date
    people: Sequence[PublicLines]


@dataclass(frozen=True, slots=True)
class Made:
    """The files of an offline edition but for those that prove them, and what it says of itself."""

    files: Mapping[str, bytes]
    about: About


def make_offline(root: Path, wanted: Wanted, workers: int, reporter: Reporter) -> Made:
    """Make an offline edition of the site below `root` as it was public at `wanted.as_of`.

    Raise `ContentError` for faults of the sources, for whatever may not be handed on, and for dead links.
    """
    reporter.step("Making the offline edition")
    with tempfile.TemporaryDirectory(prefix="tocsin-offline-") as folder:
        made = _Making(root, wanted, workers, reporter).make(Path(folder))
        reporter.step("Checking")
        _check(root, wanted.as_of, made, Path(folder) / "checked", workers)
    return made


class _Making:
    """One offline edition under way."""

    def __init__(self, root: Path, wanted: Wanted, workers: int, reporter: Reporter) -> None:
        self.root = root
        self.wanted = wanted
        self.workers = workers
        self.reporter = reporter

    def make(self, folder: Path) -> Made:
        with closing(Store(self.root / STATE / "items.sqlite")) as store:
            cache, sources = ItemCache(store), Sources(self.root, {}, 0)
            whole = load_library(sources, cache, self.wanted.as_of, self.reporter, workers=self.workers)[0]
            library = permanent_part(whole, self.wanted.languages)
            theme = Theme(self.root / "theme")
            speeches = load_speeches(theme.locale, whole.site, whole.shared, store)
            tree = Output(folder / "tree")
            build = Build(
                self.root,
                self._world(library, speeches, theme),
                self._work(library),
                tree,
                store,
                self.reporter,
                code_of(self.root),
            )
            result = run_pelican(build)
        if stamped := sorted(path for path, written in result.outputs.items() if written.stamps):
            raise BuildError(f"{stamped[0]} names the address of a mirror, which offline editions have none")
        texts = verify_texts(library.site, speeches, self.wanted.people)
        paths = {*result.outputs, *texts}
        pages = {
            path: _finished(path, (tree.root / path).read_bytes(), paths) for path in sorted(result.outputs)
        }
        return Made({**pages, **texts}, self._about(library))

    def _world(self, library: Library, speeches: Mapping[str, Speech], theme: Theme) -> World:
        return World(
            library,
            speeches,
            theme,
            drawn=DrawnCache(self.root / STATE / "drawn").drawn,
            bytes_of=bytes_of(self.root, library.site.attachments.uncleaned),
            offline=Offline(self.wanted.release, self.wanted.signed, self.wanted.expires),
        )

    def _work(self, library: Library) -> Work:
        published = published_files(library.entries)
        uncleaned = library.site.attachments.uncleaned
        files = prepare(published.values(), self.root, self.workers, self.reporter, uncleaned)
        return Work(
            jobs=[*plan_offline(library), *sorted(published)],
            files=files,
            kept=lambda path: None,
            old=None,
            workers=self.workers,
            is_fresh=True,
        )

    def _about(self, library: Library) -> About:
        return About(
            site=host_of(library.site.address),
            edition=OFFLINE,
            address="",
            release=self.wanted.release,
            as_of=library.as_of.isoformat().replace("+00:00", "Z"),
            date=self.wanted.signed.isoformat(),
            expires=self.wanted.expires.isoformat(),
            languages=tuple(library.site.languages),
        )


def code_of(root: Path) -> str:
    """The digest of the program and its settings, which compiled templates depend on."""
    digest = hashlib.sha256()
    for folder, pattern in CODE:
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _finished(path: str, data: bytes, paths: Collection[str]) -> bytes:
    return lead(data.decode(), path, paths).encode() if path.endswith(".html") else data


def _check(root: Path, at: datetime, made: Made, folder: Path, workers: int) -> None:
    """Look at the edition as strangers will, and refuse what leads nowhere or tells too much."""
    tree = Output(folder)
    tree.begin()
    for path, data in made.files.items():
        tree.put(path, data)
    tree.commit(made.files, ())
    languages = made.about.languages

    def narrow(library: Library) -> Library:
        return permanent_part(library, languages)

    hidden = collect_unpublished(root, at, root / STATE, narrow, RECALLABLE)
    leaks = gate(folder, read_terms(root) or (), hidden, workers=workers)
    findings: list[Finding] = [*check_links(folder).findings, *leaks.findings]
    if findings:
        raise ContentError(findings)
