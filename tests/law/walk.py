"""A walk: edits and accidents one after the other, a build after each, compared with clean builds.

Builds run in this process, as `serve` runs them; clean builds run in a process of their own, from a copy of
the sources under another path, without anything that is remembered.
"""

import contextlib
import hashlib
import os
import pickle
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.law.desk import KINDS, SETTINGS, Desk
from tests.law.edits import EDITS, mend, names_by_weight
from tocsin import files
from tocsin.console.build import build_site
from tocsin.console.quick import STATE, state_path
from tocsin.errors import BuildError, ContentError, TocsinError
from tocsin.ledger import store
from tocsin.library import guarded
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.make import engine
from tocsin.make import look as make_look
from tocsin.reporting import BufferReporter

Step = tuple[str, int]
SOURCES = ("content", "data", "theme")
Tree = dict[str, str]


@dataclass
class Told:
    """How a build ended: numbers of the site or what was wrong; `warnings` where everything was looked at."""

    numbers: dict[str, Any] | None
    fault: str = ""
    warnings: list[str] | None = None

    @property
    def site(self) -> dict[str, Any] | None:
        """The numbers that do not depend on what was there before."""
        if self.numbers is None:
            return None
        return {name: value for name, value in self.numbers.items() if name not in {"changed", "deleted"}}


def tree_of(folder: Path) -> Tree:
    """Every file with the digest of its bytes."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink() or path.is_file():
            data = b"a link" if path.is_symlink() else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def build(
    root: Path, output: Path, desk: Desk, *, workers: int = 1, drafts: bool = False, clean: bool = False
) -> Told:
    """Build in this process."""
    reporter = BufferReporter()
    known = list(sys.path)
    try:
        numbers = build_site(
            root, output, at=desk.at, workers=workers, reporter=reporter, drafts=drafts, clean=clean
        )
    except ContentError as error:
        return Told(None, "\n".join(map(str, error.findings)))
    except TocsinError as error:
        return Told(None, str(error))
    finally:
        sys.path[:] = known  # the settings file puts its folder there
    looked = "Reading content" in reporter.steps
    return Told(numbers, "", sorted(set(map(str, reporter.findings))) if looked else None)


class Child:
    """A forked process that runs a function and sends back what it returns."""

    def __init__(self, work: Callable[[], Any]) -> None:
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(reading)
                os.setpgid(0, 0)
                answer = pickle.dumps(work())
                with os.fdopen(writing, "wb") as pipe:
                    pipe.write(answer)
                status = 0
            except BaseException:  # noqa: BLE001 - nothing may go on in a child as if it were the parent
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(writing)
        self.pipe = os.fdopen(reading, "rb")

    def answer(self) -> Any:
        """What it returned; None where it died before."""
        with self.pipe:
            data = self.pipe.read()
        os.waitpid(self.pid, 0)
        return pickle.loads(data) if data else None

    def kill(self, after: float, *, workers_too: bool) -> None:
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if workers_too else os.kill)(self.pid, signal.SIGKILL)


def clean_build(desk: Desk, folder: Path, *, drafts: bool) -> tuple[Told, Tree]:
    """A build of the same sources from nothing, elsewhere, in another process."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SOURCES:
        shutil.copytree(desk.root / name, folder / name, symlinks=True)
    for name in ("site.toml", *SETTINGS):
        shutil.copyfile(desk.root / name, folder / name)
    if (desk.root / MIRRORS_FILE).exists():
        shutil.copyfile(desk.root / MIRRORS_FILE, folder / MIRRORS_FILE)

    def work() -> tuple[Told, Tree]:
        told = build(folder, folder / "output", desk, drafts=drafts)
        return told, tree_of(folder / "output")

    answer = Child(work).answer()
    assert answer is not None, "the clean build died"
    return answer  # type: ignore[no-any-return]


class WrongError(AssertionError):
    """The law is broken."""


ACCIDENTS: dict[str, Callable[["Walk", random.Random], str | None]] = {}
_ACCIDENT_WEIGHTS: dict[str, int] = {}


def accident(weight: int) -> Callable[[Callable[["Walk", random.Random], str | None]], Any]:
    def register(function: Callable[["Walk", random.Random], str | None]) -> Any:
        ACCIDENTS[function.__name__] = function
        _ACCIDENT_WEIGHTS[function.__name__] = weight
        return function

    return register


