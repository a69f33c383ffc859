"""What the newest metadata is: a folder of plain JSON, of which whoever publishes reads no more than that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import ReleaseError
from tocsin.release.state import State


def write(folder: Path, name: str, **signed: Any) -> None:
    (folder / "metadata").mkdir(parents=True, exist_ok=True)
    (folder / "metadata" / name).write_text(json.dumps({"signed": signed, "signatures": []}))


@pytest.fixture
def state(tmp_path: Path) -> State:
    folder = tmp_path / "signing"
    write(folder, "1.root.json", version=1)
    write(folder, "10.root.json", version=10)
    write(folder, "timestamp.json", meta={"snapshot.json": {"version": 4}})
    versions = {"targets.json": 2, "site.json": 3, "gone.json": 1}
    write(folder, "4.snapshot.json", meta={name: {"version": one} for name, one in versions.items()})
    write(folder, "2.targets.json", delegations={"keys": {}, "roles": [{"name": "site"}]})
    write(folder, "3.site.json", targets={})
    (folder / "release.json").write_text(
        json.dumps(
            {
                "newest": {"release": "2026.06.15.2", "as_of": "", "commit": "", "snapshot": 4},
                "before": {"release": "2026.06.15.1", "as_of": "", "commit": "", "snapshot": 3},
            }
        )
    )
    return State(folder)


def test_the_newest_metadata_is_told_by_name_and_what_is_no_more_is_left_out(state: State) -> None:
    assert state.roles() == {"targets": "2.targets.json", "site": "3.site.json", "gone": "1.gone.json"}
    assert state.living() == {"targets": "2.targets.json", "site": "3.site.json"}
    names = {"1.root.json", "10.root.json", "timestamp.json", "4.snapshot.json"}
    assert state.newest().keys() == names | {"2.targets.json", "3.site.json"}
    assert state.current is not None
    assert state.current.release == "2026.06.15.2"


def test_before_the_first_release_there_is_nothing(state: State) -> None:
    (state.metadata / "timestamp.json").unlink()
    assert (state.current, state.roles(), state.living()) == (None, {}, {})
    assert state.newest().keys() == {"1.root.json", "10.root.json"}


@pytest.mark.parametrize("name", ["timestamp.json", "4.snapshot.json", "2.targets.json"])
@pytest.mark.parametrize("text", ["", "[]", '{"signed": {"meta": 7, "delegations": 7}}', "\x80"])
def test_damaged_metadata_is_told_with_the_way_out(state: State, name: str, text: str) -> None:
    (state.metadata / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(ReleaseError) as error:
        state.newest()
    assert str(error.value) == f"signing/metadata/{name} is damaged; take it back from the repository"


def test_missing_metadata_is_told_by_name(state: State) -> None:
    (state.metadata / "3.site.json").unlink()
    with pytest.raises(ReleaseError) as error:
        state.newest()
    said = "signing/metadata/ lacks 3.site.json; take it back from the repository"
    assert str(error.value) == said
