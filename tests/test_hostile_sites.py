"""What attackers may write: it is refused with its place, or shown as text; nothing else gets into a page.

Each folder of `tests/sites/hostile/` is one attack on `tests/sites/base/`, written down as
`tests/small_sites.py` says; `expected.txt` is the whole text of what is said about it, empty where all
of it is only text. What git cannot hold (links, devices, huge files) is made here.
`python -m tests.test_hostile_sites` writes the expected texts and the list of the theme's elements anew: read
the difference.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import allowed, small_sites
from tests.rendering import rendered
from tests.small_sites import SITES
from tocsin import forks
from tocsin.errors import ThemeError
from tocsin.ledger.sources import MAX_TEXT
from tocsin.library import guarded
from tocsin.library.folders import MAX_FILES
from tocsin.render.languages import read_catalogue

ATTACKS = sorted(path for path in (SITES / "hostile").iterdir() if path.is_dir())
CALL = "content/statements/2026/call"
HEAD = "---\nid: 0statem300\nissued: 2026-05-01\nform: press-release\ntitle: Odd\n---\n"


@pytest.fixture
def site(tmp_path):
    return small_sites.copy_of("base", tmp_path)


@pytest.fixture
def said(site, tmp_path):
    """What is said of the site as it was changed."""
    return lambda: small_sites.load(site, tmp_path / "state").text


@pytest.fixture(scope="module")
def benign(tmp_path_factory):
    """The pages of the base."""
    folder = tmp_path_factory.mktemp("benign")
    library = small_sites.load(small_sites.copy_of("base", folder), folder).library
    return dict(rendered(library, folder))


def attacked(attack: Path, folder: Path) -> small_sites.Heard:
    site = small_sites.copy_of("base", folder)
    small_sites.change(site, (attack / "change.txt").read_text(encoding="utf-8"))
    return small_sites.load(site, folder / "state")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_or_becomes_text(attack, tmp_path, benign):
    heard = attacked(attack, tmp_path)
    assert heard.text == (attack / "expected.txt").read_text(encoding="utf-8")
    known, changed = allowed.allowed(), 0
    for path, text in rendered(heard.library, tmp_path) if heard.library else ():
        if benign.get(path) != text:
            changed += 1
            assert allowed.strangers_in(path, text, known) == [], path
    assert changed or not heard.library


def test_the_pages_of_the_base_hold_what_the_list_names_and_nothing_else(benign):
    known = allowed.allowed()
    assert [found for path, text in benign.items() for found in allowed.strangers_in(path, text, known)] == []


@pytest.mark.parametrize(
    ("inserted", "found"),
    [
        ("<script>x</script>", "<script>"),
        ("<b onclick=x>", '<b onclick="x">'),
        ("<a href='java\tscript:x'>", '<a href="java\tscript:x">'),
        ("<a href='\\\\evil.example'>", '<a href="\\\\evil.example">'),
        ("<!-- x -->", "<!-->"),
        ("<p style='x'>", '<p style="x">'),
        ("<svg><g>", "<{http://www.w3.org/2000/svg}svg>"),
    ],
)
def test_what_does_not_belong_into_a_page_is_seen(benign, inserted, found):
    page = benign["index.html"].replace("</main>", f"{inserted}</main>")
    assert found in allowed.strangers(page, allowed.allowed())


def test_a_text_of_fifty_megabytes_is_refused_by_its_size(site, said, monkeypatch):
    for place in (f"{CALL}/en.md", "content/reports/2026/custody/en.md"):
        with (site / place).open("r+b") as file:
            file.truncate(50_000_000)
    read = Path.read_bytes
    small = pytest.MonkeyPatch()
    small.setattr(
        Path, "read_bytes", lambda path: read(path) if path.stat().st_size < MAX_TEXT else pytest.fail("read")
    )
    try:
        told = said()
    finally:
        small.undo()
    assert told == (
        "ERROR content/reports/2026/custody/en.md: is larger than 2 MB; divide it\n"
        f"ERROR {CALL}/en.md: is larger than 2 MB; divide it\n"
        "2 errors. Nothing was written.\n"
    )


def test_huge_files_of_other_kinds_are_refused_by_their_size(site, said):
    small_sites.change(
        site,
        "content/reports/2026/custody/fr.md\n-   - {language: en, format: print, issn: 2225-1804}\n"
        "+   - {language: en, format: pdf, file: a.pdf}\n",
    )
    (site / "content/reports/2026/custody/a.pdf").touch()
    for place, size in (
        ("content/reports/2026/custody/a.pdf", 150_000_000),
        ("content/portraits/2026/first/photo.jpg", 30_000_000),
        ("data/themes.toml", 5_000_000),
    ):
        os.truncate(site / place, size)
    assert said() == (
        "ERROR content/portraits/2026/first/photo.jpg: is 30.0 MB; the limit is 20 MB; scale it down first\n"
        "ERROR content/reports/2026/custody/a.pdf: has 150 MB; the limit is 100 MB\n"
        "ERROR data/themes.toml: is larger than 2 MB; delete what is not needed\n"
        "3 errors. Nothing was written.\n"
    )


def test_settings_that_are_huge_are_refused_by_their_size(site, said):
    os.truncate(site / "site.toml", 3_000_000)
    assert "ERROR site.toml: is larger than 2 MB; delete what is not needed\n" in said()


def test_front_matter_has_a_size_of_its_own(site, said):
    path = site / f"{CALL}/en.md"
    path.write_text(path.read_text(encoding="utf-8").replace("---\n", "---\n" + "# x\n" * 30_000, 1), "utf-8")
    assert (
        said()
        == f"ERROR {CALL}/en.md:1: has front matter of more than 100 kB\n1 error. Nothing was written.\n"
    )


def test_a_folder_holds_so_many_files_and_no_more(site, said):
    for number in range(MAX_FILES):
        (site / CALL / f"{number}.txt").touch()
    assert f"ERROR {CALL}: has 1001 files; the limit is 1000; delete those that no text uses\n" in said()


def test_folders_lie_in_each_other_so_deep_and_no_deeper(site, said):
    place = site / "content/statements" / "/".join("abcdefghijklmnopqrstuvwxyz") / "odd"
    place.mkdir(parents=True)
    (place / "en.md").write_text(HEAD, "utf-8")
    assert said().startswith(
        "ERROR content/statements/a/b/c/d/e/f/g/h/i/j/k/l: lies more than 12 folders deep;"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nul.jpg", "has a name that Windows keeps for itself; rename it"),
        ("COM¹.jpg", "has a name that Windows keeps for itself; rename it"),
        ("a:b.jpg", "has a name that Windows cannot hold; rename it"),
        ("a\\..\\b.jpg", "has a name that Windows cannot hold; rename it"),
        ("a.jpg.", "has a name that Windows cannot hold; rename it"),
        ("a?.jpg", "has a name that Windows cannot hold; rename it"),
        ("EN.MD", "has the name of 'EN.MD' on systems where A is a; rename one of the two"),
    ],
)
def test_names_that_mean_something_else_elsewhere_are_refused(site, said, name, message):
    (site / CALL / name).touch()
    place = "en.md" if name == "EN.MD" else name
    assert f"ERROR {CALL}/{place}: {message}\n" in said()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_not_a_file_is_never_opened(site, said):
    """Links, pipes, sockets and devices: each of them would end the build, or never let it end."""
    (site / CALL / "link.jpg").symlink_to("/etc/passwd")
    (site / CALL / "loop.jpg").symlink_to("loop.jpg")
    (site / "content/statements/2026/away").symlink_to("..")
    (site / "data/themes.toml").unlink()
    (site / "data/themes.toml").symlink_to("/dev/zero")
    (site / "data/facts.toml").unlink()
    os.mkfifo(site / "data/facts.toml")
    os.mkfifo(site / CALL / "ar.md")
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(site / CALL)  # the name of a socket may not be long
        try:
            plug.bind("plug.jpg")
        finally:
            os.chdir(here)
    told = said()
    for line in (
        "ERROR content/statements/2026/away: is a link; put the file itself here",
        f"ERROR {CALL}/ar.md: is neither a file nor a folder; delete it",
        f"ERROR {CALL}/link.jpg: is a link; put the file itself here",
        f"ERROR {CALL}/loop.jpg: is a link; put the file itself here",
        f"ERROR {CALL}/plug.jpg: is neither a file nor a folder; delete it",
        "ERROR data/facts.toml: is neither a file nor a folder; delete it",
        "ERROR data/themes.toml: is a link; put the file itself here",
    ):
        assert f"{line}\n" in told


@pytest.mark.skipif(not hasattr(os, "mknod") or os.name == "nt", reason="there are no devices here")
def test_a_device_is_never_opened(site, said):
    try:
        os.mknod(site / CALL / "fr.md", 0o20666, os.makedev(1, 5))  # the zeros that never end
    except PermissionError:
        pytest.skip("only the system's keeper makes devices")
    assert (
        said()
        == f"ERROR {CALL}/fr.md: is neither a file nor a folder; delete it\n1 error. Nothing was written.\n"
    )


DEEP = "is nested too deeply to be read; write it flatter"
TEXTS = {
    "lists": ("- " * 10_000 + "x", DEEP),
    "numbers": ("1. " * 10_000 + "x", DEEP),
    "boxes": ("<div>" * 1_500 + "x", DEEP),
    "boxes, ten thousand": (
        "<div>" * 10_000,
        "has a paragraph of 50000 characters with 10000 '[' or '<'; divide it",
    ),
    "emphasis": ("<b><i>" * 900 + "x", DEEP),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_nested_beyond_reason_is_refused(site, said, name):
    text, message = TEXTS[name]
    (site / CALL / "en.md").write_text(HEAD + text, "utf-8")
    assert said() == f"ERROR {CALL}/en.md:7: {message}\n1 error. Nothing was written.\n"


@pytest.mark.parametrize(
    "text", ["> " * 10_000 + "x", "*" * 50_000, "**a" * 10_000, "`" * 50_000, "#" * 100_000]
)
def test_other_texts_that_nest_end_by_themselves(site, said, text):
    (site / CALL / "en.md").write_text(HEAD + text, "utf-8")
    begun = time.monotonic()
    said()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("x: " + "[" * 10_000, "is nested more than 8 levels deep; write it flatter"),
        ("x: " + "{a: " * 10_000, "is nested more than 8 levels deep; write it flatter"),
    ],
)
def test_front_matter_nested_beyond_reason_is_refused(site, said, head, message):
    (site / CALL / "en.md").write_text(f"---\n{head}\n---\n", "utf-8")
    assert message in said()


def test_shared_data_nested_beyond_reason_is_refused(site, said):
    (site / "data/facts.toml").write_text("x = " + "[" * 10_000, "utf-8")
    assert "ERROR data/facts.toml: is nested too deeply to be read; write it flatter\n" in said()


def test_a_header_that_is_none_costs_no_time(site, said):
    """`line_of` looks at every line once there is a fault, also at those inside of long texts."""
    trap = "[" + " " * 100_000 + "x"
    (site / "data/facts.toml").write_text(f"[members]\nwrong = '''\n{trap}\n'''\n", "utf-8")
    begun = time.monotonic()
    assert "data/facts.toml:" in said()
    assert time.monotonic() - begun < 5


needs_forks = pytest.mark.skipif(not forks.CAN_FORK, reason="there is no fork here")


@needs_forks
@pytest.mark.parametrize("workers", [1, 2])
def test_an_item_that_takes_too_long_is_named_and_all_faults_of_others_are_told(
    site, tmp_path, monkeypatch, workers
):
    monkeypatch.setattr(guarded, "LIMITS", forks.Limits(seconds=1, memory=10**9))
    slow = site / "content/statements/2026/slow/en.md"
    slow.parent.mkdir()
    slow.write_text(HEAD + "a\n" + ":   b\n" * 200_000, "utf-8")  # python-markdown takes minutes
    small_sites.change(site, f"{CALL}/en.md\n- title: Call for input on custody\n+ titel: Call\n")
    begun = time.monotonic()
    heard = small_sites.load(site, tmp_path / "state", workers=workers)
    assert time.monotonic() - begun < 20
    assert heard.text == (
        "ERROR content/statements/2026/call/en.md:10: unknown key 'titel', did you mean 'title'?\n"
        "ERROR content/statements/2026/slow: cannot be read: that takes more than 1 s; "
        "divide its texts, or find what is odd in them\n"
        "2 errors. Nothing was written.\n"
    )
    slow.unlink()
    slow.parent.rmdir()
    small_sites.change(site, f"{CALL}/en.md\n- titel: Call\n+ title: Call\n")
    assert small_sites.load(site, tmp_path / "state").text == "", "the process is as sound as before"


@pytest.fixture
def quiet_end() -> Iterator[None]:
    """A worker that is to die does so without a word of pytest's."""
    faulthandler.disable()
    yield
    faulthandler.enable()


