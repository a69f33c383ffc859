"""What the demonstration site states (`demo` is the built one, for all tests), and small sites to break."""

from pathlib import Path

import pytest

from tests.integration.checkout import (
    Built,
    Checkout,
    Item,
    copy_built,
    make_small,
    read_items,
)


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
