"""What `build` does where there is something to do: load, select, make, remember."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from tocsin.attachments import cleaned, prune
from tocsin.console.quick import CODE, STATE, state_path
from tocsin.errors import AttachmentError, ChangedMeanwhileError, ContentError, Finding
from tocsin.files import Output
from tocsin.ledger.sources import Sources, Stamp
from tocsin.ledger.store import Store, digest
from tocsin.library.cache import ItemCache
from tocsin.library.cache import version as reading_version
from tocsin.library.entry import Entry, picture_of
from tocsin.library.folders import CONTENT
from tocsin.library.loader import Known, load_library
from tocsin.library.shared import DATA, SITE_FILE
from tocsin.make.engine import FILE, Result, Work, make
from tocsin.make.select import Changes, KeptFile, Selection, altered_jobs, kept_files, select
from tocsin.make.state import Facet, Job, State, open_state
from tocsin.pictures import Picture, PictureCache, encode_all
from tocsin.render.jobs import plan
from tocsin.render.languages import load_speeches
from tocsin.render.pictures import FOLDER
from tocsin.render.theme import Theme
from tocsin.render.world import ANSWERS, ITEM_FACETS, World
from tocsin.reporting import Reporter

# Which kinds of facets may have another answer when something other than an item has changed.
_THEME_KINDS = frozenset({"template", "word", "style"})
_DATA_KINDS = frozenset({"shared", "speech"}) | _THEME_KINDS
_CLOCK_KINDS = frozenset({"until"})
_ENTRY_KINDS = frozenset(ANSWERS) - ITEM_FACETS - _DATA_KINDS - _CLOCK_KINDS


def make_site(
    root: Path, output: Path, at: datetime, workers: int, reporter: Reporter, *, drafts: bool, clean: bool
) -> dict[str, Any]:
    """Build under the output's lock; what `nothing_to_do` tells the next time is what is returned."""
    tree = Output(output)
    if output != root / "output":  # where the checkout's own output lies, nothing else may
        tree.check_is_ours()
    with tree.locked():
        recovered = tree.recover()
        if recovered:
            reporter.detail("completed a build that was interrupted")
        with closing(_Build(root, tree, at, workers, reporter, drafts=drafts, clean=clean)) as build:
            return build.run()


# What the program consisted of when this process began, by root: what runs is not what was saved since.
_CODE_OF_THIS_PROCESS: dict[Path, dict[str, tuple[Stamp, str]]] = {}


@dataclass(frozen=True, slots=True)
class _Past:
    """The parts of the state that are read as wholes."""

    head: Mapping[str, Any]
    sources: Mapping[str, Any]
    known: Known
    files: dict[str, KeptFile]


