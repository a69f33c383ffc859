"""The law: after any edits and accidents an incremental build equals a clean one, byte for byte.

Walks of random steps, as many at a time as there are processors; each step is an edit or an accident and a
build, and every fifth is compared with a clean build of the same sources in another folder and process.
TOCSIN_LAW_EDITS=20000 takes that many steps and compares after each. A walk that fails is made as short as
can be and told so that it can be replayed: TOCSIN_LAW_REPLAY='…' pytest tests/law -k replayed.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from tests.law.edits import EDITS
from tests.law.walk import ACCIDENTS, Child, Step, Walk, is_quiet, series, shorten, small_pieces
from tocsin import forks

WALKS, LENGTH, EVERY = 20, 100, 5
if MORE := int(os.environ.get("TOCSIN_LAW_EDITS", "0")):
    WALKS, EVERY = max(MORE // LENGTH, 1), 1
PATIENCE = 90.0
# One walk in seven is through the real theme, whose templates take longer to compile.
PLANS = [(seed, "real" if seed % 7 == 6 else "glass") for seed in range(WALKS)]
REPLAY = os.environ.get("TOCSIN_LAW_REPLAY")


def take(folder: Path, seed: int, theme: str, steps: Sequence[Step]) -> tuple[str, list[Step], list[str]]:
    """Take a walk: what was wrong, if anything, the steps taken and what they did."""
    every = 2 * EVERY if is_quiet(seed) and EVERY > 1 else EVERY
    walk = Walk(folder, seed, real_theme=theme == "real", every=every)
    wrong = ""
    try:
        walk.build()
        with small_pieces():
            walk.run(steps)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what the walk looks for
        wrong = f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return wrong, walk.steps, walk.log


class Walks:
    """The walks that are wanted, each in a process of its own, as many at a time as there are processors."""

    def __init__(self, folder: Path, plans: list[tuple[int, str]]) -> None:
        self.folder = folder
        self._waiting = list(plans)
        self._running: dict[tuple[int, str], Child] = {}
        self._done: dict[tuple[int, str], tuple[str, list[Step], list[str]]] = {}

    def result(self, plan: tuple[int, str]) -> tuple[str, list[Step], list[str]]:
        while plan not in self._done:
            while self._waiting and len(self._running) < forks.processors():
                seed, theme = self._waiting.pop(0)
                steps, folder = series(seed, LENGTH), self.folder / f"walk-{seed}"
                self._running[seed, theme] = Child(
                    lambda f=folder, s=seed, t=theme, st=steps: take(f, s, t, st)
                )
            pipes = {child.pipe: name for name, child in self._running.items()}
            for pipe in wait(list(pipes)):
                name = pipes[pipe]  # type: ignore[index]
                self._done[name] = self._running.pop(name).answer() or ("the walk died", [], [])
        return self._done[plan]

    def stop(self) -> None:
        """End what was begun, where the tests end before it does."""
        for child in self._running.values():
            child.kill(0, workers_too=True)
            child.answer()


@pytest.fixture(scope="module")
def walks(folder: Path, request: pytest.FixtureRequest) -> Iterator[Walks]:
    chosen = [item.callspec.params["plan"] for item in request.session.items if "plan" in _params(item)]
    made = Walks(folder, chosen)
    yield made
    made.stop()


def _params(item: pytest.Item) -> dict[str, object]:
    return getattr(getattr(item, "callspec", None), "params", {})


@pytest.mark.parametrize("plan", PLANS, ids=[f"{seed}-{theme}" for seed, theme in PLANS])
def test_every_walk_ends_where_a_clean_build_does(walks, plan):
    wrong, steps, log = walks.result(plan)
    if not wrong:
        assert len(steps) == LENGTH
        return
    seed, theme = plan
    short = shorten(walks.folder / "short", seed, steps, real_theme=theme == "real", patience=PATIENCE)
    replay = json.dumps([seed, theme, short])
    told = "\n".join(log[-EVERY - 2 :])
    pytest.fail(f"{wrong}\n\nThe last steps:\n{told}\n\nTOCSIN_LAW_REPLAY='{replay}'", pytrace=False)


@pytest.mark.skipif(not REPLAY, reason="only with TOCSIN_LAW_REPLAY")
def test_replayed_walk(folder):
    seed, theme, steps = json.loads(REPLAY or "[]")
    wrong, _, log = Child(
        lambda: take(folder / "replay", seed, theme, [tuple(step) for step in steps])
    ).answer()
    assert not wrong, "\n".join([wrong, *log])


def test_the_walks_are_long_enough_and_try_everything():
    steps = [step for seed, _ in PLANS for step in series(seed, LENGTH)]
    assert len(steps) >= 2000
    assert {name for name, _ in steps} == {*EDITS, *ACCIDENTS}
