"""What strangers and accidents do to an output tree, to its stage and to its journal."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import BuildError
from tocsin.files import Output, check_path

NAME = st.sampled_from(["a", "b", "c.html", "journal.json", "tree"])
PATHS = st.lists(NAME, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=3), max_size=8).filter(
    lambda tree: not any(other.startswith(f"{path}/") for path in tree for other in tree)
)


class Crash(BaseException):
    """The process dies here."""


def write(root: Path, tree: dict[str, bytes]) -> None:
    for path, data in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def read(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def replace(output: Output, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    output.begin()
    changed = [path for path, data in new.items() if old.get(path) != data]
    for path in changed:
        output.put(path, new[path])
    output.commit(changed, [path for path in old if path not in new])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=TREES, new=TREES, steps=st.integers(0, 40))
def test_any_tree_becomes_any_other_and_a_crash_between_is_completed(tmp_path_factory, old, new, steps):
    """Also where a file stands in the place of a folder, and with names that the stage uses itself."""
    output = Output(tmp_path_factory.mktemp("tree") / "output")
    output.root.mkdir()
    write(output.root, old)
    left = steps

    def counted(real):
        def call(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                raise Crash
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("replace", "unlink", "rmdir", "mkdir", "rename"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            replace(output, old, new)
        except Crash:
            pass
    had_journal = output.journal.is_file()
    assert output.recover() == had_journal
    assert read(output.root) in ([new] if had_journal else [old, new])
    assert not output.stage.exists()
    assert not output.recover()


@given(st.text(max_size=12))
def test_a_path_is_inside_the_tree_or_refused(path):
    root = "/the/tree"
    try:
        check_path(path)
    except BuildError:
        return
    assert os.path.normpath(f"{root}/{path}").startswith(f"{root}/")
    assert os.path.normpath(f"{root}/{path}") == f"{root}/{path}"


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b\\c", "\0"]), min_size=1, max_size=5).map("/".join))
def test_a_path_that_could_lead_out_is_refused(path):
    if all(part == "a" for part in path.split("/")):
        assert check_path(path) == path
        return
    with pytest.raises(BuildError, match="is not a path inside the output"):
        check_path(path)


@pytest.fixture
def output(tmp_path: Path) -> Output:
    made = Output(tmp_path / "output")
    replace(made, {}, {"a/index.html": b"a", "b.html": b"b"})
    return made


@pytest.mark.parametrize("text", ["", "{", "[]", '{"replace": []}', '{"replace": 3, "delete": []}', "null"])
def test_a_damaged_journal_is_not_followed_and_not_in_the_way(output, text):
    output.begin()
    output.put("b.html", b"new")
    output.journal.write_text(text, "utf-8")
    assert output.recover()
    assert read(output.root) == {"a/index.html": b"a", "b.html": b"b"}
    assert not output.stage.exists()


def test_a_journal_does_not_lead_out_of_the_tree(output, tmp_path):
    (tmp_path / "precious").write_bytes(b"precious")
    output.begin()
    output.journal.write_text('{"replace": [], "delete": ["../precious"]}', "utf-8")
    with pytest.raises(BuildError, match="is not a path inside the output"):
        output.recover()
    assert (tmp_path / "precious").exists()


def test_a_tree_has_the_mark_that_it_was_given_until_it_is_replaced(output):
    assert output.mark == ""
    output.set_mark("one")
    assert Output(output.root).mark == "one"
    replace(output, {"b.html": b"b"}, {"b.html": b"new"})
    assert output.mark == ""


def test_a_mark_that_cannot_be_read_is_none(output):
    output.lock.write_bytes(b"\xff\xfe")
    assert output.mark == ""
    output.lock.unlink()
    assert output.mark == ""


def test_marking_a_tree_does_not_let_go_of_its_lock(output):
    with output.locked():
        output.set_mark("one")
        with pytest.raises(BuildError, match="another build"), Output(output.root).locked():
            pass
    with output.locked():
        assert output.mark == "one"


def test_a_build_that_dies_before_it_replaces_leaves_the_mark(output):
    output.set_mark("one")
    output.begin()
    output.put("b.html", b"new")
    assert not Output(output.root).recover()
    assert output.mark == "one"


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to("b.html"),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to("a"),
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
        lambda path: (path.mkdir(), (path / "full").write_bytes(b"x")),
    ],
    ids=["a link", "a link to nowhere", "a link to a folder", "a pipe", "a folder", "a full folder"],
)
def test_what_is_not_a_file_is_not_read_and_is_replaced(output, make):
    make(output.root / "new.html")
    assert output.read("new.html") is None
    replace(output, {}, {"new.html": b"new"})
    assert not (output.root / "new.html").is_symlink()
    assert read(output.root) == {"a/index.html": b"a", "b.html": b"b", "new.html": b"new"}


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b"x"),
        lambda path: path.symlink_to("nowhere"),
        lambda path: os.mkfifo(path),
    ],
    ids=["a file", "a link to nowhere", "a pipe"],
)
def test_what_stands_where_a_folder_is_needed_makes_room(output, make):
    make(output.root / "deep")
    replace(output, {}, {"deep/down/new.html": b"new"})
    assert (output.root / "deep/down/new.html").read_bytes() == b"new"


def test_a_strangers_folder_in_the_place_of_a_file_that_goes_is_left_alone(output):
    (output.root / "b.html").unlink()
    write(output.root, {"b.html/stranger": b"x"})
    replace(output, {"b.html": b"b"}, {})
    assert read(output.root) == {"a/index.html": b"a", "b.html/stranger": b"x"}


def test_folders_that_become_empty_go_and_others_stay(output):
    write(output.root, {"a/stranger": b"x"})
    replace(output, {"a/index.html": b"a"}, {})
    assert (output.root / "a").is_dir()
    (output.root / "a/stranger").unlink()
    write(output.root, {"a/deep/x": b"x"})
    replace(output, {"a/deep/x": b"x"}, {})
    assert not (output.root / "a").exists()
    assert output.root.is_dir()


def test_a_disk_that_takes_a_part_at_a_time_gets_everything(output, monkeypatch):
    real = open

    class Slow:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, data):
            return self.file.write(bytes(data)[:3])

    monkeypatch.setattr("builtins.open", lambda *a, **o: Slow(real(*a, **o)) if "wb" in a else real(*a, **o))
    output.begin()
    output.put("long.html", b"0123456789")
    assert (output.fresh / output.staged("long.html")).read_bytes() == b"0123456789"