@needs_forks
def test_an_item_that_takes_too_much_memory_is_named(site, tmp_path, monkeypatch, quiet_end):
    monkeypatch.setattr(guarded, "LIMITS", forks.Limits(seconds=50, memory=40_000_000))
    (site / CALL / "en.md").write_text(HEAD + "*a* `b` **c**\n\n" * 100_000, "utf-8")
    assert small_sites.load(site, tmp_path / "state").text == (
        f"ERROR {CALL}: cannot be read: that takes more than 40 MB of memory; "
        "divide its texts, or find what is odd in them\n"
        "1 error. Nothing was written.\n"
    )


@needs_forks
def test_after_some_that_take_too_long_the_rest_is_left_unread(site, tmp_path, monkeypatch):
    monkeypatch.setattr(guarded, "LIMITS", forks.Limits(seconds=0.5, memory=10**9))
    for number in range(7):
        path = site / f"content/statements/2026/slow-{number}/en.md"
        path.parent.mkdir()
        head = HEAD.replace("0statem300", f"0statem30{number}")
        path.write_text(head + "a\n" + ":   b\n" * 200_000, "utf-8")
    text = small_sites.load(site, tmp_path / "state").text
    assert text.count("takes more than 0.5 s") == guarded.MOST_LOST
    assert text.count("what had not been read by then was left unread") == 1


