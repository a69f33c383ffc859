"""Sources are known to be unchanged only where that is certain."""

import os
from pathlib import Path

import pytest

from tocsin.errors import ChangedMeanwhileError
from tocsin.ledger import sources as module
from tocsin.ledger.sources import (
    NEVER,
    UNREADABLE,
    YOUNG,
    Sources,
    digest_of,
    stamp_of,
    unchanged,
)

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


def is_unchanged(root: Path, sources: Sources) -> bool:
    return unchanged(root, sources.to_keep().items())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from here on."""
    found: list[str] = []
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        found.append(path.name)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    return found


def test_what_nobody_touched_is_unchanged_and_not_read(root, read):
    kept = looked_at(root).to_keep()
    read.clear()
    assert unchanged(root, kept.items())
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
    assert not is_unchanged(root, sources)
    assert Sources(root, sources.to_keep(), LATER).digest("folder/a.md") == digest_of(data)


def test_a_change_that_keeps_size_and_time_is_a_change(root):
    path = root / "folder/a.md"
    status = path.stat()
    sources = looked_at(root)
    with path.open("r+b") as file:
        file.write(b"AAAA")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not is_unchanged(root, sources)


def test_new_times_of_the_same_bytes_are_no_change(root, read):
    sources = looked_at(root)
    os.utime(root / "folder/a.md", ns=(1, 1))
    read.clear()
    assert is_unchanged(root, sources)
    assert read == ["a.md"]


def test_a_copy_with_the_same_bytes_is_no_change(root):
    sources = looked_at(root)
    (root / "folder/a.md").unlink()
    (root / "folder/a.md").write_bytes(b"aaaa")
    assert is_unchanged(root, sources)


def test_young_files_are_hashed_the_next_time(root, read):
    status = (root / "folder/a.md").stat()
    young = looked_at(root, begun=max(status.st_mtime_ns, status.st_ctime_ns) + YOUNG)
    assert young.to_keep()["folder/a.md"] == (NEVER, digest_of(b"aaaa"))
    read.clear()
    assert is_unchanged(root, young)
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
    assert not is_unchanged(root, sources)


def test_a_file_that_came_and_went_is_no_change(root):
    sources = looked_at(root)
    (root / "folder/.a.md.swp").write_bytes(b"")
    (root / "folder/.a.md.swp").unlink()
    assert is_unchanged(root, sources)


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
    assert not is_unchanged(root, sources)


@pytest.mark.parametrize("name", ["folder/a.md", "folder"])
def test_a_link_to_the_same_is_a_change(root, name):
    sources = looked_at(root)
    (root / name).rename(root / "away")
    (root / name).symlink_to(root / "away")
    assert not is_unchanged(root, sources)


def test_names_that_are_no_text_have_a_digest_too(root):
    (root / "folder" / os.fsdecode(b"\xff\xfe.md")).write_bytes(b"")
    sources = looked_at(root)
    assert is_unchanged(root, sources)


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
    assert not unchanged(root, sources.to_keep().items())


def test_sources_that_changed_since_they_were_looked_at_are_named(root):
    sources = looked_at(root)
    paths = ["folder/a.md", "folder/b.md", "folder/"]
    assert sources.changed(paths) == ""
    (root / "folder/b.md").write_bytes(b"BBBB")
    assert sources.changed(paths) == "folder/b.md"
    assert sources.changed(["folder/a.md"]) == ""
    (root / "folder/new.md").write_bytes(b"")
    assert sources.changed(["folder/a.md", "folder/"]) == "folder/"
