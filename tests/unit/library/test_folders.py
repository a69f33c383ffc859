"""Where things lie below content/, and what lies where nothing belongs."""

from __future__ import annotations

import pytest

from tocsin.library.folders import ItemFolder, item_folders


@pytest.fixture
def walk(tmp_path):
    def walk(*names):
        (tmp_path / "content").mkdir(exist_ok=True)
        for name in names:
            path = tmp_path / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        folders, findings = item_folders(tmp_path)
        return folders, [str(finding) for finding in sorted(findings)]

    return walk


def test_a_folder_with_a_text_is_an_item_named_after_it(walk):
    folders, findings = walk(
        "appeals/2012/cmr-arrest/fr.md", "appeals/2012/cmr-arrest/en.md", "appeals/2012/cmr-arrest/a.jpg"
    )
    assert folders == [
        ItemFolder("appeal", "cmr-arrest", "content/appeals/2012/cmr-arrest", ("en", "fr"), ("a.jpg",))
    ]
    assert (folders[0].key, findings) == ("appeal:cmr-arrest", [])


def test_folders_between_are_the_editors_own_order(walk):
    folders, findings = walk("reports/a/b/c/d/x/en.md", "reports/y/en.md", "reports/y/z/en.md")
    assert [(folder.slug, folder.path) for folder in folders] == [
        ("x", "content/reports/a/b/c/d/x"),
        ("y", "content/reports/y"),
        ("z", "content/reports/y/z"),
    ]
    assert findings == []


def test_members_lie_in_the_network_and_pages_beside_them(walk):
    folders, _ = walk(
        "network/about/en.md", "network/members/africa/x/en.md", "network/section/members/y/en.md"
    )
    assert [(folder.kind, folder.slug) for folder in folders] == [
        ("page", "about"),
        ("member", "x"),
        ("page", "y"),
    ]


def test_every_folder_that_was_looked_into_is_told(tmp_path, walk):
    walk("appeals/2012/x/en.md", "network/.hidden/y/en.md")
    seen = []
    item_folders(tmp_path, seen.append)
    assert seen == [
        "content",
        "content/appeals",
        "content/appeals/2012",
        "content/appeals/2012/x",
        "content/network",
    ]


def test_an_empty_folder_is_no_fault(walk, tmp_path):
    (tmp_path / "content/appeals/2027").mkdir(parents=True)
    assert walk() == ([], [])


SECTIONS = "appeals, network, portraits, reports, statements"
RESERVED = "has a name that Windows keeps for itself; rename it"
INVISIBLE = "has a name with invisible characters; rename it"
ADDRESS = "has a wrong name: {} cannot be an address; use a-z, 0-9 and single hyphens"
OWN_USE = "has a wrong name: {} is an address that the site uses itself; choose another"
ALONE = "lies in a folder without any text; put it beside the item that uses it, or delete it"


@pytest.mark.parametrize(
    ("name", "place", "told"),
    [
        ("readme.txt", "readme.txt", f"is not a section; content/ holds only {SECTIONS}"),
        ("apeals/x/en.md", "apeals", "is not a section, did you mean 'appeals'?"),
        ("Appeals/x/en.md", "Appeals", "is not a section, did you mean 'appeals'?"),
        ("appeals/x/en.MD", "appeals/x/en.MD", "is not read; rename it to en.md"),
        ("appeals/x/FR.Markdown", "appeals/x/FR.Markdown", "is not read; rename it to fr.md"),
        ("appeals/X/en.md", "appeals/X", ADDRESS.format("'X'")),
        ("appeals/2012/en.md", "appeals/2012", OWN_USE.format("'2012'")),
        ("appeals/2012/photo.jpg", "appeals/2012/photo.jpg", ALONE),
        ("appeals/con/x/en.md", "appeals/con", RESERVED),
        ("appeals/x/aux.jpg", "appeals/x/aux.jpg", RESERVED),
        ("appeals/x/a\x07.jpg", "appeals/x/a\\x07.jpg", INVISIBLE),
        ("appeals/x\n/en.md", "appeals/x\\n", INVISIBLE),
        ("appeals/x/a\udcff.jpg", "appeals/x/a\\udcff.jpg", INVISIBLE),
    ],
    ids=lambda value: value.encode("unicode_escape", "surrogatepass").decode()[:30],
)
def test_what_is_misplaced_or_misnamed_is_told_with_what_to_do(walk, name, place, told):
    folders, findings = walk(name)
    assert findings == [f"ERROR content/{place}: {told}"]
    assert all(folder.others == () for folder in folders)


@pytest.mark.parametrize("section", ["appeals", "network", "network/members"])
def test_a_text_needs_a_folder_of_its_own(walk, section):
    folders, (told,) = walk(f"{section}/en.md")
    better = f"content/{section}/a-short-name/en.md"
    assert folders == []
    assert told == f"ERROR content/{section}/en.md: needs a folder of its own; move it to {better}"