@pytest.mark.parametrize(
    ("translated", "sign"),
    [("<script>alert(1)</script>", "<"), ('x\\" onclick=\\"alert(1)', '"'), ("&lt;", "&")],
)
def test_a_catalogue_cannot_bring_markup_into_pages(tmp_path, translated, sign):
    folder = tmp_path / "theme/locale"
    path = folder / "fr/LC_MESSAGES/tocsin.po"
    path.parent.mkdir(parents=True)
    path.write_text(f'msgid "Urgent appeals"\nmsgstr "{translated}"\n', "utf-8")
    with pytest.raises(ThemeError) as told:
        read_catalogue(folder, "fr", "en")
    assert str(told.value) == (
        f"theme/locale/fr/LC_MESSAGES/tocsin.po: the translation of 'Urgent appeals' holds '{sign}'; "
        "words of the interface stand in pages as they are, so write them without marks of HTML"
    )


def test_a_huge_catalogue_is_refused_by_its_size(tmp_path):
    folder = tmp_path / "theme/locale"
    (folder / "fr/LC_MESSAGES").mkdir(parents=True)
    with (folder / "fr/LC_MESSAGES/tocsin.po").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ThemeError, match=r"tocsin\.po is larger than 2 MB; delete what is not needed$"):
        read_catalogue(folder, "fr", "en")


def _write_list(folder: Path) -> None:
    library = small_sites.load(small_sites.copy_of("base", folder), folder / "state").library
    assert library is not None
    found: dict[str, set[str]] = {}
    for path, text in rendered(library, folder):
        pages = [text] if path.endswith(".html") else []
        if path.endswith((".rss", ".atom", ".json")):
            pages = list(allowed.texts_of_a_feed(path, text))
        for page in pages:
            for tag, attributes in allowed.elements(page):
                found.setdefault(tag, set()).update(attributes)
    del found["script"]  # of the search page alone: see `allowed.strangers_in`
    lines = [" ".join([tag, *sorted(found[tag])]) for tag in sorted(found)]
    allowed.LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        _write_list(Path(place))
    for one in ATTACKS:
        with tempfile.TemporaryDirectory() as place:
            (one / "expected.txt").write_text(attacked(one, Path(place)).text, encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