@dataclass
class Walk:
    """A site that is walked through. `every` says after how many steps a clean build is compared with."""

    folder: Path
    seed: int
    real_theme: bool = False
    every: int = 10
    kinds: Sequence[str] = KINDS
    steps: list[Step] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    builds: int = 0
    comparisons: int = 0
    strangers: dict[str, set[str]] = field(default_factory=dict)
    place: str = "output"
    drafts: bool = False
    workers: int = 1
    last: Told | None = None

    def __post_init__(self) -> None:
        self.desk = Desk(self.folder / "site", self.seed, real_theme=self.real_theme, kinds=self.kinds)

    @property
    def output(self) -> Path:
        return self.desk.root / self.place

    @property
    def foreign(self) -> set[str]:
        """The files of the output that strangers put there."""
        return self.strangers.setdefault(self.output.name, set())

    def build(self) -> Told:
        before = None
        if self.desk.faulty:
            before = tree_of(self.output)
        told = build(self.desk.root, self.output, self.desk, workers=self.workers, drafts=self.drafts)
        self.builds += 1
        if told.numbers is None and before is not None and tree_of(self.output) != before:
            raise WrongError("a build that failed has changed the output")
        if (self.output.parent / f".{self.output.name}.stage").exists():
            raise WrongError("a build has left its stage behind")
        self.last = told
        return told

    def compare(self) -> None:
        """Build clean and compare everything."""
        self.comparisons += 1
        told, tree = clean_build(self.desk, self.folder / "clean", drafts=self.drafts)
        last = self.last
        assert last is not None
        if (told.fault, told.site) != (last.fault, last.site):
            raise WrongError(f"clean: {told.fault or told.site}\nincremental: {last.fault or last.site}")
        if last.warnings is not None and told.warnings != last.warnings:
            raise WrongError(f"warnings differ: {sorted(set(told.warnings or ()) ^ set(last.warnings))}")
        if told.numbers is None:
            return
        ours = tree_of(self.output)
        extra = {path for path in ours if path not in tree}
        wrong = sorted(path for path in tree if ours.get(path) != tree[path]) + sorted(extra - self.foreign)
        if wrong:
            raise WrongError("\n".join(self._differences(wrong, self.folder / "clean/output")))

    def _differences(self, wrong: Sequence[str], clean: Path) -> Iterator[str]:
        yield f"{len(wrong)} files differ"
        for path in wrong[:6]:
            ours, theirs = self.output / path, clean / path
            if not (ours.exists() and theirs.exists()):
                yield f"{path}: only the {'incremental' if ours.exists() else 'clean'} build has it"
                continue
            pairs = zip(ours.read_bytes().split(b"\n"), theirs.read_bytes().split(b"\n"), strict=False)
            first = next(((a, b) for a, b in pairs if a != b), (b"(length)", b"(length)"))
            yield f"{path}\n    incremental: {first[0][:300]!r}\n    clean:       {first[1][:300]!r}"

    def step(self, name: str, number: int) -> None:
        """Do what `name` says, then build."""
        self.steps.append((name, number))
        rng = random.Random(number)
        mend(self.desk)
        self.workers = rng.choice((1, 1, 1, 2))
        if name in ACCIDENTS:
            told = ACCIDENTS[name](self, rng)
        else:
            told = EDITS[name](self.desk, rng)
        if not name.startswith("clock") or rng.random() < 0.5:
            self.desk.settle()
        self.log.append(f"{name} {number}: {told}")
        self.build()

    def run(self, steps: Sequence[Step]) -> None:
        """Take the steps, comparing after every `every` of them and after the last."""
        for count, (name, number) in enumerate(steps, start=1):
            self.step(name, number)
            if count % self.every == 0 or count == len(steps):
                self.compare()


# What leaves most pages as they are. A page that is wrongly kept stays wrong through a series of these, while
# a change of the theme or of the settings would make it again before anybody compares.
QUIET = (
    *("edit_body", "edit_body", "retitle", "change_words", "link_to_item", "cite_data", "change_revision"),
    *("correct", "change_status", "change_form", "add_translation", "remove_translation", "touch"),
    *("sleight_of_hand", "clock_forward", "output_altered", "change_date", "flip_flag", "killed_at_a_write"),
)


def is_quiet(seed: int) -> bool:
    """Every other walk goes quietly."""
    return seed % 2 == 1


def series(seed: int, length: int) -> list[Step]:
    """The steps of a walk. In a quiet one all but every twentieth are of those that leave most as it is."""
    rng = random.Random(seed)
    names = [*names_by_weight(), *(name for name, weight in _ACCIDENT_WEIGHTS.items() for _ in range(weight))]
    steps = []
    for number in range(length):
        chosen = QUIET if is_quiet(seed) and number % 20 else names
        steps.append((rng.choice(chosen), rng.randrange(10**6)))
    return steps


# Accidents: to builds.


