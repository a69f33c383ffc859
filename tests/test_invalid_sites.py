"""Every fault that an editor can make, with the whole text of what she is told.

Each folder of `tests/sites/invalid/` is one fault; `tests/small_sites.py` says how it is written down. After
a change of wording, `python -m tests.test_invalid_sites` writes the expected texts anew: read the difference.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from tests import small_sites
from tests.small_sites import SITES
from tocsin.library.frontmatter import MAX_BYTES

INVALID = sorted((SITES / "invalid").iterdir())


@pytest.fixture
def site(tmp_path):
    return small_sites.copy_of("base", tmp_path)


@pytest.fixture
def load(tmp_path):
    return lambda site, **options: small_sites.load(site, tmp_path / "state", **options)


def what_is_said(fault: Path, folder: Path) -> str:
    site = small_sites.copy_of("base", folder)
    small_sites.change(site, (fault / "change.txt").read_text(encoding="utf-8"))
    return small_sites.load(site, folder / "state").text


@pytest.mark.parametrize("fault", INVALID, ids=lambda fault: fault.name)
def test_a_fault_is_told_with_its_place_and_the_way_out(fault, tmp_path):
    assert what_is_said(fault, tmp_path) == (fault / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", INVALID, ids=lambda fault: fault.name)
def test_no_message_speaks_to_programmers(fault):
    """One line and one sentence each, and none of the phrases of pydantic, PyYAML and Python."""
    for line in (fault / "expected.txt").read_text(encoding="utf-8").splitlines():
        if line.endswith("Nothing was written."):
            continue
        assert re.fullmatch(r"(ERROR|WARNING) [^ ]+: \S.*[^.]", line)
        assert not re.search(
            r"Input should|Extra inputs|Field required|Value error|valid (string|dictionary|integer|tuple)|"
            r"NoneType|Traceback|mapping values|block mapping|\bdict\b|\btuple\b|\bstr\b|\bint\b|\bNone\b",
            line,
        )


@pytest.mark.parametrize("name", ["base", "minimal"])
def test_a_valid_site_has_nothing_to_complain_about(name, tmp_path, load):
    assert load(small_sites.copy_of(name, tmp_path)).text == ""


def test_the_base_shows_every_kind_and_hides_drafts_and_embargoed_items(site, load):
    assert sorted(load(site).library.entries) == [
        "appeal:cmr-arrest",
        "appeal:ken-arrest",
        "appeal:ken-release",
        "member:kirimba",
        "page:about",
        "portrait:first",
        "report:custody",
        "statement:call",
    ]
    assert "statement:unfinished" in load(site, drafts=True).library.entries


def test_line_ends_of_windows_make_no_difference(site, load):
    expected = load(site).library
    for path in [*site.rglob("*.md"), *site.rglob("*.toml")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    found = load(site)
    assert found.text == ""
    for key in expected.entries:
        item, other = expected.read_item(key), found.library.read_item(key)
        assert (item.facts, item.words, item.digests) == (other.facts, other.words, other.digests)
        for language in item.languages:
            assert expected.read_texts(key, language) == found.library.read_texts(key, language)


def test_the_only_file_of_an_item_may_say_that_it_is_the_original(site, load):
    path = site / "content/statements/2026/call/en.md"
    path.write_text(
        path.read_text(encoding="utf-8").replace("---\n", "---\noriginal: true\n", 1), encoding="utf-8"
    )
    assert load(site).text == ""


def test_hidden_files_and_folders_are_passed_over(site, load):
    (site / "content/.DS_Store").write_bytes(b"\0")
    (site / "content/appeals/.cache").mkdir()
    (site / "content/appeals/.cache/en.md").write_text("---\n", encoding="utf-8")
    (site / "content/statements/2026/call/.en.md.swp").write_bytes(b"\0")
    (site / "content/statements/2026/call/.fr.md").write_text("not ready", encoding="utf-8")
    assert load(site).text == ""


def test_links_of_the_file_system_are_not_followed(site, load):
    (site / "secret.md").write_text("---\nid: 0secret000\ntitle: Secret\n---\n", encoding="utf-8")
    (site / "content/statements/2026/secret").mkdir()
    (site / "content/statements/2026/secret/en.md").symlink_to(site / "secret.md")
    (site / "content/reports/2026/elsewhere").symlink_to(site / "data", target_is_directory=True)
    (site / "content/pictures").symlink_to(site / "data", target_is_directory=True)
    assert load(site).text == (
        "ERROR content/pictures: is a link; put the file itself here\n"
        "ERROR content/reports/2026/elsewhere: is a link; put the file itself here\n"
        "ERROR content/statements/2026/secret/en.md: is a link; put the file itself here\n"
        "3 errors. Nothing was written.\n"
    )


def test_a_file_name_cannot_write_to_the_terminal(site, load):
    (site / "content/statements/2026/call/\x1b[2J.txt").write_text("", encoding="utf-8")
    (site / "content/statements/2026/call/\u202egpj.md").write_text("", encoding="utf-8")
    assert load(site).text == (
        "ERROR content/statements/2026/call/\\u202egpj.md: has a name with invisible characters; rename it\n"
        "ERROR content/statements/2026/call/\\x1b[2J.txt: has a name with invisible characters; rename it\n"
        "2 errors. Nothing was written.\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_neither_file_nor_folder_is_not_opened(site, load):
    os.mkfifo(site / "content/statements/2026/call/fr.md")
    assert load(site).text == (
        "ERROR content/statements/2026/call/fr.md: is neither a file nor a folder; delete it\n"
        "1 error. Nothing was written.\n"
    )


def test_a_huge_file_is_refused_unread(site, load):
    with (site / "content/statements/2026/call/en.md").open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    assert load(site).text == (
        "ERROR content/statements/2026/call/en.md: is larger than 2 MB; divide it\n"
        "1 error. Nothing was written.\n"
    )


def test_a_paragraph_that_would_take_an_hour_is_refused(site, load):
    with (site / "content/statements/2026/call/en.md").open("a", encoding="utf-8") as file:
        file.write("\nA short paragraph.\n\n" + "[" * 100_000)
    assert load(site).text == (
        "ERROR content/statements/2026/call/en.md:18: has a paragraph of 100000 characters with "
        "100000 '[' or '<'; divide it\n"
        "1 error. Nothing was written.\n"
    )


def test_a_text_nested_beyond_reason_is_refused_and_the_next_is_read_as_if_nothing_had_been(site, load):
    expected = load(site).library.read_texts("statement:call", "en")
    path = site / "content/statements/2026/abyss/en.md"
    path.parent.mkdir()
    deep = "\n".join(f"{'    ' * level}- x" for level in range(400))
    path.write_text(
        f"---\nid: 0statem300\nissued: 2026-05-01\nform: press-release\ntitle: Deep\n---\n{deep}\n"
    )
    assert load(site).text == (
        "ERROR content/statements/2026/abyss/en.md:7: is nested too deeply to be read; write it flatter\n"
        "1 error. Nothing was written.\n"
    )
    path.unlink()
    path.parent.rmdir()
    assert load(site).library.read_texts("statement:call", "en") == expected


def test_the_order_in_which_a_disk_lists_its_files_makes_no_difference(site, tmp_path, monkeypatch):
    text = (SITES / "invalid/several-faults-in-several-files/change.txt").read_text(encoding="utf-8")
    good = small_sites.load(site, tmp_path / "1")
    scandir = os.scandir

    class Backwards:
        def __init__(self, path):
            self.entries = scandir(path)

        def __enter__(self):
            return iter(sorted(self.entries.__enter__(), key=lambda entry: entry.name, reverse=True))

        def __exit__(self, *error):
            return self.entries.__exit__(*error)

    monkeypatch.setattr(os, "scandir", Backwards)
    turned = small_sites.load(site, tmp_path / "2")
    assert turned.text == good.text
    assert list(turned.library.entries.items()) == list(good.library.entries.items())
    small_sites.change(site, text)
    told = small_sites.load(site, tmp_path / "3")
    monkeypatch.undo()
    assert told.text == small_sites.load(site, tmp_path / "4").text


def test_a_link_between_items_held_back_to_one_instant_is_right(site, load):
    small_sites.change(
        site,
        """
