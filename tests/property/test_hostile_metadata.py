"""Whatever stands in a copy, verifying it ends with a verdict or an error in words, never a traceback."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator import HERE, NOW, Office, Tree, pages
from tocsin.errors import UnreadableError, VerifyError
from tocsin.reporting import SilentReporter
from tocsin.verify.verdicts import Verdict
from tocsin.verify.verifying import Options, Trust, verify

pytestmark = pytest.mark.real("ssh-keygen")

PATHS = [
    "metadata/timestamp.json",
    "metadata/1.snapshot.json",
    "metadata/1.targets.json",
    "metadata/1.site.json",
    "metadata/1.root.json",
    "metadata/2.root.json",
    "release/edition.json",
    "release/SHA256SUMS",
    "release/SHA256SUMS.minisig",
    "release/SHA256SUMS.sig",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


class TreeSource:
    """A copy in memory."""

    place, address, workers = "here", "", 1

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def chunks(self, path, most):
        if path not in self.tree:
            raise UnreadableError("is not there")
        yield self.tree[path]

    def other_names(self, path):
        return ()

    def strays(self, files):
        return ((path, "is not part of the release") for path in self.tree if path not in files)


@cache
def made() -> tuple[bytes, Tree]:
    office = Office()
    return office.roots[1], office.release(pages(), "2026.11.21.1")[HERE]


def judged(path: str, data: bytes) -> Verdict | None:
    root, tree = made()
    try:
        report = verify(TreeSource({**tree, path: data}), Trust(root), Options(NOW), SilentReporter())
    except VerifyError:
        return None
    return report.worst


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(found for key, one in inner for found in places(one, (*way, key)))]


@given(st.sampled_from(PATHS), st.binary(max_size=60))
def test_any_bytes_in_any_place(path: str, data: bytes):
    assert judged(path, data) is not Verdict.AUTHENTIC


@settings(max_examples=300)
@given(st.sampled_from([path for path in PATHS[:7] if not path.startswith("metadata/2")]), st.data())
def test_any_value_in_any_place_of_metadata(path: str, data: st.DataObject):
    record = json.loads(made()[1][path])
    *way, last = data.draw(st.sampled_from(places(record)[1:]))
    inside = record
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(VALUES)
    changed = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
    assert judged(path, changed) is not Verdict.AUTHENTIC or changed == made()[1][path]
