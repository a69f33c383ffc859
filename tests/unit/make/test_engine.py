"""The engine does jobs, stages what changed, and replaces the tree as a whole or leaves it as it was."""

import hashlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tocsin import forks
from tocsin.errors import BuildError, ThemeError
from tocsin.files import Output
from tocsin.make import engine
from tocsin.make.engine import Result, Work, make
from tocsin.reporting import BufferReporter

Job = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    path: str
    text: str


@dataclass(frozen=True)
class Stamped:
    data: bytes
    stamps: tuple[tuple[int, bool], ...] = ()


def nobody_made(path: str) -> None:
    """Of no file is known who made it."""


def stamp(text: str) -> Stamped:
    return Stamped(text.encode(), ((0, True),) if text.startswith("https:") else ())


def do(job: Job) -> tuple[list[Text], set[tuple[str, ...]]]:
    """A job ("page", path, text) makes one page."""
    return [Text(f"{job[1]}/index.html", job[2])], {("asked", job[1])}


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path / "output")


def page(path: str, text: str = "text") -> Job:
    return ("page", path, text)


def run(output: Output, jobs: list[Job], do: Callable[[Job], object] = do, **how: object) -> Result:
    work = {"files": {}, "kept": nobody_made, "old": None, "workers": 1, **how}
    return make(Work(jobs=jobs, **work), do, stamp, output, BufferReporter())  # type: ignore[arg-type]