class _Build:
    """One build under way."""

    def __init__(
        self,
        root: Path,
        tree: Output,
        at: datetime,
        workers: int,
        reporter: Reporter,
        *,
        drafts: bool,
        clean: bool,
    ) -> None:
        self.root = root
        self.tree = tree
        self.at = at
        self.workers = workers
        self.reporter = reporter
        self.drafts = drafts
        self.state = open_state(state_path(root, tree.root), ITEM_FACETS, clean=clean)
        self.sources = Sources(root, self.state.value("sources", {}), time.time_ns())
        self._note_code()
        head = self.state.head
        # Nothing is known of a tree that another build left, or that other code made.
        if head and (head["save"] != tree.mark or head["code"] != self._code()):
            self.state.forget()
        self.past = _past(self.state)
        store = Store(root / STATE / "items.sqlite")
        if clean:
            store.discard()
        self.cache = ItemCache(store)
        self.answers: dict[Facet, bytes] = {}

    def close(self) -> None:
        """Let go of what is remembered."""
        self.state.store.close()
        self.cache.store.close()

    def run(self) -> dict[str, Any]:
        library, known = load_library(
            self.sources,
            self.cache,
            self.at,
            self.reporter,
            known=self.past.known,
            drafts=self.drafts,
            workers=self.workers,
        )
        self._note_theme()
        theme = Theme(self.root / "theme")
        speeches = load_speeches(theme.locale, library.site, library.shared, self.cache.store)
        world = World(library, speeches, theme)
        head = self._head(world)
        files = _published_files(library.entries)
        jobs = [*plan(library), *sorted(files)]
        changes = self._changes(head, world, known)
        altered, same = altered_jobs(self.tree.root, self.past.files, self.state)
        self.past.files.update(same)
        selection = select(self.state, jobs, changes, world.answer, altered)
        result = self._make(world, selection, files, changes)
        self._record(selection, result)
        self._remember(world, selection, result, known, head)
        return self._numbers(world, result)

    def _note_code(self) -> None:
        """Code and configuration are sources too: those that this process began with, while it runs."""
        if self.root not in _CODE_OF_THIS_PROCESS:
            for folder, pattern in CODE:
                for path in sorted((self.root / folder).glob(pattern)):
                    if path.is_file() and "__pycache__" not in path.parts:
                        self.sources.digest(path.relative_to(self.root).as_posix())
            _CODE_OF_THIS_PROCESS[self.root] = dict(self.sources.now)
        self.sources.now.update(_CODE_OF_THIS_PROCESS[self.root])

    def _code(self) -> bytes:
        code = _CODE_OF_THIS_PROCESS[self.root]
        return digest(sorted((path, value) for path, (_, value) in code.items()))

    def _note_theme(self) -> None:
        """With the theme's, all stamps of the site are known."""
        theme = self.root / "theme"
        for path in sorted([theme, *theme.rglob("*")]):
            shown = path.relative_to(self.root).as_posix()
            if path.is_dir():
                self.sources.folder(shown)
            elif path.is_file():  # not the links to nowhere that some editors' programs make
                self.sources.digest(shown)

    def _digest_of(self, wanted: Callable[[str], bool]) -> bytes:
        return digest(sorted((path, value) for path, (_, value) in self.sources.now.items() if wanted(path)))

    def _head(self, world: World) -> dict[str, Any]:
        """What the whole site depends on, part by part."""
        next_change = world.library.next_change
        return {
            "code": self._code(),
            "site": self._digest_of(lambda path: path == SITE_FILE),
            "theme": self._digest_of(lambda path: path.startswith("theme/")),
            "data": self._digest_of(lambda path: path.startswith(f"{DATA}/")),
            "reading": reading_version(),
            "drafts": self.drafts,
            "as_of": world.library.as_of.isoformat(),
            "next_change": next_change.isoformat() if next_change else None,
        }

    def _changes(self, head: Mapping[str, Any], world: World, known: Known) -> Changes:
        past = self.past.head
        items = _changed_keys(self.past.known.entries, known.entries, world, past.get("public", ()))
        kinds: set[str] = set()
        if items:
            kinds |= _ENTRY_KINDS
        if past.get("theme") != head["theme"]:
            kinds |= _THEME_KINDS
        if past.get("data") != head["data"]:
            kinds |= _DATA_KINDS
        if past.get("as_of") != head["as_of"]:
            kinds |= _CLOCK_KINDS
        languages = tuple(world.library.site.languages)

        def item_facets(key: str) -> Iterable[tuple[Any, ...]]:
            yield ("item", key)
            yield from (("card", key, language) for language in languages)

        everything = past.get("site") != head["site"]
        return Changes(everything, items, item_facets, frozenset(kinds))

    def _make(
        self, world: World, selection: Selection, files: Mapping[Job, _Published], changes: Changes
    ) -> Result:
        todo = frozenset(selection.todo)
        gone = frozenset(selection.gone)
        if not todo and not gone:
            self._settle(world, Result(), changes)
            return Result()
        places = self._prepare([job for job in selection.todo if job[0] == FILE], files)
        kept = {
            path: job for path, (*_, job) in self.past.files.items() if job not in todo and job not in gone
        }
        work = Work(
            jobs=selection.todo,
            files=places,
            kept=kept,
            old=self.past.files if self.past.files else None,
            workers=self.workers,
            settle=lambda result: self._settle(world, result, changes),
            is_fresh=not self.tree.root.exists(),
        )
        if not todo:
            return make(work, _nothing, _nothing, self.tree, self.reporter)
        # Pelican and what it brings take a fifth of a second to import; faults in sources are told sooner.
        from plugins.build import Build
        from plugins.run import run_pelican

        self.reporter.step("Building")
        store, code = self.cache.store, self._code().hex()
        return run_pelican(Build(self.root, world, work, self.tree, store, self.reporter, code))

    def _settle(self, world: World, result: Result, changes: Changes) -> None:
        """Take down the answers that jobs got, and see that all of them saw the same sources.

        Items are read at once and kept by digest; all else is read when a page first needs it. Code is not
        looked at: what runs was read when the process began.
        """
        for facet in {facet for facets in result.facets.values() for facet in facets}:
            use = self.state.use(facet)
            if use is None or changes.may_differ(facet, use[0]):
                self.answers[facet] = digest(world.answer(facet))
        code = _CODE_OF_THIS_PROCESS[self.root]
        lazy = [path for path in self.sources.now if not path.startswith(f"{CONTENT}/") and path not in code]
        if changed := self.sources.changed(lazy):
            raise ChangedMeanwhileError(changed)

    def _prepare(self, jobs: list[Job], files: Mapping[Job, _Published]) -> dict[str, Path]:
        """Encode pictures and clean documents that are to be copied; where each lies, by its address."""
        wanted = [files[job] for job in jobs]
        cache = PictureCache(self.root / STATE / "pictures")
        pictures = {file.source: file.picture for file in wanted if file.picture is not None}
        to_encode = [(name, (self.root / name).read_bytes, own) for name, own in sorted(pictures.items())]

        def progress(done: int, total: int, label: str) -> None:
            self.reporter.progress("pictures", done, total)

        faults = encode_all(to_encode, cache, self.workers, progress) if to_encode else []
        places: dict[str, Path] = {}
        for file in wanted:
            if file.picture is not None:
                places[file.address] = cache.folder / file.address.removeprefix(f"{FOLDER}/")
                continue
            try:
                documents = self.root / STATE / "documents"
                places[file.address] = cleaned(self.root / file.source, file.digest, documents)
            except AttachmentError as error:
                faults.append(Finding(file.source, 0, str(error), "unclean-file"))
        if faults:
            raise ContentError(faults)
        return places

    def _record(self, selection: Selection, result: Result) -> None:
        """Put into the state what each job made and asked, and the answers that it got."""
        for job in selection.gone:
            self.state.remove(job)
        for job in selection.todo:
            outputs = tuple(written.as_record() for written in result.by_job.get(job, ()))
            self.state.set_done(job, outputs, result.facets.get(job, ()))
        for facet, answer in self.answers.items():
            self.state.set_answer(facet, answer)

    def _remember(
        self, world: World, selection: Selection, result: Result, known: Known, head: dict[str, Any]
    ) -> None:
        """Write the state that the next build starts from."""
        todo, gone = frozenset(selection.todo), frozenset(selection.gone)
        files = {
            path: kept
            for path, kept in self.past.files.items()
            if kept[3] not in todo and kept[3] not in gone
        }
        files |= kept_files(self.tree.root, result.owners.items())
        self.files = files
        head = {**head, "public": tuple(world.library.entries), "numbers": self._numbers(world, result)}
        name = f"{self.sources.begun:x}"
        self.state.save(
            name,
            head,
            [
                ("sources", self.sources.to_keep()),
                ("entries", known.entries),
                ("warnings", known.warnings),
                ("checked", known.checked),
                ("referents", known.referents),
                ("plan", selection.plan),
                ("files", files),
            ],
        )
        self.tree.set_mark(name)
        if todo or gone:
            self._prune(world)
            self.cache.prune(Entry(*entry).digest for entry in known.entries.values())

    def _prune(self, world: World) -> None:
        """Forget renditions and copies of what is no longer published."""
        published = _published_files(world.library.entries).values()
        pictures = [file.picture for file in published if file.picture is not None]
        PictureCache(self.root / STATE / "pictures").prune(pictures)
        prune(self.root / STATE / "documents", (file.digest for file in published if file.picture is None))

    def _numbers(self, world: World, result: Result) -> dict[str, Any]:
        next_change = world.library.next_change
        return {
            "items": len(world.library.entries),
            "texts": world.library.texts,
            "pages": sum(1 for path in self.files if path.endswith(".html")),
            "languages": len(world.library.site.languages),
            "feeds": sum(1 for path in self.files if path.endswith((".rss", ".atom", ".json"))),
            "files": len(self.files),
            "changed": len(result.changed),
            "deleted": len(result.deleted),
            "as_of": world.library.as_of.isoformat(),
            "next_change": next_change.isoformat() if next_change else None,
        }


