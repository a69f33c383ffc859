"""What a release would make public, told to an editor before it happens."""

import json

import pytest

from tests.integration.checkout import Checkout

FIRST = "content/appeals/2026/first/en.md"


@pytest.fixture
def committed(small: Checkout) -> Checkout:
    small.git("init", "-q", "-b", "main")
    small.git("add", "content", "data", "site.toml")
    small.git("commit", "-q", "-m", "First")
    return small


def test_without_a_past_everything_would_become_public(small):
    told = small.run("diff", "--at", "2026-06-15T12:00Z")
    assert told.code == 0
    assert "compared with nothing, as there is no release yet:" in told.out
    assert "New pages (3)\n  Threats against a defender  /appeals/first/\n" in told.out


def test_names_pictures_and_pages_are_told_in_words(committed, demo):
    committed.edit(
        FIRST,
        "title: Threats against a defender\n",
        (
            "persons:\n  one: {name_mode: full}\n  two: {name_mode: withheld}\n"
            "title: Threats against Ana Quillfeather\nnames:\n  one: Ana Quillfeather\n"
        ),
    )
    committed.edit(FIRST, "A text with", "![A face](face.jpg)\n\nMore text with")
    picture = next((demo.checkout.root / "content").rglob("*.jpg"))
    (committed.root / "content/appeals/2026/first/face.jpg").write_bytes(picture.read_bytes())
    committed.write(
        "content/appeals/2026/second/en.md",
        (committed.root / FIRST)
        .read_text("utf-8")
        .replace("0000000001", "0000000055")
        .replace("![A face](face.jpg)", "A")
        .replace("fictional: true", "fictional: true\nembargo: 2027-01-01T00:00Z"),
    )
    told = committed.run("diff", "--against", "HEAD", "--at", "2026-06-15T12:00Z")
    assert told.err == ""
    assert (
        told.out
        == """\
What would be public as of 2026-03-11 00:00 UTC, compared with commit HEAD:

Names that become public (1)
  Ana Quillfeather  /appeals/first/

Pictures that become public (1)
  face.jpg  /appeals/first/

Pages that change (1)
  Threats against Ana Quillfeather  /appeals/first/: title (was “Threats against a defender”), text, facts

1 item under embargo stays out; the next ends 2027-01-01 00:00 UTC.
"""
    )
    later = committed.run("diff", "--against", "HEAD", "--at", "2027-01-01T00:00Z", "--json")
    found = {(change["what"], change["way"], change["address"]) for change in json.loads(later.out)}
    assert ("page", "new", "appeals/second/") in found


def test_what_is_withdrawn_vanishes_and_notes_for_editors_change_nothing(committed):
    committed.edit(
        FIRST, "fictional: true\n", "fictional: true\ndraft: false\nexceptions: {review-passed: none}\n"
    )
    assert (
        "Nothing that readers see of any item would change." in committed.run("diff", "--against", "HEAD").out
    )
    committed.edit(FIRST, "draft: false\n", "withdrawn: 2026-06-02T10:00Z\n")
    told = committed.run("diff", "--against", "HEAD")
    assert "Pages that vanish (1)\n  Threats against a defender  /appeals/first/\n" in told.out


def test_a_commit_that_is_none_and_one_with_faults_are_told(committed):
    told = committed.run("diff", "--against", "nothing-like-it")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("ERROR git cannot give the sources of that commit (")
    committed.edit(FIRST, "stage: first", "stage: fourth")
    committed.git("commit", "-q", "-a", "-m", "A fault")
    committed.edit(FIRST, "stage: fourth", "stage: first")
    told = committed.run("diff", "--against", "HEAD")
    assert told.code == 1
    assert told.err.startswith("ERROR the sources of HEAD cannot be compared: 1 fault is an error now")