def read(output: Output) -> dict[str, str]:
    return {path: (output.root / path).read_text("utf-8") for path in sorted(output.files())}


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs enough to be shared among workers."""
    monkeypatch.setattr(engine, "WORTH_FORKING", 10)
    monkeypatch.setattr(engine, "JOBS_A_PIECE", 3)
    return [page(str(number), f"text {number}") for number in range(40)]


def test_jobs_make_files_and_tell_what_they_asked(output):
    noted = []
    result = run(output, [page("a"), page("b", "https://x/")], note=noted.extend)
    assert read(output) == {"a/index.html": "text", "b/index.html": "https://x/"}
    assert result.owners == {"a/index.html": page("a"), "b/index.html": page("b", "https://x/")}
    written = result.outputs["b/index.html"]
    assert written.digest == hashlib.sha256(b"https://x/").hexdigest()
    assert noted == [
        (
            page("a"),
            (("a/index.html", hashlib.sha256(b"text").hexdigest(), 4, ()),),
            (("asked", "a"),),
        ),
        (
            page("b", "https://x/"),
            (("b/index.html", written.digest, 10, ((0, True),)),),
            (("asked", "b"),),
        ),
    ]


def test_a_file_of_which_the_digest_is_known_is_not_read_to_be_compared(output, monkeypatch):
    run(output, [page("a"), page("b")])
    monkeypatch.setattr(Output, "read", None)
    digests = {f"{name}/index.html": hashlib.sha256(b"text").hexdigest() for name in "ab"}
    assert run(output, [page("a"), page("b", "new")], digests=digests).changed == ["b/index.html"]
    assert read(output) == {"a/index.html": "text", "b/index.html": "new"}


def test_what_would_not_change_is_not_written(output):
    run(output, [page("a"), page("b")])
    before = (output.root / "a/index.html").stat().st_mtime_ns
    result = run(output, [page("a"), page("b", "new")])
    assert result.changed == ["b/index.html"]
    assert (output.root / "a/index.html").stat().st_mtime_ns == before


def test_where_nothing_changed_the_tree_is_not_touched_and_keeps_its_mark(output):
    run(output, [page("a")])
    output.set_mark("mark")
    assert run(output, [page("a")]).changed == []
    assert output.mark == "mark"
    run(output, [page("a", "new")])
    assert output.mark == ""


def test_files_of_the_known_tree_that_nobody_makes_are_deleted_and_strangers_stay(output):
    run(output, [page("a"), page("b"), page("c")])
    (output.root / "stranger.txt").write_text("x", "utf-8")
    kept = {"a/index.html": page("a")}
    result = run(output, [page("b")], kept=kept.get, old=["a/index.html", "b/index.html", "c/index.html"])
    assert result.deleted == ("c/index.html",)
    assert sorted(read(output)) == ["a/index.html", "b/index.html", "stranger.txt"]


def test_of_a_tree_that_is_not_known_all_is_deleted_that_nobody_makes(output):
    run(output, [page("a")])
    for name in ("stranger.txt", "deep/down/x", "back\\slash", os.fsdecode(b"\xff")):
        (output.root / name).parent.mkdir(parents=True, exist_ok=True)
        (output.root / name).write_text("x", "utf-8")
    run(output, [page("a")])
    assert read(output) == {"a/index.html": "text"}
    assert [path.name for path in output.root.iterdir()] == ["a"]


def test_there_may_be_nothing_to_do_but_deleting(output):
    run(output, [page("a"), page("b")])
    result = run(output, [], kept={"a/index.html": page("a")}.get, old=["a/index.html", "b/index.html"])
    assert result.deleted == ("b/index.html",)
    assert sorted(read(output)) == ["a/index.html"]


def test_files_are_copied_from_where_they_lie(output, tmp_path):
    (tmp_path / "made.jpg").write_bytes(b"picture")
    run(output, [("file", "i/x.jpg", "digest")], files={"i/x.jpg": tmp_path / "made.jpg"})
    assert read(output) == {"i/x.jpg": "picture"}


def test_two_jobs_that_make_one_path_are_named_and_nothing_is_replaced(output):
    run(output, [page("a")])
    with pytest.raises(BuildError, match=r"'a/index.html' is made twice: by page a one and by page a two"):
        run(output, [page("a", "one"), page("a", "two")])
    with pytest.raises(BuildError, match=r"'a/index.html' is made twice: by page other and by page a one"):
        run(output, [page("a", "one")], kept={"a/index.html": ("page", "other")}.get)
    assert read(output) == {"a/index.html": "text"}
    assert not output.stage.exists()


def test_a_job_that_fails_leaves_the_tree_as_it_was(output):
    run(output, [page("a"), page("b")])

    def fail(job: Job) -> object:
        if job[1] == "b":
            raise ThemeError("theme/templates/x.html:3: a fault")
        return do(job)

    with pytest.raises(ThemeError, match="a fault"):
        run(output, [page("a", "new"), page("b", "new")], do=fail)
    assert read(output) == {"a/index.html": "text", "b/index.html": "text"}
    assert not output.stage.exists()


def test_whoever_settles_sees_everything_staged_and_nothing_replaced(output):
    run(output, [page("a"), page("b")])
    seen = []

    def settle(result: Result) -> None:
        seen.append(
            (
                result.changed,
                result.deleted,
                read(output),
                (output.fresh / output.staged("a/index.html")).read_text("utf-8"),
            )
        )
        raise BuildError("not like this")

    with pytest.raises(BuildError, match="not like this"):
        run(output, [page("a", "new")], settle=settle)
    old = {"a/index.html": "text", "b/index.html": "text"}
    assert seen == [(["a/index.html"], ("b/index.html",), old, "new")]
    assert read(output) == old


def test_it_is_settled_also_where_nothing_changed(output):
    run(output, [page("a")])
    settled = []
    run(output, [page("a")], settle=settled.append)
    assert len(settled) == 1


@pytest.mark.parametrize("path", ["../x", "/etc", "a/../../b", "a\\b", "a\0b", ""])
def test_a_path_that_leads_out_is_refused(output, tmp_path, path):
    with pytest.raises(BuildError, match="is not a path inside the output"):
        run(output, [page("a")], do=lambda job: ([Text(path, "evil")], set()))
    assert [child.name for child in tmp_path.iterdir()] == []


@pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")
def test_many_workers_make_what_one_makes(output, tmp_path, many):
    alone = Output(tmp_path / "alone")
    of_one, of_three = [], []
    one = run(alone, many, note=of_one.extend)
    three = run(output, many, workers=3, note=of_three.extend)
    assert read(output) == read(alone)
    assert len(read(output)) == 40
    assert sorted(of_one) == sorted(of_three)
    assert one.outputs == three.outputs


@pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")
def test_an_error_in_a_worker_is_raised_as_what_it_is(output, many):
    def fail(job: Job) -> object:
        if job[1] == "17":
            raise ThemeError("a fault")
        return do(job)

    with pytest.raises(ThemeError, match=r"^a fault$"):
        run(output, many, do=fail, workers=2)
    assert not output.root.exists()
    assert not output.stage.exists()


@pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")
def test_a_worker_that_dies_stops_the_build_and_leaves_the_tree_as_it_was(output, many):
    run(output, [page("a")])

    def die(job: Job) -> object:
        if job[1] == "17":
            os.kill(os.getpid(), signal.SIGKILL)
        return do(job)

    with pytest.raises(BuildError, match=r"a worker died \(killed by signal 9\); run the build again"):
        run(output, many, do=die, workers=2)
    assert read(output) == {"a/index.html": "text"}
    assert not output.stage.exists()


@pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")
def test_two_workers_that_make_one_path_are_noticed(output, many):
    with pytest.raises(BuildError, match="is made twice"):
        run(output, [*many, page("3", "again")], workers=2)


def test_progress_is_told(output, many):
    reporter = BufferReporter()
    make(Work(jobs=many, files={}, kept=nobody_made, old=None, workers=1), do, stamp, output, reporter)
    assert reporter.progressed[-1] == ("pages", 40, 40)
    assert [done for _, done, _ in reporter.progressed] == sorted({min(3 * n, 40) for n in range(1, 15)})


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [0, 1, 5, 47, 159, 400])
def test_every_job_is_in_one_piece_and_few_are_cut_by_language(workers, count):
    jobs = [("list", language, str(number)) for language in ("en", "fr", "ar") for number in range(count)]
    jobs += [(engine.FILE, f"documents/{number}.pdf", "digest") for number in range(3)]
    work = Work(jobs, {}, lambda path: None, None, workers)
    pieces = engine._pieces(work)
    assert sorted(job for piece in pieces for job in piece) == sorted(jobs)
    if work.is_cut_by_language:
        assert all(len({job[1] for job in piece if job[0] != engine.FILE}) <= 1 for piece in pieces)
    else:
        assert max(map(len, pieces)) <= engine.JOBS_A_PIECE


def test_jobs_of_one_language_are_cut_for_all_workers():
    jobs = [("list", "en", str(number)) for number in range(48)]
    work = Work(jobs, {}, lambda path: None, None, 2)
    assert [len(piece) for piece in engine._pieces(work)] == [12, 12, 12, 12]
