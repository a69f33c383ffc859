"""A job is chosen if it is new, if an answer that it got is another now, or if a file of its is gone."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tocsin.ledger.register import Register, below
from tocsin.ledger.store import digest
from tocsin.make.select import Changes, altered_jobs, select, select_as_planned, take_down
from tocsin.make.state import Facet, Job, State, open_state

A, B, LIST, FILE = ("item", "en", "a"), ("item", "en", "b"), ("list", "en"), ("file", "i/x.jpg")
ASKED: dict[Job, tuple[Facet, ...]] = {
    A: (("item", "a"), ("until", "2026-01-01")),
    B: (("item", "b"), ("card", "a", "en")),
    LIST: (("newest", "x"), ("card", "a", "en"), ("card", "b", "en")),
    FILE: (),
}
ANSWERS: dict[Facet, object] = {facet: 1 for facets in ASKED.values() for facet in facets}


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = open_state(tmp_path / "state.sqlite", frozenset({"item", "card"}), clean=False)
    for job, facets in ASKED.items():
        made.set_done([(job, (), facets)])
        for facet in facets:
            made.set_answer(facet, digest(ANSWERS[facet]))
    made.save("first", {}, [("plan", tuple(ASKED))])
    return made


def changes(*items: str, kinds: Iterable[str] = (), everything: bool = False) -> Changes:
    return Changes(
        everything, frozenset(items), lambda key: [("item", key), ("card", key, "en")], frozenset(kinds)
    )


def todo(
    state: State, what: Changes, answers: dict[Facet, object] | None = None, **how: object
) -> tuple[Job, ...]:
    now = ANSWERS | (answers or {})
    asked = {"plan": tuple(ASKED), "altered": (), **how}
    return select(state, asked["plan"], what, now.__getitem__, asked["altered"]).todo


def test_nothing_is_chosen_where_nothing_happened(state):
    assert todo(state, changes()) == ()


def test_a_changed_item_whose_answers_are_the_same_makes_nothing(state):
    assert todo(state, changes("a")) == ()


def test_who_asked_for_a_changed_item_is_chosen(state):
    assert todo(state, changes("a"), {("item", "a"): 2}) == (A,)
    assert todo(state, changes("a"), {("card", "a", "en"): 2}) == (B, LIST)


def test_only_what_may_differ_is_asked_again(state):
    asked = []

    def answer(facet: Facet) -> object:
        asked.append(facet)
        return ANSWERS[facet]

    select(state, tuple(ASKED), changes("b"), answer, ())
    assert asked == [("item", "b"), ("card", "b", "en")]
    asked.clear()
    select(state, tuple(ASKED), changes(kinds={"newest"}), answer, ())
    assert asked == [("newest", "x")]


def test_lists_are_chosen_by_their_answers(state):
    assert todo(state, changes("c", kinds={"newest"}), {("newest", "x"): 2}) == (LIST,)
    assert todo(state, changes(kinds={"until"}), {("until", "2026-01-01"): False}) == (A,)


def test_an_answer_that_nobody_looks_at_changes_nothing(state):
    assert todo(state, changes("a"), {("newest", "x"): 2}) == ()


def test_new_jobs_are_chosen_and_old_ones_told(state):
    plan = (A, ("item", "en", "new"), LIST)
    chosen = select(state, plan, changes(), ANSWERS.__getitem__, ())
    assert chosen.todo == (("item", "en", "new"),)
    assert chosen.gone == (FILE, B)
    assert chosen.plan == plan
    assert select(state, tuple(ASKED), changes(), ANSWERS.__getitem__, ()).plan is None


def test_jobs_are_done_in_the_order_of_the_plan(state):
    plan = (("z",), LIST, A, ("y",))
    assert todo(state, changes("a"), {("item", "a"): 2, ("card", "a", "en"): 2}, plan=plan) == plan


def test_everything_is_everything(state):
    assert todo(state, changes(everything=True)) == tuple(ASKED)


def test_a_job_that_lost_a_file_is_chosen_unless_it_is_gone(state):
    assert todo(state, changes(), altered={A, FILE}) == (A, FILE)
    assert todo(state, changes(), altered={A, FILE}, plan=(B, A)) == (A,)


def test_where_the_plan_is_the_same_it_is_not_read(state):
    state.store.put([], removed=["plan"])
    now = ANSWERS | {("card", "a", "en"): 2}
    chosen = select_as_planned(state, changes("a"), now.__getitem__, [FILE])
    assert chosen.todo == (FILE, B, LIST)
    assert chosen.gone == ()
    assert chosen.plan is None


def test_answers_are_taken_down_where_they_may_differ():
    what = changes("a", kinds={"newest"})
    assert what.may_differ(("item", "a"))
    assert what.may_differ(("newest", "x"))
    assert not what.may_differ(("item", "b"))
    assert not what.may_differ(("menu",))
    assert changes(everything=True).may_differ(("menu",))


DATA = {"a/index.html": (A, b"page a"), "a/print/index.html": (A, b"print a"), "i/x.jpg": (FILE, b"picture")}


@pytest.fixture
def tree(tmp_path: Path, state: State) -> Path:
    import hashlib

    root = tmp_path / "output"
    by_job: dict[Job, list[tuple[object, ...]]] = {}
    for path, (job, data) in DATA.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        by_job.setdefault(job, []).append((path, hashlib.sha256(data).hexdigest(), len(data), ()))
    for job, outputs in by_job.items():
        state.set_done([(job, tuple(outputs), ASKED[job])])
    return root


@pytest.fixture
def files(tree: Path) -> Register:
    return register(tree, [(path, job) for path, (job, _) in DATA.items()])


def register(tree: Path, outputs: Iterable[tuple[str, Job]]) -> Register:
    """The files as the next build reads them."""
    made = Register("files", lambda name, default: default)
    take_down(tree, made, outputs)
    return again(made)


def again(files: Register) -> Register:
    kept = dict(files.changed())
    return Register("files", lambda name, default: kept.get(name, default))


def touched(tree: Path, files: Register) -> list[str]:
    with below(tree, is_link_followed=False) as look:
        return files.differing(look)


def test_files_that_nobody_touched_are_not_read(tree, files, state, monkeypatch):
    monkeypatch.setattr(Path, "read_bytes", None)
    assert touched(tree, files) == []
    assert altered_jobs(tree, files, touched(tree, files), state) == set()


def _keep_time(path: Path, change: object) -> None:
    status = path.stat()
    change(path)  # type: ignore[operator]
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "happen",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"page A and more"),
        lambda path: path.write_bytes(b"page A"),
        lambda path: _keep_time(path, lambda path: path.write_bytes(b"page A")),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.rename(path.with_name("x")), path.symlink_to("x")),
        lambda path: path.parent.rename(path.parents[1] / "away"),
    ],
    ids=[
        "gone",
        "longer",
        "other bytes",
        "other bytes, same time",
        "a folder",
        "a link",
        "its folder is gone",
    ],
)
def test_the_job_of_a_file_that_is_not_what_it_made_is_altered(tree, files, state, happen):
    happen(tree / "a/index.html")
    assert altered_jobs(tree, files, touched(tree, files), state) == {A}


def test_a_file_that_only_looks_touched_is_looked_at_once(tree, files, state):
    (tree / "a/index.html").chmod(0o600)
    os.utime(tree / "i/x.jpg", ns=(1, 1))
    found = touched(tree, files)
    assert sorted(found) == ["a/index.html", "i/x.jpg"]
    assert altered_jobs(tree, files, found, state) == set()
    assert touched(tree, again(files)) == []


def test_a_file_of_which_the_digest_is_not_known_is_altered(tree, files, state):
    state.remove(FILE)
    os.utime(tree / "i/x.jpg", ns=(1, 1))
    assert altered_jobs(tree, files, touched(tree, files), state) == {FILE}


def test_a_file_that_vanishes_before_it_is_taken_down_is_missed_the_next_time(tree):
    (tree / "i/x.jpg").unlink()
    assert touched(tree, register(tree, [("i/x.jpg", FILE)])) == ["i/x.jpg"]


def test_a_file_that_is_not_known_alters_nothing(tree, files, state):
    assert altered_jobs(tree, files, ["stranger.txt"], state) == set()