def _past(state: State) -> _Past:
    head = state.head
    if head.get("reading") != reading_version():  # what was read by other code may look different
        return _Past(head, state.value("sources", {}), Known(), state.value("files", {}))
    known = Known(
        entries=state.value("entries", {}),
        warnings=state.value("warnings", {}),
        checked=state.value("checked", {}),
        referents=state.value("referents", Known().referents),
    )
    return _Past(head, state.value("sources", {}), known, state.value("files", {}))


def _changed_keys(
    before: Mapping[str, tuple[Any, ...]],
    now: Mapping[str, tuple[Any, ...]],
    world: World,
    public: Iterable[str],
) -> frozenset[str]:
    """The items that came, went, changed, or became public or hidden."""
    changed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
    return frozenset(changed | (set(public) ^ set(world.library.entries)))


def _nothing(_: object) -> NoReturn:
    """What is done for a job where there is none: only deleting."""
    raise AssertionError("there is no job")


class _Published(NamedTuple):
    """A file that is published beside pages: a rendition of a picture, or a cleaned document."""

    address: str
    source: str
    digest: str
    picture: Picture | None


def _published_files(entries: Mapping[str, Entry]) -> dict[Job, _Published]:
    """Every such file of the site by the job that puts it into the output.

    The digest is part of the job's name, so that a document with new content is a new job.
    """
    found: dict[Job, _Published] = {}
    for entry in entries.values():
        for name, plain in entry.pictures:
            picture = picture_of(plain)
            for rendition in picture.renditions:
                address = f"{FOLDER}/{rendition.name}"
                file = _Published(address, f"{entry.folder}/{name}", picture.digest, picture)
                found[FILE, address, picture.digest] = file
        for address, name, digest_ in entry.documents:
            found[FILE, address, digest_] = _Published(address, f"{entry.folder}/{name}", digest_, None)
    return found
