"""The state knows which job asked what, and never takes a part that is lost for one that is empty."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tocsin.errors import DamagedStoreError
from tocsin.ledger.store import Store
from tocsin.make.state import State, open_state

ITEM = frozenset({"item"})
PAGE, OTHER = ("item", "en", "a"), ("home", "en")
ABOUT_A, ABOUT_B, NEWEST = ("item", "a"), ("item", "b"), ("newest", "kind:x", 2)
OUTPUTS = (("a/index.html", "f" * 64, 10, ()),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def opened(path: Path) -> State:
    return open_state(path, ITEM, clean=False)


def use(state: State, facet: tuple[object, ...]) -> tuple[bytes | None, set[tuple[str, ...]]]:
    return state.answer(facet), state.askers(facet)


def test_what_was_saved_is_there_the_next_time(path):
    state = opened(path)
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A, NEWEST))])
    state.set_answer(ABOUT_A, b"one")
    state.save("first", {"code": "c"}, [("plan", (PAGE,))])
    again = opened(path)
    assert again.head["code"] == "c"
    assert again.value("plan", None) == (PAGE,)
    assert again.done(PAGE) == (OUTPUTS, (ABOUT_A, NEWEST))
    assert use(again, ABOUT_A) == (b"one", {PAGE})
    assert use(again, NEWEST) == (b"", {PAGE})
    assert again.answers("newest") == {NEWEST: b""}


def test_what_was_never_saved_is_absent(path):
    state = opened(path)
    assert state.head == {}
    assert state.value("plan", "default") == "default"
    assert state.done(PAGE) is None
    assert state.answer(ABOUT_A) is None


def test_what_was_not_saved_is_not_there_the_next_time(path):
    state = opened(path)
    state.save("first", {}, [])
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A,))])
    assert opened(path).done(PAGE) is None


def test_a_job_that_asks_something_else_leaves_what_it_asked_before(path):
    state = opened(path)
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A, NEWEST))])
    state.set_done([(OTHER, OUTPUTS, (NEWEST,))])
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A, ABOUT_B))])
    assert use(state, NEWEST) == (b"", {OTHER})
    assert use(state, ABOUT_B) == (b"", {PAGE})
    state.remove(OTHER)
    assert state.answer(NEWEST) is None
    assert state.done(OTHER) is None


def test_a_number_that_names_no_job_is_damage(saved):
    """A row of a facet and the jobs that it names lie in different pieces."""
    state = opened(saved)
    state._jobs.set(PAGE, None)
    with pytest.raises(DamagedStoreError):
        state.askers(NEWEST)


def test_a_job_that_is_unknown_can_be_removed(path):
    state = opened(path)
    state.remove(PAGE)
    assert state.done(PAGE) is None


def test_an_answer_is_kept_where_somebody_asked(path):
    state = opened(path)
    state.set_answer(ABOUT_A, b"nobody asked")
    assert state.answer(ABOUT_A) is None
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A,))])
    state.set_answer(ABOUT_A, b"one")
    state.set_answer(ABOUT_A, b"two")
    assert use(state, ABOUT_A) == (b"two", {PAGE})


def written(path: Path) -> dict[str, str]:
    """Which save wrote each piece."""
    store = Store(path)
    found = {name: store.get(name)[0] for name in store.names("") if name not in {"format", "head"}}
    store.close()
    return found


def test_only_the_pieces_that_were_touched_are_written(path):
    state = opened(path)
    for number in range(200):
        state.set_done([(("item", "en", f"x{number}"), OUTPUTS, (("item", f"x{number}"), NEWEST))])
    state.save("first", {}, [("plan", ())])
    assert set(written(path).values()) == {"first"}
    again = opened(path)
    again.set_done([(("item", "en", "x7"), OUTPUTS, (("item", "x7"), NEWEST))])
    again.set_answer(("item", "x7"), b"new")
    again.save("second", {}, [("plan", ())])
    second = {name for name, save in written(path).items() if save == "second"}
    assert second == {"plan", again._facets.name(("item", "x7"))}


def test_facets_of_one_item_lie_together_and_others_with_those_of_their_kind(path):
    state = open_state(path, frozenset({"item", "card"}), clean=False)
    assert state._facets.name(ABOUT_A) == state._facets.name(("card", "a", "en"))
    assert state._facets.name(NEWEST) == "facets:newest"


def test_all_languages_of_a_page_lie_together(path):
    state = opened(path)
    assert state._jobs.name(("item", "en", "a")) == state._jobs.name(("item", "fr", "a"))


def test_a_state_of_another_form_is_no_past(saved):
    """Its pieces would be missed, and what has no sources has none that changed."""
    store = Store(saved)
    store.put([("head", {**store.get("head"), "form": 0})])
    store.close()
    state = opened(saved)
    assert state.head == {}
    assert state.done(PAGE) is None


@pytest.fixture
def saved(path: Path) -> Path:
    state = opened(path)
    state.set_done([(PAGE, OUTPUTS, (ABOUT_A, NEWEST))])
    state.save("first", {"code": "c"}, [("plan", (PAGE,))])
    state.store.close()
    return path


def _ask_everything(state: State) -> None:
    state.value("plan", None)
    state.done(PAGE)
    state.answer(ABOUT_A)
    state.answers("newest")


def test_a_piece_that_is_lost_is_damage(saved):
    for name in written(saved):
        store = Store(saved)
        kept = store.get(name)
        store.put([], removed=[name])
        with pytest.raises(DamagedStoreError):
            _ask_everything(opened(saved))
        store.put([(name, kept)])
        _ask_everything(opened(saved))


def test_a_piece_of_another_save_is_damage(saved):
    for name in written(saved):
        store = Store(saved)
        kept = store.get(name)
        store.put([(name, ("zeroth", kept[1]))])
        with pytest.raises(DamagedStoreError):
            _ask_everything(opened(saved))
        store.put([(name, kept)])


def test_without_a_head_there_is_no_past(saved):
    Store(saved).put([], removed=["head"])
    state = opened(saved)
    assert state.head == {}
    assert state.value("plan", "none") == "none"
    assert state.done(PAGE) is None


def test_a_damaged_head_is_forgotten_with_all_the_rest(saved):
    store = Store(saved)
    store.connection.execute("UPDATE item SET data = ? WHERE name = 'head'", (b"damaged",))
    store.close()
    state = opened(saved)
    assert state.head == {}
    assert written(saved) == {}


def test_a_clean_state_has_no_past(saved):
    state = open_state(saved, ITEM, clean=True)
    assert state.head == {}
    assert state.answer(ABOUT_A) is None
    state.save("second", {}, [])
    assert written(saved) == {}


ALL_JOBS = [("item", language, name) for name in "abc" for language in ("en", "fr")] + [("home", "en")]
JOBS = st.sampled_from(ALL_JOBS)
FACETS = st.sets(st.sampled_from([("item", "a"), ("item", "b"), ("newest", "x", 1), ("count", "x")])).map(
    tuple
)


class Ledger(RuleBasedStateMachine):
    """Who asks what is always what the last `set_done` of each job said, saved or not."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "state.sqlite"
        self.state = opened(self.path)
        self.model: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        self.saves = 0

    @rule(job=JOBS, facets=FACETS)
    def done(self, job, facets):
        self.state.set_done([(job, OUTPUTS, facets)])
        self.model[job] = facets

    @rule(job=JOBS)
    def remove(self, job):
        self.state.remove(job)
        self.model.pop(job, None)

    @rule()
    def save_and_open(self):
        self.saves += 1
        self.state.save(f"save {self.saves}", {}, [])
        self.state.store.close()
        self.state = opened(self.path)

    @invariant()
    def everybody_who_asks_is_known(self):
        asked: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for job, facets in self.model.items():
            for facet in facets:
                asked.setdefault(facet, set()).add(job)
        for facet in (("item", "a"), ("item", "b"), ("newest", "x", 1), ("count", "x")):
            assert self.state.askers(facet) == asked.get(facet, set())
            assert (self.state.answer(facet) is None) == (facet not in asked)
        for job in ALL_JOBS:
            assert (self.state.done(job) or (None, None))[1] == self.model.get(job)

    def teardown(self):
        self.state.store.close()
        self.folder.cleanup()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=30, stateful_step_count=25)
