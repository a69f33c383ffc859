"""A register notices every file that is not as it was seen, and keeps no more than what changed."""

import os
from pathlib import Path
from typing import Any

import pytest

from tocsin.ledger.register import NEVER, Register, below, stamp_of

PATHS = [f"content/x{number}/en.md" for number in range(150)] + ["site.toml", "theme/a.html"]


class Kept(dict[str, Any]):
    """What was kept of registers, and which pieces were asked for since."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def read(self, name: str, default: Any) -> Any:
        self.asked.append(name)
        return self.get(name, default)

    def opened(self) -> Register:
        self.asked.clear()
        return Register("sources", self.read, "content/")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path, encoding="utf-8")
    return tmp_path


@pytest.fixture
def kept(root: Path) -> Kept:
    made = Kept()
    register = made.opened()
    for path in PATHS:
        register.set(path, stamp_of((root / path).stat()), f"note of {path}")
    made.update(register.changed())
    return made


def differing(root: Path, register: Register) -> list[str]:
    with below(root, is_link_followed=True) as look:
        return sorted(register.differing(look))


def test_what_is_kept_is_found_again(kept, root):
    register = kept.opened()
    assert sorted(register) == sorted(PATHS)
    for path in PATHS:
        assert path in register
        assert register.get(path) == (stamp_of((root / path).stat()), f"note of {path}")
    assert "content/x0/fr.md" not in register
    assert register.get("content/x0/fr.md") is None
    assert list(register.changed()) == []


def test_what_nobody_touched_does_not_differ_and_no_note_is_read(kept, root):
    assert differing(root, kept.opened()) == []
    assert not [name for name in kept.asked if "notes" in name]


@pytest.mark.parametrize(
    "happen",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"more than before, and then some more"),
        lambda path: os.utime(path, ns=(1, 1)),
        lambda path: os.utime(path, ns=(1, -1)),
        lambda path: os.utime(path, ns=(1, 2**63)),
        lambda path: path.parent.rename(path.parents[1] / "away"),
    ],
    ids=["gone", "longer", "touched", "before 1970", "far in the future", "its folder is gone"],
)
def test_a_file_with_another_stamp_differs_and_only_that(kept, root, happen):
    happen(root / PATHS[7])
    assert differing(root, kept.opened()) == [PATHS[7]]


def test_a_stamp_that_is_never_a_files_differs_each_time(kept, root):
    register = kept.opened()
    register.set(PATHS[3], NEVER, "note")
    kept.update(register.changed())
    assert differing(root, kept.opened()) == [PATHS[3]]


def test_impossible_times_are_no_stamp(root):
    os.utime(root / PATHS[0], ns=(1, -1))
    assert stamp_of((root / PATHS[0]).stat()) == NEVER


def test_only_what_changed_is_kept_again(kept):
    register = kept.opened()
    stamp, note = register.get(PATHS[0])
    register.set(PATHS[0], stamp, note)
    assert list(register.changed()) == []
    register.set(PATHS[0], NEVER, note)
    assert len(list(register.changed())) == 1
    register.set(PATHS[0], NEVER, "another note")
    assert len(list(register.changed())) == 2


def test_what_is_taken_out_is_gone_and_a_piece_may_become_empty(kept, root):
    register = kept.opened()
    for path in PATHS[:-1]:
        register.remove(path)
        register.remove(path)
    assert list(register) == PATHS[-1:]
    kept.update(register.changed())
    again = kept.opened()
    assert list(again) == PATHS[-1:]
    assert PATHS[0] not in again
    assert again.get(PATHS[0]) is None
    assert differing(root, again) == []


def test_what_lies_outside_the_spread_folder_lies_together(kept):
    assert sorted(kept.opened().paths_outside()) == ["site.toml", "theme/a.html"]


def test_a_folder_lies_with_its_files():
    register = Kept().opened()
    assert register._number("content/x/") == register._number("content/x/en.md")


def test_names_that_are_no_text_are_kept(tmp_path):
    name = os.fsdecode(b"\xff\xfe.md")
    (tmp_path / name).write_bytes(b"")
    kept = Kept()
    register = kept.opened()
    register.set(name, stamp_of((tmp_path / name).stat()), "")
    kept.update(register.changed())
    assert differing(tmp_path, kept.opened()) == []
