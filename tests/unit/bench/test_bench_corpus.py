"""The corpus is the same everywhere, as large as it says, and without a fault that a builder could meet."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest
import yaml

from bench.corpus import LANGUAGES, LINK, NEXT_DAY, make_corpus
from bench.dialects import DIALECTS, Tools
from tests.small_sites import load

ROOT = Path(__file__).resolve().parents[3]
SIZE = 300

PRINT_DIGEST = """
import hashlib
from bench.corpus import make_corpus
digest = hashlib.sha256()
for item, texts in make_corpus(90).each():
    digest.update(f"{item} {texts}".encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def corpus():
    return make_corpus(SIZE)


@pytest.fixture
def tools():
    return Tools(ROOT, Path(sys.executable), Path("hugo"), ROOT / "node_modules")


def test_two_processes_with_other_hash_seeds_and_zones_make_the_same_corpus():
    found = {
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in [("1", "Asia/Tokyo"), ("2", "America/Lima")]
    }

    assert len(found) == 1


@pytest.mark.parametrize(("asked", "documents"), [(1, 12), (90, 90), (100, 102), (10_000, 10_002)])
def test_documents_are_language_files_of_whole_items(asked, documents):
    corpus = make_corpus(asked)

    assert corpus.documents == documents == len(corpus.items) * len(LANGUAGES)


def test_slugs_and_identities_are_unique_and_items_stand_in_the_order_of_their_days(corpus):
    assert len({(item.kind, item.slug) for item in corpus.items}) == len(corpus.items)
    assert len({item.identity for item in corpus.items}) == len(corpus.items)
    days = [item.day for item in corpus.items if item.day]
    assert days == sorted(days)
    assert days[-1] < NEXT_DAY


def test_chains_go_on_from_an_earlier_appeal_that_nothing_else_continues(corpus):
    by_slug = {item.slug: item for item in corpus.items}
    follow_ups = [item for item in corpus.items if item.follows]

    assert len({item.follows for item in follow_ups}) == len(follow_ups) > SIZE // 20
    for item in follow_ups:
        before = by_slug[item.follows]
        assert before.index < item.index
        assert (before.case, before.step + 1) == (item.case, item.step)
        assert item.step < 5
        assert item.code.partition(".")[0] == before.code.partition(".")[0]


def test_links_lead_to_earlier_items_only(corpus):
    for item, texts in corpus.each():
        for text in texts.values():
            assert all(3 <= int(found[1]) < item.index for found in LINK.finditer(text.body))


def test_bodies_have_about_480_words_four_headings_and_lists_in_the_script_of_their_language(corpus):
    texts = [texts for _, texts in corpus.each()]

    for code in LANGUAGES:
        assert 450 < mean(len(text[code].body.split()) for text in texts) < 510
        assert all(text[code].body.count("\n## ") == 4 for text in texts)
        assert all(re.search(r"^- ", text[code].body, re.MULTILINE) for text in texts)
    assert all(len(re.findall("[\u0621-\u064a]", text["ar"].body)) > 1500 for text in texts)


def test_an_item_that_is_added_is_the_newest_and_different_each_time(corpus):
    one, other = corpus.next_item(11), corpus.next_item(12)

    assert one.slug != other.slug
    assert one.identity != other.identity
    assert one.day > corpus.newest.day
    assert corpus.texts(one) == corpus.texts(corpus.next_item(11))


def test_tocsin_finds_nothing_to_complain_about(corpus, tools, tmp_path):
    dialect = DIALECTS["tocsin"](tmp_path / "site", tools)
    dialect.begin(corpus)
    for item, texts in corpus.each():
        dialect.add(item, texts)

    heard = load(tmp_path / "site", tmp_path)

    assert heard.text == ""
    assert sum(len(entry.languages) for entry in heard.library.entries.values()) == corpus.documents


@pytest.mark.parametrize("name", ["hugo", "eleventy", "pelican"])
def test_each_peer_gets_every_document_with_all_its_words(name, corpus, tools, tmp_path):
    dialect = DIALECTS[name](tmp_path, tools)
    dialect.corpus = corpus
    dialect._latest = frozenset()
    files = {}
    for item, texts in corpus.each():
        files |= dialect.files(item, texts)

    assert len(files) == corpus.documents
    digests = {hashlib.sha256(text.encode()).digest() for text in files.values()}
    assert len(digests) == corpus.documents
    assert not any(LINK.search(text) for text in files.values())
    newest = [text for path, text in files.items() if corpus.newest.slug in path]
    titles = [texts.title for texts in corpus.texts(corpus.newest).values()]
    assert all(title in text for title, text in zip(titles, newest, strict=True))
    if name != "pelican":
        heads = [yaml.safe_load(text.split("---\n")[1]) for text in newest]
        assert all(head["date"] == corpus.newest.day for head in heads)
