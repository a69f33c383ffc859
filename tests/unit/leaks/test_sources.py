"""Withheld terms in the sources are told by path and line, and in no words of their own."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests import small_sites
from tocsin.leaks import search_sources
from tocsin.library.withheld import Term

NAME = "Zorvana Quillfeather"
TERMS = (Term(NAME, 3), Term("أحمد القاسمي", 7))
ITEM = "content/appeals/ken-arrest"
TOLD = "holds the withheld term of data/withheld.toml:3"
OUT = "; take it out, of older versions of the file too"


@pytest.fixture
def site(tmp_path):
    return small_sites.copy_of("minimal", tmp_path)


def told(site, terms=TERMS):
    findings = search_sources(site, terms, workers=1)
    assert {finding.rule for finding in findings} <= {"withheld-term"}
    said = [str(finding) for finding in findings]
    assert not [line for line in said if "zorvana" in line.lower() or "quillfeather" in line.lower()]
    return said


def add(site, path, text):
    (site / path).parent.mkdir(parents=True, exist_ok=True)
    with (site / path).open("a", encoding="utf-8") as file:
        file.write(text)


def test_sources_that_hold_no_term_have_no_finding(site):
    assert told(site) == []
    assert search_sources(site, ()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "By Zorvana Quillfeather.",
        "By **Zor**vana _Quill_feather.",
        "By <b>Zor</b>vana Quillfeather.",
        "By Zorvana&nbsp;Quill&shy;feather.",
        "[x](https://x.example/zorvana%20quillfeather)",
        "# note to myself: quillfeather zorvana",
        "Zor\u200bvana Quillfeather",
        "zorvana.quillfeather@mail.example",
    ],
)
def test_a_term_in_a_text_is_told_with_its_line(site, text):
    add(site, f"{ITEM}/en.md", f"\n{text}\n\nMore.\n")
    assert told(site) == [f"ERROR {ITEM}/en.md:14: {TOLD}{OUT}"]


def test_a_term_that_goes_over_two_lines_is_told_with_the_first(site):
    add(site, f"{ITEM}/en.md", "\nBy Zorvana\nQuillfeather.\n")
    assert told(site) == [f"ERROR {ITEM}/en.md:14: {TOLD}{OUT}"]


@pytest.mark.parametrize(
    "path", ["data/themes.toml", "theme/templates/x.html", "theme/locale/fr/x.po", "site.toml"]
)
def test_data_theme_and_settings_are_searched(site, path):
    if not (site / path).exists():
        add(site, path, "#\n")
    lines = (site / path).read_text(encoding="utf-8").count("\n")
    add(site, path, f"# {NAME}\n")
    assert told(site) == [f"ERROR {path}:{lines + 1}: {TOLD}{OUT}"]


def test_every_entry_is_told_by_its_own_line(site):
    add(site, f"{ITEM}/en.md", f"\n{NAME}, احمد القاسمى, {NAME}\n")
    assert told(site) == [
        f"ERROR {ITEM}/en.md:14: {TOLD}{OUT}",
        f"ERROR {ITEM}/en.md:14: {TOLD.replace(':3', ':7')}{OUT}",
    ]


def test_the_private_list_and_its_example_are_not_searched(site):
    for name in ("withheld.toml", "withheld.example.toml"):
        add(site, f"data/{name}", NAME)
    assert told(site) == []


def test_names_of_folders_and_files_are_told_once_and_not_repeated(site):
    (site / ITEM).rename(site / "content/appeals/ken-zorvana-quillfeather")
    add(site, "content/appeals/ken-zorvana-quillfeather/note.txt", "x")
    add(site, "theme/zorvana_quillfeather.html", "x")
    assert told(site) == [
        f"ERROR content/appeals/ken-[…]: {TOLD} in its name; rename it",
        f"ERROR theme/[…].html: {TOLD} in its name; rename it",
    ]


def test_pictures_and_files_of_any_kind_are_searched(site):
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG", comment=NAME.encode())
    (site / ITEM / "photo.jpg").write_bytes(data.getvalue())
    (site / ITEM / "notes.doc").write_bytes(b"\xd0\xcf\x11\xe0" + NAME.encode("utf-16-le"))
    assert told(site) == [
        f"ERROR {ITEM}/notes.doc: {TOLD}{OUT}",
        f"ERROR {ITEM}/photo.jpg: {TOLD} in the metadata of the picture{OUT}",
        f"ERROR {ITEM}/photo.jpg: {TOLD}{OUT}",
    ]


def test_one_process_and_several_find_the_same(site):
    add(site, f"{ITEM}/en.md", NAME)
    for number in range(250):
        add(site, f"theme/{number}.html", NAME if number % 50 == 0 else "x")
    assert search_sources(site, TERMS, workers=1) == search_sources(site, TERMS, workers=2)
    assert len(search_sources(site, TERMS)) == 6