def _die_at(place: int, number: int = signal.SIGKILL) -> Callable[[], None]:
    """What counts the moments at which files change, and ends this process at one of them."""
    moments = 0

    def moment() -> None:
        nonlocal moments
        moments += 1
        if moments == place:
            os.kill(os.getpid(), number)

    return moment


def _wrapped(function: Callable[..., Any], moment: Callable[[], None]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        moment()
        result = function(*arguments, **named)
        moment()
        return result

    return call


def _with_moments(moment: Callable[[], None]) -> None:
    """Wrap, in this process alone, everything by which a build changes files."""
    os.replace = _wrapped(os.replace, moment)
    files.Output.put = _wrapped(files.Output.put, moment)  # type: ignore[method-assign]
    files.Output.commit = _wrapped(files.Output.commit, moment)  # type: ignore[method-assign]
    files.Output._delete = _wrapped(files.Output._delete, moment)  # type: ignore[method-assign]
    store.Store.put = _wrapped(store.Store.put, moment)  # type: ignore[method-assign]
    shutil.rmtree = _wrapped(shutil.rmtree, moment)
    files.shutil.rmtree = shutil.rmtree


def _edit_first(walk: Walk, rng: random.Random) -> str:
    """An edit, so that the build that follows has something to do."""
    names = list(names_by_weight())
    for _ in range(5):
        name = rng.choice(names)
        if name in {"introduce_fault", "dangle"}:
            continue
        if told := EDITS[name](walk.desk, rng):
            walk.desk.settle()
            return told
    return "nothing"


def _in_child(walk: Walk, moment: Callable[[], None] | None = None, workers: int = 1) -> Callable[[], Told]:
    def work() -> Told:
        if moment is not None:
            _with_moments(moment)
        return build(walk.desk.root, walk.output, walk.desk, workers=workers, drafts=walk.drafts)

    return work


@accident(6)
def killed_at_a_write(walk: Walk, rng: random.Random) -> str:
    told = _edit_first(walk, rng)
    place = rng.choice((rng.randrange(1, 20), rng.randrange(1, 80), rng.randrange(1, 300)))
    answer = Child(_in_child(walk, _die_at(place))).answer()
    return f"{told}; killed at moment {place}: {'killed' if answer is None else 'was done before'}"


@accident(4)
def killed_some_time(walk: Walk, rng: random.Random) -> str:
    told = _edit_first(walk, rng)
    after = rng.random() * rng.choice((0.02, 0.2))
    child = Child(_in_child(walk, workers=rng.choice((1, 2))))
    child.kill(after, workers_too=rng.random() < 0.5)
    answer = child.answer()
    _wait_for_lock(walk.output)
    return f"{told}; killed after {after:.3f} s: {'killed' if answer is None else 'was done before'}"


def _wait_for_lock(output: Path) -> None:
    """Workers that outlive a killed parent hold the output's lock until they notice."""
    for _ in range(500):
        try:
            with files.Output(output).locked():
                return
        except BuildError:
            time.sleep(0.02)
    raise WrongError("the workers of a killed build never end")


@accident(3)
def interrupted(walk: Walk, rng: random.Random) -> str:
    """Ctrl-C: what the build had begun is tidied up."""
    told = _edit_first(walk, rng)
    place = rng.choice((rng.randrange(1, 20), rng.randrange(1, 200)))

    def work() -> bool:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            _in_child(walk, _die_at(place, signal.SIGINT))()
        except KeyboardInterrupt:
            return True
        return False

    return f"{told}; Ctrl-C at moment {place}: {Child(work).answer()}"


@accident(3)
def two_at_once(walk: Walk, rng: random.Random) -> str:
    told = _edit_first(walk, rng)
    children = [Child(_in_child(walk, workers=number)) for number in (1, 2)]
    answers = [child.answer() for child in children]
    for answer in answers:
        if answer is None or (answer.fault and "another build is writing" not in answer.fault):
            raise WrongError(f"one of two builds at once: {answer}")
    return f"{told}; {[answer.fault or 'done' for answer in answers]}"


@accident(2)
def undone_after_kill(walk: Walk, rng: random.Random) -> str:
    """A build dies when the output is new and the state is old; then the edit is taken back."""
    sources = walk.folder / "kept"
    _copy_sources(walk.desk.root, sources)
    held = pickle.dumps((walk.desk.things, walk.desk.data, walk.desk.site, walk.desk.at))
    told = _edit_first(walk, rng)
    wanted = rng.randrange(2)

    def work() -> Told:
        original = store.Store.put
        commit = files.Output.commit

        def put(self: store.Store, *arguments: Any) -> None:
            if self.path.name.startswith("output-"):
                if wanted:
                    original(self, *arguments)
                os.kill(os.getpid(), signal.SIGKILL)
            original(self, *arguments)

        def commit_then_arm(self: files.Output, *arguments: Any) -> None:
            commit(self, *arguments)
            store.Store.put = put  # type: ignore[method-assign]

        files.Output.commit = commit_then_arm  # type: ignore[method-assign]
        return _in_child(walk)()

    Child(work).answer()
    _copy_sources(sources, walk.desk.root)
    walk.desk.things, walk.desk.data, walk.desk.site, walk.desk.at = pickle.loads(held)
    return f"{told}; the build died at the end; all taken back"


@accident(3)
def edited_meanwhile(walk: Walk, rng: random.Random) -> str:
    """Somebody saves while a build runs: it holds the old or the new, and the next build holds the new."""
    before, after = walk.folder / "before", walk.folder / "after"
    told = _edit_first(walk, rng)
    _copy_sources(walk.desk.root, before)
    more = _edit_first(walk, rng)
    _copy_sources(walk.desk.root, after)
    _copy_sources(before, walk.desk.root)
    moments, place = 0, rng.choice((rng.randrange(1, 12), rng.randrange(1, 120)))

    def moment() -> None:
        nonlocal moments
        moments += 1
        if moments == place:
            _copy_sources(after, walk.desk.root)

    answer = Child(_in_child(walk, moment)).answer()
    _copy_sources(after, walk.desk.root)
    return f"{told}; meanwhile, at moment {place}: {more}: {(answer and answer.fault) or 'done'}"


def _copy_sources(source: Path, target: Path) -> None:
    """Make the sources below `target` those below `source`; files that are equal are not touched."""
    names = [
        path.relative_to(source) for name in SOURCES for path in (source / name).rglob("*") if path.is_file()
    ]
    wanted = {*names, Path("site.toml")}
    if (source / MIRRORS_FILE).exists():
        wanted.add(Path(MIRRORS_FILE))
    else:
        (target / MIRRORS_FILE).unlink(missing_ok=True)
    for name in SOURCES:
        for path in sorted((target / name).rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(target) not in wanted:
                path.unlink()
            elif path.is_dir() and not (source / path.relative_to(target)).is_dir():
                path.rmdir()
    for name in sorted(wanted):
        data = (source / name).read_bytes()
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if not (target / name).is_file() or (target / name).read_bytes() != data:
            (target / name).write_bytes(data)


@accident(3)
def other_process(walk: Walk, rng: random.Random) -> str:
    """A build in a process that remembers nothing."""
    told = _edit_first(walk, rng)
    Child(_in_child(walk, workers=2)).answer()
    return f"{told}; built elsewhere"


@accident(4)
def preview(walk: Walk, rng: random.Random) -> str:
    """The other output is built from now on, with drafts or without; or this one in the other way."""
    told = _edit_first(walk, rng)
    if rng.random() < 0.7:
        walk.place = "preview" if walk.place == "output" else "output"
    walk.drafts = walk.desk.drafts = rng.random() < 0.5
    return f"{told}; building {walk.output.name}, drafts: {walk.drafts}"


@accident(1)
def cleaned(walk: Walk, rng: random.Random) -> str:
    """`--clean` takes away also what strangers left."""
    told = build(walk.desk.root, walk.output, walk.desk, drafts=walk.drafts, clean=True)
    if told.numbers is not None:
        walk.foreign.clear()
    return f"--clean: {told.fault or 'done'}"


# Accidents: to the output.


def _made(walk: Walk) -> list[Path]:
    return sorted(path for path in walk.output.rglob("*") if path.is_file())


@accident(3)
def output_altered(walk: Walk, rng: random.Random) -> str | None:
    if not (found := _made(walk)):
        return None
    path = rng.choice(found)
    data = bytearray(path.read_bytes())
    way = rng.randrange(4)
    status = path.stat()
    if way == 0:
        path.write_bytes(data + b"!")
    elif way == 1:
        data[rng.randrange(len(data))] ^= 1
        path.write_bytes(data)
    elif way == 2:
        data[rng.randrange(len(data))] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        path.unlink()
        path.symlink_to("/dev/null")
    return f"{path.relative_to(walk.output)} altered, way {way}"


@accident(2)
def output_lost(walk: Walk, rng: random.Random) -> str | None:
    if not (found := _made(walk)):
        return None
    path = rng.choice(found)
    way = rng.randrange(4)
    if way == 0:
        path.unlink()
    elif way == 1:
        path.unlink()
        path.mkdir()
    elif way == 2 and path.parent != walk.output:
        shutil.rmtree(path.parent)
        path.parent.write_text("a file where a folder was", "utf-8")
    else:
        shutil.rmtree(walk.output)
    return f"{path.name} lost, way {way}"


@accident(2)
def output_added(walk: Walk, rng: random.Random) -> str:
    name = rng.choice(("stranger.txt", "appeals/stranger/index.html", "i/stranger.jpg", "back\\slash.txt"))
    path = walk.output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("not ours", "utf-8")
    walk.foreign.add(name)
    return f"{name} added to the output"


# Accidents: to what is remembered.


def _remembered(walk: Walk, rng: random.Random) -> Path | None:
    items = walk.desk.root / STATE / "items.sqlite"
    path = rng.choice((items, state_path(walk.desk.root, walk.output)))
    return path if path.is_file() else None


@accident(3)
def state_lost(walk: Walk, rng: random.Random) -> str | None:
    if (path := _remembered(walk, rng)) is None:
        return None
    way = rng.randrange(3)
    if way == 0:
        path.unlink()
    elif way == 1:
        shutil.rmtree(walk.desk.root / STATE)
    else:
        path.write_bytes(b"not a database" * rng.randrange(1, 400))
    return f"{path.name} lost, way {way}" + _with_an_edit(walk, rng)


@accident(2)
def state_truncated(walk: Walk, rng: random.Random) -> str | None:
    if (path := _remembered(walk, rng)) is None:
        return None
    size = rng.randrange(path.stat().st_size + 1)
    if rng.random() < 0.5:
        size -= size % 4096
    os.truncate(path, size)
    return f"{path.name} cut to {size} bytes" + _with_an_edit(walk, rng)


@accident(5)
def state_damaged(walk: Walk, rng: random.Random) -> str | None:
    if (path := _remembered(walk, rng)) is None:
        return None
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 3, 40))):
        place = rng.randrange(len(data))
        data[place] ^= rng.choice((1, 2, 16, 255))
    path.write_bytes(data)
    return f"{path.name} damaged" + _with_an_edit(walk, rng)


