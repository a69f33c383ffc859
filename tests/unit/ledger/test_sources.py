"""Sources are known to be unchanged only where that is certain."""

import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

import pytest

from tocsin.errors import ChangedMeanwhileError
from tocsin.ledger import sources as module
from tocsin.ledger.register import NEVER, Stamp, stamp_of
from tocsin.ledger.sources import UNREADABLE, YOUNG, Sources, digest_of, is_unchanged

# Long after every file of a test was made, so that none of them is young.
LATER = 2**62


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a.md").write_bytes(b"aaaa")
    (tmp_path / "folder/b.md").write_bytes(b"bbbb")
    return tmp_path


def looked_at(root: Path, begun: int = LATER) -> Sources:
    sources = Sources(root, {}, begun)
    sources.folder("folder")
    sources.digest("folder/a.md")
    sources.digest("folder/b.md")
    return sources


def are_unchanged(root: Path, known: Mapping[str, tuple[Stamp, str]]) -> bool:
    return all(is_unchanged(root, path, stamp, value) for path, (stamp, value) in known.items())


def is_as_kept(root: Path, sources: Sources) -> bool:
    return are_unchanged(root, sources.to_keep())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from here on."""
    found: list[str] = []
    real = module.FileIO

    def opened(place: str) -> FileIO:
        found.append(Path(place).name)
        return real(place)

    monkeypatch.setattr(module, "FileIO", opened)
    return found


def test_what_nobody_touched_is_unchanged_and_not_read(root, read):
    kept = looked_at(root).to_keep()
    read.clear()
    assert are_unchanged(root, kept)
    assert read == []


def test_a_known_stamp_saves_reading(root, read):
    kept = looked_at(root).to_keep()
    read.clear()
    again = Sources(root, kept, LATER)
    assert again.digest("folder/a.md") == digest_of(b"aaaa")
    assert read == []


def test_a_file_is_looked_at_once_in_a_build(root, read):
    sources = looked_at(root)
    read.clear()
    (root / "folder/a.md").write_bytes(b"changed meanwhile")
    assert sources.digest("folder/a.md") == digest_of(b"aaaa")
    assert read == []


@pytest.mark.parametrize("data", [b"AAAA", b"longer than before", b""])
def test_other_bytes_are_a_change(root, data):
    sources = looked_at(root)
    (root / "folder/a.md").write_bytes(data)
    assert not is_as_kept(root, sources)
    assert Sources(root, sources.to_keep(), LATER).digest("folder/a.md") == digest_of(data)


def test_a_change_that_keeps_size_and_time_is_a_change(root):
    path = root / "folder/a.md"
    status = path.stat()
    sources = looked_at(root)
    with path.open("r+b") as file:
        file.write(b"AAAA")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not is_as_kept(root, sources)


def test_new_times_of_the_same_bytes_are_no_change(root, read):
    sources = looked_at(root)
    os.utime(root / "folder/a.md", ns=(1, 1))
    read.clear()
    assert is_as_kept(root, sources)
    assert read == ["a.md"]


def test_a_copy_with_the_same_bytes_is_no_change(root):
    sources = looked_at(root)
    (root / "folder/a.md").unlink()
    (root / "folder/a.md").write_bytes(b"aaaa")
    assert is_as_kept(root, sources)


def test_young_files_are_hashed_the_next_time(root, read):
    status = (root / "folder/a.md").stat()
    young = looked_at(root, begun=max(status.st_mtime_ns, status.st_ctime_ns) + YOUNG)
    assert young.to_keep()["folder/a.md"] == (NEVER, digest_of(b"aaaa"))
    read.clear()
    assert is_as_kept(root, young)
    assert "a.md" in read
    old = looked_at(root, begun=max(status.st_mtime_ns, status.st_ctime_ns) + YOUNG + 1)
    assert old.to_keep()["folder/a.md"][0] == stamp_of(status)


def test_a_change_within_the_same_tick_of_the_clock_is_noticed(root, monkeypatch):
    """The stamp does not tell; that it is young does."""
    path = root / "folder/a.md"
    stamp = stamp_of(path.stat())
    young = looked_at(root, begun=stamp[1])
    path.write_bytes(b"AAAA")
    real = module.stamp_of
    monkeypatch.setattr(
        module, "stamp_of", lambda status: stamp if status.st_ino == stamp[3] else real(status)
    )
    assert Sources(root, young.to_keep(), LATER).digest("folder/a.md") == digest_of(b"AAAA")


def test_files_of_the_future_are_never_trusted(root):
    os.utime(root / "folder/a.md", ns=(LATER + 1, LATER + 1))
    assert looked_at(root).to_keep()["folder/a.md"][0] == NEVER


@pytest.mark.parametrize(
    "happen",
    [
        lambda root: (root / "folder/new.md").write_bytes(b""),
        lambda root: (root / "folder/b.md").unlink(),
        lambda root: (root / "folder/b.md").rename(root / "folder/c.md"),
        lambda root: (root / "folder/deeper").mkdir(),
        lambda root: (root / "folder").rename(root / "other"),
    ],
    ids=[
        "a file appears",
        "a file vanishes",
        "a file is renamed",
        "a folder appears",
        "the folder is renamed",
    ],
)
def test_what_happens_in_a_folder_is_a_change(root, happen):
    sources = looked_at(root)
    happen(root)
    assert not is_as_kept(root, sources)


def test_a_file_that_came_and_went_is_no_change(root):
    sources = looked_at(root)
    (root / "folder/.a.md.swp").write_bytes(b"")
    (root / "folder/.a.md.swp").unlink()
    assert is_as_kept(root, sources)


@pytest.mark.parametrize("name", ["folder/a.md", "folder"])
def test_a_file_for_a_folder_and_a_folder_for_a_file_are_changes(root, name):
    sources = looked_at(root)
    path = root / name
    if path.is_file():
        path.unlink()
        path.mkdir()
    else:
        path.rename(root / "away")
        path.write_bytes(b"")
    assert not is_as_kept(root, sources)


@pytest.mark.parametrize("name", ["folder/a.md", "folder"])
def test_a_link_to_the_same_is_a_change(root, name):
    sources = looked_at(root)
    (root / name).rename(root / "away")
    (root / name).symlink_to(root / "away")
    assert not is_as_kept(root, sources)


def test_names_that_are_no_text_have_a_digest_too(root):
    (root / "folder" / os.fsdecode(b"\xff\xfe.md")).write_bytes(b"")
    sources = looked_at(root)
    assert is_as_kept(root, sources)


def test_what_vanishes_while_it_is_looked_at_is_named(root):
    sources = Sources(root, {}, LATER)
    with pytest.raises(ChangedMeanwhileError, match=r"folder/gone.md was changed during the build"):
        sources.digest("folder/gone.md")
    with pytest.raises(ChangedMeanwhileError) as caught:
        sources.folder("gone")
    assert caught.value.path == "gone"


def test_what_cannot_be_read_is_left_to_those_who_need_it(root):
    sources = Sources(root, {}, LATER)
    assert sources.digest("folder") == UNREADABLE
    assert not are_unchanged(root, sources.to_keep())


def test_sources_that_changed_since_they_were_looked_at_are_named(root):
    sources = looked_at(root)
    paths = ["folder/a.md", "folder/b.md", "folder/"]
    assert sources.changed(paths) == ""
    (root / "folder/b.md").write_bytes(b"BBBB")
    assert sources.changed(paths) == "folder/b.md"
    assert sources.changed(["folder/a.md"]) == ""
    (root / "folder/new.md").write_bytes(b"")
    assert sources.changed(["folder/a.md", "folder/"]) == "folder/"


def seen(root: Path, known: Mapping[str, tuple[Stamp, str]], *differing: str) -> Sources:
    return Sources(root, known, LATER, frozenset(differing))


def test_what_somebody_has_looked_at_is_not_looked_at_again(root, read, monkeypatch):
    kept = looked_at(root).to_keep()
    read.clear()
    monkeypatch.setattr(os, "stat", None)
    sources = seen(root, kept)
    assert sources.digest("folder/a.md") == digest_of(b"aaaa")
    sources.folder("folder")
    assert sources.is_as_known("folder")
    assert read == []


def test_what_was_seen_to_differ_is_looked_at(root):
    kept = looked_at(root).to_keep()
    (root / "folder/a.md").write_bytes(b"AAAA")
    os.utime(root / "folder/b.md", ns=(1, 1))
    sources = seen(root, kept, "folder/a.md", "folder/b.md")
    assert not sources.is_as_known("folder")
    assert not sources.look_again("folder/a.md")
    assert sources.look_again("folder/b.md")
    assert sources.now["folder/b.md"][0] != kept["folder/b.md"][0]


def test_a_folder_that_nobody_knew_is_not_as_known_and_is_remembered(root):
    kept = looked_at(root).to_keep()
    (root / "new").mkdir()
    sources = seen(root, kept)
    assert not sources.is_as_known("new")
    sources.folder("new")
    assert sources.now.keys() == {"new/"}


def test_what_cannot_be_read_is_never_what_it_was(root):
    kept = {"folder": (NEVER, UNREADABLE)}
    assert not seen(root, kept, "folder").look_again("folder")


def test_what_is_no_more_is_told_when_everything_was_asked_for(root):
    kept = looked_at(root).to_keep()
    (root / "folder/b.md").unlink()
    for sources in (seen(root, kept, "folder/b.md", "folder/"), Sources(root, kept, LATER)):
        sources.digest("folder/a.md")
        sources.folder("folder")
        assert sources.vanished(kept) == ["folder/b.md"]


def test_known_paths_are_taken_over_where_nobody_saw_them_change(root):
    kept = looked_at(root).to_keep()
    sources = seen(root, kept, "folder/b.md")
    sources.take_over(["folder/a.md", "folder/b.md", "folder/c.md"])
    assert sources.now == {"folder/a.md": kept["folder/a.md"]}
