"""Where walks take place: in memory if possible, since they write and delete some hundred thousand files."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for a whole module of tests."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        yield tmp_path_factory.mktemp("walks")
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-law-", dir=MEMORY) as name:
        yield Path(name)
