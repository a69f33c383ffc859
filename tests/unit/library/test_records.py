"""Records: the revision of words, and the item that is built again from plain data."""

from __future__ import annotations

import pickle

import pytest

from tests import small_sites
from tocsin.library.folders import ItemFolder, item_folders
from tocsin.library.intake import build_item, read_item, words_digest

LANGUAGES = ("en", "fr", "ar")


@pytest.fixture
def records():
    root = small_sites.SITES / "base"
    read = {}
    for folder in item_folders(root)[0]:
        record, findings = read_item(root, folder, LANGUAGES)
        assert findings == []
        read[record.key] = record
    return read


def test_a_revision_is_twelve_hexadecimal_digits_and_never_changes_by_itself():
    assert words_digest({"title": "Arrest"}, "Text.") == "66eb9f51cbc6"


def test_a_revision_depends_on_every_word():
    base = words_digest({"title": "A", "actions": {"a": "x", "b": "y"}}, "Text.")
    assert base != words_digest({"title": "A", "actions": {"a": "x", "b": "z"}}, "Text.")
    assert base != words_digest({"title": "A", "actions": {"a": "x"}}, "Text.")
    assert base != words_digest({"title": "A", "actions": {"a": "x", "b": "y"}}, "Text!")
    assert base != words_digest({"title": "AText.", "actions": {"a": "x", "b": "y"}}, "")


def test_a_revision_depends_neither_on_order_nor_on_space_around_the_text():
    one = words_digest({"title": "A", "actions": {"a": "x", "b": "y"}}, "Text.")
    assert one == words_digest({"actions": {"b": "y", "a": "x"}, "title": "A"}, "\n\nText.\n")


def test_a_key_that_is_left_empty_is_as_good_as_left_out():
    assert words_digest({"title": "A", "summary": None}, "") == words_digest({"title": "A"}, "")


def test_who_translated_and_from_what_is_no_part_of_a_revision():
    one = words_digest({"title": "A"}, "Text.")
    assert one == words_digest(
        {"title": "A", "translator": "B", "state": "draft", "source_rev": "x"}, "Text."
    )


def test_a_record_is_plain_data_that_can_be_sent_to_another_process(records):
    for record in records.values():
        again = pickle.loads(pickle.dumps(record))
        assert again == record
        assert build_item(again) == build_item(record)


def test_a_record_holds_what_its_texts_use(records):
    links = {(link.kind, link.name, link.path, link.line) for link in records["appeal:ken-release"].links}
    path = "content/appeals/2026/ken-release/en.md"
    assert links == {("case", "ken-arrest", path, 16), ("country", "KE", path, 16)}
    used = [(fact.target, fact.name, fact.line) for fact in records["page:about"].facts_used]
    assert used == [("members", "", 12), ("members", "1986", 12), ("members", "", 9)]
    assert list(records["portrait:first"].pictures) == ["photo.jpg"]


def test_a_link_in_a_recommendation_is_on_the_line_of_its_key(records):
    (link,) = records["report:custody"].links
    assert (link.target, link.path, link.line) == (
        "appeal:ken-arrest",
        "content/reports/2026/custody/fr.md",
        22,
    )
    assert set(records["report:custody"].fragments["fr"]) == {"body", "recommendations.police"}


def test_an_item_is_the_same_however_often_it_is_built(records):
    appeal = build_item(records["appeal:ken-arrest"])
    assert appeal.languages == ("en", "ar", "fr")
    assert not any(appeal.is_stale(language) for language in appeal.languages)
    assert appeal.facts.persons["pupil"].minor
    assert appeal.words["fr"].names["chair"] == "Mme Atieno Kibworo"


def test_a_file_that_vanishes_while_it_is_read_is_told_like_any_fault(tmp_path):
    folder = ItemFolder("page", "about", "content/network/about", ("en",), ())
    (tmp_path / folder.path).mkdir(parents=True)
    record, findings = read_item(tmp_path, folder, LANGUAGES)
    assert record is None
    assert [str(finding) for finding in findings] == [
        "ERROR content/network/about/en.md: cannot be read: No such file or directory"
    ]


def test_a_picture_that_vanishes_while_it_is_read_is_told_like_any_fault(tmp_path):
    folder = ItemFolder("page", "about", "content/network/about", ("en",), ("bell.jpg",))
    (tmp_path / folder.path).mkdir(parents=True)
    text = "---\nid: 0page00100\ntitle: About\n---\n\n![A bell](bell.jpg)\n"
    (tmp_path / folder.path / "en.md").write_text(text, encoding="utf-8")
    assert [str(finding) for finding in read_item(tmp_path, folder, LANGUAGES)[1]] == [
        "ERROR content/network/about/bell.jpg: cannot be read: No such file or directory"
    ]