content/statements/2026/launch/en.md
+ ---
+ id: 0statem300
+ issued: 2027-01-10
+ form: press-release
+ embargo: 2027-01-10T09:00+01:00
+ title: The findings are out
+ ---
+
+ See [the findings](report:held-back).
""",
    )
    assert load(site).text == ""


def test_an_embargo_that_has_ended_hides_nothing(site, load):
    small_sites.change(
        site,
        """
content/statements/2026/call/en.md
- Write to us about [women in custody](theme:women).
+ See [the findings](report:held-back).
""",
    )
    end = small_sites.AT.replace(year=2027, month=1, day=10, hour=8)
    before = load(site, at=end.replace(hour=7, minute=59))
    assert before.rules == ["broken-link"]
    after = load(site, at=end)
    assert after.text == ""
    assert "report:held-back" in after.library.entries


def test_a_site_without_content_says_so(site, load):
    for path in sorted((site / "content").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (site / "content").rmdir()
    assert load(site).text == (
        "ERROR content: is missing; make this folder for what the site says\n1 error. Nothing was written.\n"
    )


if __name__ == "__main__":
    for fault in INVALID:
        with tempfile.TemporaryDirectory() as folder:
            (fault / "expected.txt").write_text(what_is_said(fault, Path(folder)), encoding="utf-8")
