"""The demonstration site, built once for all tests that only look at it, and small sites to break."""

import compileall
import json
from pathlib import Path

import pytest

from tests.integration.checkout import (
    CODE,
    ROOT,
    WORDS,
    Built,
    Checkout,
    Item,
    copy,
    copy_built,
    make_small,
    read_items,
)


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they were when the tests began, so that work going on does not mix versions.

    The program is compiled once here and not in each of the many copies that tests make.
    """
    root = copy(ROOT, tmp_path_factory.mktemp("snapshot"), [*CODE, *WORDS]).root
    for folder in ("tocsin", "plugins"):
        compileall.compile_dir(root / folder, quiet=1)
    return root


@pytest.fixture(scope="session")
def demo(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The demonstration site as of `AT`. Read it; do not change it."""
    checkout = copy(snapshot, tmp_path_factory.mktemp("demo") / "checkout", [*CODE, *WORDS])
    told = checkout.build("--json")
    assert told.code == 0, told.said
    return Built(checkout, checkout.output, json.loads(told.out))


@pytest.fixture(scope="session")
def items(demo: Built) -> dict[str, Item]:
    """What the sources of the demonstration site state, by `kind:slug`."""
    return read_items(demo.checkout.root)


@pytest.fixture
def small(snapshot: Path, tmp_path: Path) -> Checkout:
    """A small site, for a test to break."""
    return make_small(snapshot, tmp_path / "checkout")


@pytest.fixture(scope="session")
def built_small(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A small site that is built. Copy it; do not change it."""
    checkout = make_small(snapshot, tmp_path_factory.mktemp("small") / "checkout")
    told = checkout.build()
    assert told.code == 0, told.said
    return checkout


@pytest.fixture
def standing(built_small: Checkout, tmp_path: Path) -> Checkout:
    """A small site with an output from before, for a test to break: that output must survive."""
    return copy_built(built_small, tmp_path / "checkout")


@pytest.fixture
def standing_demo(demo: Built, tmp_path: Path) -> Checkout:
    """The demonstration site with its output, to break: large enough to be worth several processes."""
    return copy_built(demo.checkout, tmp_path / "checkout")
