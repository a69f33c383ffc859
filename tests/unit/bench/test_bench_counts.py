"""Unlike work is refused, and differences are accepted only as stated: kind, exact number and reason."""

from pathlib import Path

import pytest

from bench.corpus import make_corpus
from bench.counts import Counted, Difference, UnlikeWorkError, check, compare, count, kind_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("appeals/ken-kovari-00007/index.html", "item"),
        ("fr/network/about/index.html", "item"),
        ("ar/appeals/ken-kovari-00007/print/index.html", "print"),
        ("ar/print/appeals/ken-kovari-00007/index.html", "print"),
        ("reports/index.html", "list"),
        ("ar/statements/page/12/index.html", "list"),
        ("appeals/2012/index.html", "year"),
        ("fr/years/appeals-2012/index.html", "year"),
        ("countries/ke/index.html", "country"),
        ("fr/countries/ke/page/3/index.html", "country"),
        ("themes/women/page/2/index.html", "theme"),
        ("cases/ken-kovari-00007/index.html", "case"),
        ("cases/page/2/index.html", "index"),
        ("index.html", "index"),
        ("ar/index.html", "index"),
        ("fr/feeds/all.atom", "feed"),
        ("sitemap.xml", "sitemap"),
        ("sitemap/2012.xml", "sitemap"),
        ("page/2/index.html", "other"),
        ("network/members/index.html", "other"),
        ("robots.txt", "other"),
    ],
)
def test_the_address_of_a_page_tells_its_kind(path, kind):
    assert kind_of(path) == kind


def test_a_tree_is_counted_with_the_entries_of_its_sitemaps_and_the_words_of_its_pages(tmp_path):
    def put(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    put("appeals/a/index.html", "<style>no words</style><p>two <b>words</b></p>")
    put("appeals/a/print/index.html", "<p>one")
    put("robots.txt", "")
    put("sitemap.xml", "<loc>https://bench.example/sitemap/1.xml</loc>")
    put(
        "sitemap/1.xml",
        "<loc>https://bench.example/fr/appeals/a/</loc><loc>https://bench.example/appeals/</loc>",
    )

    counted = count(tmp_path)

    assert counted.kinds == {"item": 1, "print": 1, "other": 1, "sitemap": 2, "sitemap items": 1}
    assert (counted.files, counted.words, counted.others) == (5, 2, ("robots.txt",))


@pytest.fixture
def corpus():
    return make_corpus(90)


def counted(kinds: dict[str, int], words: int = 500) -> Counted:
    return Counted(kinds=kinds, files=sum(kinds.values()), size=1, words=words, page_size=1)


def test_an_output_as_planned_is_accepted(corpus):
    check("Tool", corpus, counted({**corpus.plan, "other": 7}), [])


def test_a_page_too_few_is_refused_with_both_numbers(corpus):
    found = counted({**corpus.plan, "print": corpus.plan["print"] - 1})

    with pytest.raises(UnlikeWorkError, match=r"Tool did not write.* print: 89 written, 90 expected"):
        check("Tool", corpus, found, [])


def test_a_page_too_many_is_refused(corpus):
    with pytest.raises(UnlikeWorkError, match="item: 91 written, 90 expected"):
        check("Tool", corpus, counted({**corpus.plan, "item": 91}), [])


def test_a_stated_difference_holds_for_its_exact_number_only(corpus):
    without = {**corpus.plan, "print": 0}

    check("Tool", corpus, counted(without), [Difference("print", 0, "it has none")])
    with pytest.raises(UnlikeWorkError):
        check("Tool", corpus, counted({**without, "print": 1}), [Difference("print", 0, "it has none")])


@pytest.mark.parametrize("difference", [Difference("print", 0, ""), Difference("prints", 0, "it has none")])
def test_a_difference_without_reason_or_sense_is_refused(corpus, difference):
    with pytest.raises(UnlikeWorkError, match="without sense or reason"):
        check("Tool", corpus, counted({**corpus.plan, "print": 0}), [difference])


def test_pages_of_unlike_substance_are_not_compared():
    compare({"Tocsin": counted({}, 730), "Hugo": counted({}, 690)})
    with pytest.raises(UnlikeWorkError, match="page of Hugo has 300 words, one of Tocsin 730"):
        compare({"Tocsin": counted({}, 730), "Hugo": counted({}, 300)})


def test_an_output_that_is_missing_is_refused(corpus, tmp_path: Path):
    with pytest.raises(UnlikeWorkError):
        check("Tool", corpus, count(tmp_path / "nothing"), [])
