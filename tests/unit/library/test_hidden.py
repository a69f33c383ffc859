"""What is not public is collected with its words, names and files; what is public, with its texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import small_sites
from tests.small_sites import AT
from tocsin.library.hidden import collect_unpublished

APPEAL = "content/appeals/2026/ken-arrest"


@pytest.fixture
def site(tmp_path):
    return small_sites.copy_of("base", tmp_path)


def collected(site, tmp_path, at=AT):
    return collect_unpublished(site, at, tmp_path / "state")


def add_draft(site):
    small_sites.change(
        site,
        """\
content/portraits/new-face/en.md
+ ---
+ id: 0000000abc
+ draft: true
+ fictional: true
+ issued: 2026-01-01
+ series: portraits
+ number: 9
+ countries: [KE]
+ consent: given
+ consent_on: 2026-01-01
+ review_on: 2027-01-01
+ title: Wendeline, teacher
+ person: Wendeline Ashgrove
+ summary: She taught for thirty years.
+ quote: Nobody asked us.
+ ---
+
+ The *first* morning.
""",
    )


def test_what_is_public_is_told_apart_from_what_is_not(site, tmp_path):
    found = collected(site, tmp_path)
    assert [(item.folder, item.reason) for item in found.hidden] == [
        ("content/reports/2026/held-back", "is under embargo until 2027-01-10 08:00 UTC"),
        ("content/statements/2026/unfinished", "is a draft"),
    ]
    assert any("Arrest of a committee" in text for text in found.public)
    assert not any("Held back until January" in text for text in found.public)
    assert found.file_names
    assert not {name for item in found.hidden for name in item.file_names} & set(found.file_names)


def test_of_a_draft_everything_is_known_that_may_not_be_said(site, tmp_path):
    before = {item.folder for item in collected(site, tmp_path).hidden}
    add_draft(site)
    found = collected(site, tmp_path)
    (item,) = (item for item in found.hidden if item.folder not in before)
    assert (item.folder, item.reason) == ("content/portraits/new-face", "is a draft")
    assert item.names == ("Wendeline Ashgrove",)
    assert item.titles == ("Wendeline, teacher", "new-face")
    assert set(item.texts) == {
        "She taught for thirty years.",
        "Nobody asked us.",
        "<p>The <em>first</em> morning.</p>",
    }
    assert not item.is_withdrawn
    assert not any("Ashgrove" in text for text in found.public)


def test_an_item_under_embargo_is_public_after_it(site, tmp_path):
    before, after = (collected(site, tmp_path, datetime(2027, 1, 10, hour, tzinfo=UTC)) for hour in (7, 8))
    assert [item.reason for item in after.hidden] == ["is a draft"]
    assert len(before.hidden) == 2
    assert any("Held back until January" in text for text in after.public)
    assert datetime(2027, 1, 10, 8, tzinfo=UTC) in after.instants - before.instants


def test_of_a_withdrawn_item_its_files_tell_what_may_be_nowhere(site, tmp_path):
    add_draft(site)
    path = "content/portraits/new-face/en.md"
    small_sites.change(site, f"{path}\n- draft: true\n+ withdrawn: 2026-05-01T10:30Z\n")
    (site / "content/portraits/new-face/wendeline.jpg").write_bytes(b"x")
    found = collected(site, tmp_path)
    (item,) = (item for item in found.hidden if item.is_withdrawn)
    assert (item.folder, item.reason) == ("content/portraits/new-face", "was withdrawn")
    assert item.names == ("Wendeline Ashgrove",)
    assert item.titles == ("Wendeline, teacher",)  # a notice stands at its address
    assert "The *first* morning." in {text.strip() for text in item.texts}
    assert item.file_names == ("wendeline.jpg",)
    assert datetime(2026, 5, 1, 10, 30, tzinfo=UTC) in found.instants


def test_an_address_that_tells_too_much_is_searched_for(site, tmp_path):
    add_draft(site)
    path = "content/portraits/new-face/en.md"
    change = f"{path}\n- draft: true\n+ withdrawn: 2026-05-01T10:30Z\n+ tombstone: false\n"
    small_sites.change(site, change)
    (item,) = (item for item in collected(site, tmp_path).hidden if item.is_withdrawn)
    assert "new-face" in item.titles


def test_withdrawn_languages_and_files_of_a_public_item_are_hidden(site, tmp_path):
    path = f"{APPEAL}/en.md"
    small_sites.change(
        site, f"{path}\n- stage: first\n+ stage: first\n+ withdrawn_languages:\n+   fr: 2026-05-01T10:30Z\n"
    )
    body = (site / APPEAL / "fr.md").read_text(encoding="utf-8").rpartition("---")[2].strip()
    (item,) = (item for item in collected(site, tmp_path).hidden if item.folder == APPEAL)
    assert item.reason == "was withdrawn in 'fr'"
    assert body.split("\n")[0][:20] in "\n".join(item.texts)
    assert item.titles == ("Arrestation d'un comité", "D. M.")
    assert item.names == ("Mme Atieno Kibworo",)