@accident(2)
def state_of_before(walk: Walk, rng: random.Random) -> str | None:
    """An older copy of the state comes back, as from a backup, after edits that it knows nothing of."""
    path = state_path(walk.desk.root, walk.output)
    if not path.is_file() or walk.last is None:
        return None
    kept = path.read_bytes()
    told = _edit_first(walk, rng)
    build(walk.desk.root, walk.output, walk.desk, drafts=walk.drafts)
    path.write_bytes(kept)
    return f"{told}; then the state of before" + _with_an_edit(walk, rng)


def _with_an_edit(walk: Walk, rng: random.Random) -> str:
    return f"; {_edit_first(walk, rng)}" if rng.random() < 0.7 else ""


@contextlib.contextmanager
def small_pieces() -> Iterator[None]:
    """So few items are shared among workers only if pieces are small."""
    kept = (engine.WORTH_FORKING, engine.JOBS_A_PIECE, guarded.FOLDERS_A_PIECE)
    worth_a_process = make_look.WORTH_A_PROCESS
    engine.WORTH_FORKING, engine.JOBS_A_PIECE, guarded.FOLDERS_A_PIECE = 30, 8, 4
    make_look.WORTH_A_PROCESS = 1
    try:
        yield
    finally:
        engine.WORTH_FORKING, engine.JOBS_A_PIECE, guarded.FOLDERS_A_PIECE = kept
        make_look.WORTH_A_PROCESS = worth_a_process


def shorten(
    folder: Path, seed: int, steps: Sequence[Step], *, real_theme: bool, patience: float
) -> list[Step]:
    """The fewest steps found in `patience` seconds that still break the law; each try is a process."""
    ends = time.monotonic() + patience
    number = 0

    def fails(tried: Sequence[Step]) -> bool:
        nonlocal number
        number += 1

        def work() -> bool:
            walk = Walk(folder / f"try-{number}", seed, real_theme=real_theme, every=10**9)
            try:
                with small_pieces():
                    walk.run(tried)
            except Exception:  # noqa: BLE001 - whatever goes wrong
                return True
            finally:
                shutil.rmtree(walk.folder, ignore_errors=True)
            return False

        return Child(work).answer() is not False

    best = list(steps)
    for length in (1, 2, 3, 5, 8, 13, 21, 34):
        if length < len(best) and time.monotonic() < ends and fails(best[-length:]):
            best = best[-length:]
            break
    place = 0
    while place < len(best) - 1 and time.monotonic() < ends:
        fewer = best[:place] + best[place + 1 :]
        if fails(fewer):
            best = fewer
        else:
            place += 1
    return best
