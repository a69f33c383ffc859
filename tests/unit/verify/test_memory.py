"""What is remembered between verifications, and clocks that are wrong."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulator import HERE, NOW, Office, Tree, pages
from tests.unit.verify.conftest import FIRST, Desk, History
from tocsin.signed.edition import File
from tocsin.verify.memory import Memory, MemoryFolder, Seen, default_folder
from tocsin.verify.release import VerifiedRelease
from tocsin.verify.verdicts import Report, Verdict

pytestmark = pytest.mark.real("ssh-keygen")

DAMAGED = (
    "What was remembered of this site was damaged or belongs to another root of trust. It is begun anew, so "
    "that this time an older release could not be told from the newest."
)


def seen_file(desk: Desk) -> Path:
    return desk.folder / "trust" / "network.example" / "seen.json"


def test_what_is_remembered_comes_back(tmp_path: Path):
    folder = MemoryFolder(tmp_path, "a.example")
    memory = Memory(
        {1: b"\xff"},
        b"t",
        b"s",
        FIRST,
        ("k",),
        ("o",),
        NOW.isoformat(),
        {"p": Seen(1, 2, FIRST, NOW.isoformat())},
    )
    assert folder.read() is None
    folder.write(memory)
    assert folder.read() == memory


@pytest.mark.parametrize("site", ["../../etc", "a/b", "..", "", "A\x00"])
def test_a_site_cannot_lead_out_of_the_folder(tmp_path: Path, site: str):
    assert MemoryFolder(tmp_path, site).folder.parent == tmp_path
    assert MemoryFolder(tmp_path, site).folder.name not in {"", ".", ".."}


def test_a_port_is_part_of_a_site(tmp_path: Path):
    assert MemoryFolder(tmp_path, "a.example:8000").folder.name == "a.example_8000"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-10],
        lambda data: data.replace(b"snapshot", b"snapshut"),
        lambda data: b"\xff" + data[1:],
    ],
    ids=["empty", "short", "changed", "no-digest"],
)
def test_a_damaged_memory_is_noticed_and_begun_anew(desk: Desk, first: Tree, second: Tree, damage):
    at = NOW + timedelta(days=2)
    desk.folder_of(second, "mirror", at=at)
    seen_file(desk).write_bytes(damage(seen_file(desk).read_bytes()))
    report = desk.folder_of(first, "mirror", at=at)
    assert report.worst is Verdict.AUTHENTIC
    assert DAMAGED in [note.text for note in report.notes]
    again = desk.folder_of(first, "mirror", at=at)
    assert again.notes == ()


def test_a_memory_under_another_root_is_begun_anew(desk: Desk, first: Tree, history: History):
    stranger = Office()
    desk.folder_of(stranger.release(pages(), FIRST)[HERE], "mirror", root=stranger.roots[1])
    report = desk.folder_of(first, "mirror")
    assert report.worst is Verdict.AUTHENTIC
    assert DAMAGED in [note.text for note in report.notes]


def test_what_is_refused_is_not_remembered(desk: Desk, first: Tree):
    desk.folder_of(Office().release(pages(), FIRST)[HERE])
    assert not seen_file(desk).exists()
    desk.folder_of({**first, "metadata/1.site.json": b"{}"})
    assert not seen_file(desk).exists()


def test_a_rollback_does_not_lower_what_is_remembered(desk: Desk, first: Tree, second: Tree):
    at = NOW + timedelta(days=2)
    desk.folder_of(second, "mirror", at=at)
    for _ in range(2):
        assert desk.folder_of(first, "mirror", at=at).worst is Verdict.ROLLED_BACK


def test_without_a_memory_nothing_is_written(desk: Desk, first: Tree):
    desk.folder_of(first, memory=None)
    assert not (desk.folder / "trust").exists()


def test_the_folder_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "tocsin" / "trust"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local/state/tocsin/trust"


# Clocks


def clock_of(report: Report) -> str:
    """The one note about the clock."""
    [text] = [note.text for note in report.notes if note.name == "clock"]
    return text


def test_a_clock_before_the_day_of_signing_is_behind(desk: Desk, first: Tree):
    report = desk.folder_of(first, at=NOW - timedelta(days=40))
    assert report.verdicts == (Verdict.STALE, Verdict.AUTHENTIC)
    assert clock_of(report) == (
        "It is 2026-10-12 here, and the release was signed on 2026-11-21: the clock here is behind. Set the "
        "clock and verify again."
    )


def test_a_clock_that_goes_back_is_noticed(desk: Desk, first: Tree):
    desk.folder_of(first, at=NOW + timedelta(days=9))
    report = desk.folder_of(first, at=NOW + timedelta(days=1))
    assert report.worst is Verdict.STALE
    assert clock_of(report) == (
        "It is 2026-11-22 here, and on 2026-11-30 this site was verified already. Set the clock and verify "
        "again."
    )


def test_signatures_that_hold_for_longer_than_any_do_show_a_clock_that_is_behind(
    desk: Desk, history: History
):
    office = Office(keepers=history.office.keepers)
    office.release(pages(), FIRST)
    report = desk.folder_of(office.refresh(days=500)[HERE], root=office.roots[1])
    assert [note.text for note in report.notes if note.name == "clock"] == [
        "It is 2026-11-21 here, and signatures seem to hold until 2028-04-04. Set the clock and verify again."
    ]


# What is verified


def test_a_verified_release_is_made_by_verifying_alone(desk: Desk, first: Tree):
    release = desk.folder_of(first).release
    assert release
    with pytest.raises(TypeError, match="comes from verifying"):
        VerifiedRelease(release.about, release.files, release.versions, release.expires, object())
    with pytest.raises(TypeError, match="comes from verifying"):
        dataclasses.replace(release, files={"x": File("0", 1)}, seal=None)
