"""What `build` does where there is something to do: load, select, make, remember."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NoReturn

from tocsin import forks
from tocsin.console.numbers import OF_ITEMS, of_files, of_items
from tocsin.console.published import Published, bytes_of, prepare, prune, published_files
from tocsin.console.quick import CODE, STATE, Look, files_in, is_same_time, sources_in, state_path
from tocsin.errors import ChangedMeanwhileError
from tocsin.files import Output
from tocsin.ledger.register import Stamp
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store, digest
from tocsin.library.cache import ItemCache
from tocsin.library.cache import version as reading_version
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.folders import CONTENT
from tocsin.library.known import Entries, Known
from tocsin.library.library import Library
from tocsin.library.loader import load_library
from tocsin.library.quiet import Moment, load_quietly
from tocsin.library.shared import DATA, SITE_FILE
from tocsin.make.engine import FILE, Result, Work, make
from tocsin.make.look import TouchedFiles
from tocsin.make.noting import Notes
from tocsin.make.select import Changes, Selection, altered_jobs, select, select_as_planned, take_down
from tocsin.make.state import Job, open_state
from tocsin.pictures import DrawnCache
from tocsin.render.jobs import SHARD, plan
from tocsin.render.languages import load_speeches
from tocsin.render.pictures import FOLDER
from tocsin.render.search import shard_group
from tocsin.render.theme import Theme
from tocsin.render.world import ANSWERS, ITEM_FACETS, World
from tocsin.reporting import Reporter

# Which kinds of facets may have another answer when something other than an item has changed.
_THEME_KINDS = frozenset({"template", "word", "style", "script"})
_DATA_KINDS = frozenset({"shared", "speech"}) | _THEME_KINDS
_MIRROR_KINDS = frozenset({"mirrors"})
_CLOCK_KINDS = frozenset({"until", "withdrawn"})
_ENTRY_KINDS = frozenset(ANSWERS) - ITEM_FACETS - _DATA_KINDS - _MIRROR_KINDS - {"until"}
# Those that say of all items of a kind what these say themselves: a quiet edit of such an item changes them.
_TELLING_KINDS = {"page": "menu", "member": "members"}
# An item that was read anew leaves what was read before; when there is so much, the cache is gone through.
_READ_BEFORE_PRUNING = 100


def make_site(
    root: Path,
    output: Path,
    at: datetime,
    workers: int,
    reporter: Reporter,
    seen: Look,
    *,
    drafts: bool,
    clean: bool,
) -> dict[str, Any]:
    """Build under the output's lock; what `quick.look` tells the next time is what is returned."""
    tree = Output(output)
    if output != root / "output":  # where the checkout's own output lies, nothing else may
        tree.check_is_ours()
    with tree.locked():
        recovered = tree.recover()
        if recovered:
            reporter.detail("completed a build that was interrupted")
        with (
            forks.uncollected(),
            closing(_Build(root, tree, at, workers, reporter, seen, drafts=drafts, clean=clean)) as build,
        ):
            return build.run()


# What the program consisted of when this process began, by root: what runs is not what was saved since.
_CODE_OF_THIS_PROCESS: dict[Path, dict[str, tuple[Stamp, str]]] = {}


