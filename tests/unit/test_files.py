"""An output tree is replaced as a whole, wherever a crash may fall."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin import files
from tocsin.errors import BuildError
from tocsin.files import Output, check_path, fill_folder, write_atomically

OLD = {
    "index.html": b"old",
    "same.html": b"same",
    "gone/deep/down/page.html": b"gone",
    "gone/page.html": b"gone",
    "file-then-folder": b"file",
    "folder-then-file/page.html": b"folder",
}
NEW = {
    "index.html": b"new",
    "same.html": b"same",
    "made/deep/down/page.html": b"made",
    "file-then-folder/page.html": b"folder",
    "folder-then-file": b"file",
}


class Crash(BaseException):
    """The process dies here."""


def write(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def read(root: Path) -> dict[str, bytes]:
    """Every file, and every folder that holds nothing."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            found[path.relative_to(root).as_posix()] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{path.relative_to(root).as_posix()}/"] = b""
    return found


@pytest.fixture
def output(tmp_path: Path) -> Output:
    tree = Output(tmp_path / "output")
    write(tree.root, OLD)
    return tree


def replace(tree: Output) -> None:
    """What a build does that makes `NEW` of `OLD`."""
    tree.begin()
    changed = [path for path, data in NEW.items() if OLD.get(path) != data]
    for path in changed:
        tree.put(path, NEW[path])
    tree.commit(changed, [path for path in OLD if path not in NEW])


@pytest.fixture
def crash_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let a number of changes to the file system happen, and no more."""
    left = [1_000_000]

    def counted(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Crash
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, call)

    for name in ("replace", "unlink", "rmdir", "mkdir", "rename"):
        counted(name)
    exchange = files._exchange()

    def counted_exchange(source: str, target: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash
        exchange(source, target)

    monkeypatch.setattr(files, "_exchange", lambda: counted_exchange)

    def set_limit(number: int) -> None:
        left[0] = number

    return set_limit


@pytest.fixture(params=["few", "many"])
def amount(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for few files, which are replaced, and as for many, which are exchanged."""
    if request.param == "many":
        monkeypatch.setattr(files, "MANY", 0)


def test_a_tree_is_replaced(output, amount):
    replace(output)
    assert read(output.root) == NEW
    assert not output.stage.exists()
    assert output.recover() is False


# It dies in threads as well.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_wherever_the_process_dies_the_next_one_finds_the_old_tree_or_completes_the_new(
    tmp_path, crash_after, amount
):
    outcomes = []
    for number in range(200):
        tree = Output(tmp_path / str(number) / "output")
        write(tree.root, OLD)
        crash_after(number)
        try:
            replace(tree)
        except Crash:
            pass
        else:
            crash_after(1_000_000)
            assert read(tree.root) == NEW
            break
        finally:
            crash_after(1_000_000)
        has_journal = tree.journal.is_file()
        completed = tree.recover()
        # Without a journal it had not begun, or was done but for the clearing up.
        assert read(tree.root) in ([NEW] if has_journal else [OLD, NEW]), number
        assert completed == has_journal
        assert not tree.stage.exists()
        outcomes.append(completed)
    else:
        pytest.fail("a tree of ten files takes no two hundred steps")
    assert outcomes.count(True) > 10
    assert outcomes.count(False) > 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_recovery_that_dies_itself_is_completed_by_the_next(tmp_path, crash_after, amount):
    for number in range(12):
        tree = Output(tmp_path / str(number) / "output")
        write(tree.root, OLD)
        crash_after(18)
        with pytest.raises(Crash):
            replace(tree)
        crash_after(number)
        try:
            tree.recover()
        except Crash:
            crash_after(1_000_000)
            assert tree.recover() in {True, False}
        crash_after(1_000_000)
        assert read(tree.root) == NEW, number


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere files are replaced one after the other")
def test_files_are_exchanged_in_one_step(tmp_path):
    write(tmp_path, {"new": b"new", "old": b"old", "folder/x": b"x", "other": b"other"})
    exchange = files._exchange()
    assert exchange is not os.replace
    exchange(f"{tmp_path}/new", f"{tmp_path}/old")
    exchange(f"{tmp_path}/other", f"{tmp_path}/made")  # nothing is there
    assert read(tmp_path) == {"new": b"old", "old": b"new", "folder/x": b"x", "made": b"other"}
    with pytest.raises(FileNotFoundError):
        exchange(f"{tmp_path}/none", f"{tmp_path}/old")


def test_many_files_are_replaced_and_what_they_were_is_deleted(tmp_path):
    paths = [f"{number % 7}/{number}.html" for number in range(files.MANY + 200)]
    tree = Output(tmp_path / "output")
    write(tree.root, dict.fromkeys(paths, b"old"))
    tree.begin()
    for path in paths:
        tree.put(path, b"new")
    tree.commit(paths, [])
    assert read(tree.root) == dict.fromkeys(paths, b"new")
    assert not tree.stage.exists()


def test_a_first_tree_appears_at_once(tmp_path):
    tree = Output(tmp_path / "new" / "output")
    with tree.locked():
        tree.begin()
        tree.put("a/b.html", b"b")
        assert not tree.root.exists()
        tree.commit(["a/b.html"], [])
    assert read(tree.root) == {"a/b.html": b"b"}
    assert not tree.stage.exists()


def test_what_is_abandoned_leaves_no_trace(output):
    output.begin()
    output.put("made.html", b"made")
    output.abandon()
    assert read(output.root) == OLD
    assert not output.stage.exists()


def test_two_builds_do_not_hold_one_tree(output):
    with (
        output.locked(),
        pytest.raises(BuildError, match="another build is writing output/; wait until it is done"),
        Output(output.root).locked(),
    ):
        pass
    with Output(output.root).locked():
        pass


@pytest.mark.parametrize(
    "path", ["", "/", "/etc/passwd", "..", "../x", "a/../x", "a//b", "a/./b", "a/", "a\\b", "a\0b"]
)
def test_a_path_that_leads_out_of_the_tree_is_refused(output, path):
    with pytest.raises(BuildError, match="is not a path inside the output"):
        check_path(path)
    output.begin()
    with pytest.raises(BuildError, match="is not a path inside the output"):
        output.put(path, b"evil")


@pytest.mark.parametrize("path", ["a", "a/b.html", ".well-known/x", "a b/ü.html", "...", "a..b/c"])
def test_a_path_inside_the_tree_is_taken(path):
    assert check_path(path) == path


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path, crash_after):
    target = tmp_path / "file.toml"
    target.write_bytes(b"old")
    crash_after(0)
    with pytest.raises(Crash):
        write_atomically(target, b"new")
    crash_after(1_000_000)
    assert read(tmp_path) in (
        {"file.toml": b"old"},
        {"file.toml": b"old", f".file.toml.{os.getpid()}.tmp": b"new"},
    )
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"


def test_a_folder_is_filled_anew_and_with_nothing_beside_it(tmp_path):
    folder = tmp_path / "stage"
    fill_folder(folder, [("old/one.html", b"1"), ("two.html", b"2")])
    fill_folder(folder, [("new/deep/one.html", b"one"), ("new/two.html", b"two")])
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.html")}
    assert found == {"new/deep/one.html": b"one", "new/two.html": b"two"}
    with pytest.raises(BuildError):
        fill_folder(folder, [("../beside.html", b"")])
    assert list(tmp_path.iterdir()) == []