class _Build:
    """One build under way. `seen` is what was looked at before the lock was taken."""

    def __init__(
        self,
        root: Path,
        tree: Output,
        at: datetime,
        workers: int,
        reporter: Reporter,
        seen: Look,
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
        self.sources = self._sources(seen)
        self._note_code()
        head = self.state.head
        # Nothing is known of a tree that another build left, or that other code made or read for.
        if head and (
            head["save"] != tree.mark or head["code"] != self._code() or head["reading"] != reading_version()
        ):
            self.state.forget()
            code = self.sources.now
            self.sources = self._sources(seen)
            self.sources.now.update(code)
        self.past = self.state.head
        self.known = Known(self.state.value)
        self.files = files_in(self.state)
        self.touched = seen.touched if self._is_seen(seen) and seen.touched else None
        store = Store(root / STATE / "items.sqlite")
        if clean:
            store.discard()
        self.cache = ItemCache(store)
        self.drawn = DrawnCache(root / STATE / "drawn")
        self.indexes = DrawnCache(root / STATE / "search")
        self.is_quiet = False
        # Files that jobs which are done again have made, each with its digest where that is sure.
        self.old: dict[str, str | Literal[False]] = {}
        self.published: dict[Job, Published] | None = None

    def _is_seen(self, seen: Look) -> bool:
        """True where no other build has ended since somebody looked."""
        return bool(seen.save) and self.state.head.get("save") == seen.save

    def _sources(self, seen: Look) -> Sources:
        self.register = sources_in(self.state)
        return Sources(self.root, self.register, seen.begun, seen.differing if self._is_seen(seen) else None)

    def close(self) -> None:
        """Let go of what is remembered."""
        self.state.store.close()
        self.cache.store.close()

    def run(self) -> dict[str, Any]:
        found = self._quietly()
        self.is_quiet = found is not None
        library, items = found or self._as_a_whole()
        self.sources.take_over(self.register.paths_outside())
        theme = Theme(self.root / "theme")
        speeches = load_speeches(theme.locale, library.site, library.shared, self.cache.store)
        head = dict(self.past) if self.is_quiet else self._head(library)
        world = World(
            library,
            speeches,
            theme,
            drawn=self.drawn.drawn,
            indexed=self.indexes.last,
            store=self.cache.store,
            version=digest((head["code"], head["site"])).hex(),
            bytes_of=bytes_of(self.root, library.site.attachments.uncleaned),
        )
        changes = self._changes(head, items, library)
        touched = self.touched or TouchedFiles(self.tree.root, lambda: self.files)
        altered = altered_jobs(self.tree.root, self.files, touched.paths(), self.state)
        if self.is_quiet:
            selection = select_as_planned(self.state, changes, world.answer, altered)
        else:
            self.published = published_files(library.entries)
            jobs = [*plan(library), *sorted(self.published)]
            selection = select(self.state, jobs, changes, world.answer, altered)
        notes = Notes(self.state, changes, world.answer)
        result = self._make(world, selection, notes, altered)
        self._record(notes, selection, result)
        return self._remember(library, selection, result, head, len(items))

    def _quietly(self) -> tuple[Library, frozenset[str]] | None:
        """The library after quiet edits; None where the site has to be loaded as a whole."""
        past = self.past
        if self.sources.differing is None or past["drafts"] != self.drafts or not is_same_time(past, self.at):
            return None
        times = (past[name] and datetime.fromisoformat(past[name]) for name in ("as_of", "next_change"))
        moment = Moment(*times)
        return load_quietly(self.sources, self.cache, self.known, moment, self.reporter, drafts=self.drafts)

    def _as_a_whole(self) -> tuple[Library, frozenset[str]]:
        library, loaded = load_library(
            self.sources,
            self.cache,
            self.at,
            self.reporter,
            known=self.known,
            drafts=self.drafts,
            workers=self.workers,
        )
        self._note_theme()
        return library, self.known.take(loaded, library.lists)

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

    def _head(self, library: Library) -> dict[str, Any]:
        """What the whole site depends on, part by part."""
        return {
            "code": self._code(),
            "site": self._digest_of(lambda path: path == SITE_FILE),
            "theme": self._digest_of(lambda path: path.startswith("theme/")),
            "data": self._digest_of(lambda path: path.startswith(f"{DATA}/")),
            "mirrors": self._digest_of(lambda path: path == MIRRORS_FILE),
            "reading": reading_version(),
            "drafts": self.drafts,
            "as_of": library.as_of.isoformat(),
            "next_change": library.next_change.isoformat() if library.next_change else None,
        }

    def _changes(self, head: Mapping[str, Any], items: frozenset[str], library: Library) -> Changes:
        languages = tuple(library.site.languages)

        def item_facets(key: str) -> Iterable[tuple[Any, ...]]:
            yield ("item", key)
            yield from ((kind, key, language) for kind in ("card", "text") for language in languages)

        everything = self.past.get("site") != head["site"]
        kinds = _told_by(items) if self.is_quiet else self._kinds(head, items)
        return Changes(everything, items, item_facets, kinds)

    def _kinds(self, head: Mapping[str, Any], items: frozenset[str]) -> frozenset[str]:
        """The kinds of facets that may have another answer once the site was loaded as a whole."""
        past, kinds = self.past, set(_ENTRY_KINDS if items else ())
        if past.get("theme") != head["theme"]:
            kinds |= _THEME_KINDS
        if past.get("data") != head["data"]:
            kinds |= _DATA_KINDS
        if past.get("mirrors") != head["mirrors"]:
            kinds |= _MIRROR_KINDS
        if past.get("as_of") != head["as_of"]:
            kinds |= _CLOCK_KINDS
        return frozenset(kinds)

    def _make(self, world: World, selection: Selection, notes: Notes, altered: Collection[Job]) -> Result:
        again = {*selection.todo, *selection.gone}
        if not again:
            self._settle()
            return Result()
        for job in again:
            is_sure = job not in altered  # stamps say that what it made is there
            made = self.state.done(job) or ((), ())
            self.old |= {path: is_sure and value for path, value, *_ in made[0]}
        work = Work(
            jobs=selection.todo,
            files=self._files(world.library, selection),
            kept=lambda path: None if (job := self._owner(path)) in again else job,
            old=self.old if self.past else None,
            workers=self.workers,
            note=notes.take,
            settle=lambda _: self._settle(),
            is_fresh=not self.tree.root.exists(),
            digests=self.old,
        )
        if not selection.todo:
            return make(work, _nothing, _nothing, self.tree, self.reporter)
        # Pelican and what it brings take a fifth of a second to import; faults in sources are told sooner.
        from plugins.build import Build
        from plugins.run import run_pelican

        self.reporter.step("Building")
        store, code = self.cache.store, self._code().hex()
        return run_pelican(Build(self.root, world, work, self.tree, store, self.reporter, code))

    def _owner(self, path: str) -> Job | None:
        """The job that made a file of the tree."""
        kept = None if path in self.old else self.files.get(path)
        return kept and kept[1]

    def _files(self, library: Library, selection: Selection) -> dict[str, Path]:
        """Where the files lie that are to be copied, made ready for that."""
        wanted = [job for job in selection.todo if job[0] == FILE]
        if not wanted:
            return {}
        published = self.published or published_files(library.entries)
        uncleaned = library.site.attachments.uncleaned
        files = [published[job] for job in wanted]
        return prepare(files, self.root, self.workers, self.reporter, uncleaned)

    def _settle(self) -> None:
        """See that all jobs saw the same sources.

        Items are read at once and kept by digest; all else is read when a page first needs it. Code is not
        looked at: what runs was read when the process began.
        """
        code = _CODE_OF_THIS_PROCESS[self.root]
        lazy = [path for path in self.sources.now if not path.startswith(f"{CONTENT}/") and path not in code]
        if changed := self.sources.changed(lazy):
            raise ChangedMeanwhileError(changed)

    def _record(self, notes: Notes, selection: Selection, result: Result) -> None:
        """Put into the state what is known at the end: answers, jobs that are gone, files."""
        notes.finish(selection.gone)
        for path in self.old.keys() - result.outputs.keys():
            self.files.remove(path)
        sure = {
            path for path, written in result.outputs.items() if self.old.get(path) and not written.changed
        }
        take_down(self.tree.root, self.files, result.owners.items(), sure)

    def _remember(
        self, library: Library, selection: Selection, result: Result, head: dict[str, Any], read: int
    ) -> dict[str, Any]:
        """Write the state that the next build starts from; the numbers of the site and of this build."""
        numbers = self._numbers(library, result)
        unpruned = self.past.get("unpruned", 0) + read
        is_due = unpruned > _READ_BEFORE_PRUNING + numbers["items"] // 4
        for path in self.sources.vanished(self.register):
            self.register.remove(path)
        for path, (stamp, value) in self.sources.to_keep().items():
            self.register.set(path, stamp, value)
        name = f"{self.sources.begun:x}"
        values = [*self.register.changed(), *self.files.changed(), *self.known.changed()]
        if selection.plan is not None:
            values.append(("plan", selection.plan))
        head = {**head, "numbers": numbers, "unpruned": 0 if is_due else unpruned}
        self.state.save(name, head, values)
        self.tree.set_mark(name)
        if self.published is not None and any(job[0] == FILE for job in selection.gone):
            prune(self.published.values(), self.root)
        if any(path.startswith(f"{FOLDER}/") for path in result.deleted):  # such as a card with an old title
            self.drawn.prune(self.tree.root / FOLDER)
        for job in selection.gone:
            if job[0] == SHARD:
                self.indexes.drop(shard_group(*job[1:]))
        if is_due:
            self.cache.prune(entry.digest for entry in Entries(self.known.entries, ()).values())
        return numbers

    def _numbers(self, library: Library, result: Result) -> dict[str, Any]:
        """Files are counted by what came and went, all else is known by its lists."""
        came, went = result.outputs.keys() - self.old.keys(), self.old.keys() - result.outputs.keys()
        return {
            **(self._kept_numbers() if self.is_quiet else of_items(library)),
            **of_files(self.past.get("numbers", {}), came, went),
            "languages": len(library.site.languages),
            "changed": len(result.changed),
            "deleted": len(result.deleted),
            "as_of": library.as_of.isoformat(),
            "next_change": library.next_change.isoformat() if library.next_change else None,
        }

    def _kept_numbers(self) -> dict[str, Any]:
        """Those that a quiet edit leaves as they were: nobody needs to read all lists for them."""
        return {name: self.past["numbers"][name] for name in OF_ITEMS}


def _told_by(items: Iterable[str]) -> frozenset[str]:
    """The kinds of facets whose answers tell what the items say, not only which they are."""
    kinds = {key.partition(":")[0] for key in items}
    return frozenset(_TELLING_KINDS[kind] for kind in kinds & _TELLING_KINDS.keys())


def _nothing(_: object) -> NoReturn:
    """What is done for a job where there is none: only deleting."""
    raise AssertionError("there is no job")
