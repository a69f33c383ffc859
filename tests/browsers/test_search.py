"""The search page, used: words and case codes in English and Arabic, and what there is without a script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import pytest

from tests.browsers.driver import PHONE, Chromium, View
from tests.browsers.site import Site
from tests.components import find
from tests.integration.checkout import home

pytestmark = pytest.mark.real("chromium", "axe")


@contextmanager
def search(browser: Chromium, language: str, *typed: str) -> Iterator[View]:
    """The search page after something was searched for."""
    with browser.open(f"{home(language)}search/") as view:
        for words in typed:
            ask(view, words)
        yield view


def ask(view: View, words: str) -> None:
    """Type, press Enter, and wait until it is said how much was found."""
    view.page.fill("#query", words)
    view.press("Enter")
    waiting = "() => /\\d|\\.$/.test(document.querySelector('[role=status]').textContent)"
    view.page.wait_for_function(waiting)


def found(view: View, base: str) -> list[str]:
    """The addresses of the results, in order."""
    links = view.run("() => [...document.querySelectorAll('.found a')].map(link => link.href)")
    return [link.removeprefix(base) for link in links]


def coded(site: Site, language: str) -> dict[str, str]:
    """The appeals of this language that bear a code of the Observatory alone, with that code."""
    start = f"{home(language)}appeals/"
    found = {}
    for address, page in sorted(site.pages.items()):
        if address.startswith(start) and address.count("/") == start.count("/") + 1:
            codes = {code for code in page.root.xpath("//main//*[@class='code']/text()") if "/ OBS " in code}
            if len(codes) == 1:
                found[address] = codes.pop()
    assert found
    return found


def in_common(site: Site, language: str) -> tuple[str, str]:
    """An appeal in this language with its code."""
    return next(iter(coded(site, language).items()))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_word_of_a_summary_leads_to_its_page_and_is_marked(language, site, base, browser):
    address, _ = in_common(site, language)
    summary = site.pages[address].one("//meta[@name='description']").get("content")
    word = max(re.findall(r"\w+", summary), key=len)
    with search(browser, language, word) as view:
        assert address in found(view, base)
        assert view.run("() => document.querySelectorAll('.found mark').length") > 0
        assert view.heard.faults == []
        hosts = {urlsplit(asked).netloc for asked in view.heard.requests}
    assert hosts == {urlsplit(base).netloc}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "spelt",
    [
        str,
        str.lower,
        lambda code: code.replace(" ", ""),
        lambda code: code.replace(" / ", "/"),
        lambda code: f"Case {code.replace('/', '-')}",
        lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    ],
    ids=["as-displayed", "small", "without-spaces", "narrow-slashes", "hyphens", "arabic-digits"],
)
def test_a_case_code_is_found_in_any_spelling(language, spelt, site, base, browser):
    address, code = in_common(site, language)
    with search(browser, language, spelt(code)) as view:
        assert found(view, base)[0] == address
        assert view.heard.faults == []


def test_an_item_of_another_language_is_found_by_its_code_and_marked_as_what_it_is(site, base, browser):
    address, code = next(
        (address, code) for address, code in coded(site, "en").items() if f"ar/{address}" not in site.pages
    )
    with search(browser, "ar", code) as view:
        assert address in found(view, base)
        link = f"() => [...document.querySelectorAll('.found a')].find(a => a.href.endsWith('/{address}'))"
        told = view.run(f"() => {{ const a = ({link})(); return [a.hreflang, a.firstChild.lang] }}")
    assert told == ["en", "en"]


def test_what_is_not_there_is_said_and_the_lists_stay(browser):
    with search(browser, "en", "xylophonist") as view:
        assert view.run("() => document.querySelector('[role=status]').textContent").startswith("Nothing")
        assert view.run("() => document.querySelectorAll('.found li').length") == 0
        assert view.run("() => document.querySelectorAll('.links a').length") >= 5
        assert view.heard.faults == []


def test_results_are_text_whatever_was_typed_and_more_come_when_asked_for(site, browser):
    with search(browser, "en", "<img src=x onerror=alert(1)>", "appeal") as view:
        count = int(view.run("() => document.querySelector('[role=status]').textContent.split(' ').pop()"))
        assert count > 20
        assert view.run("() => document.querySelectorAll('.found li').length") == 20
        view.page.click("button:text('More results')")
        view.page.wait_for_function("() => document.querySelectorAll('.found li').length > 20")
        assert view.run("() => document.activeElement.closest('li') !== null")
        assert view.run("() => document.querySelector('.found img')") is None
        assert view.heard.faults == []


def test_nothing_is_kept(browser, base):
    with search(browser, "en", "torture") as view:
        kept = "async () => [localStorage.length, sessionStorage.length, document.cookie, history.length]"
        assert view.run(kept) == [0, 0, "", 2]  # the empty page of a new window, and this one
        assert view.page.url == f"{base}search/"
        assert view.run("async () => (await caches.keys()).length") == 0


def test_results_are_accessible_and_fit_a_phone(browser):
    axe = find("axe").read_text(encoding="utf-8")
    for language, word in (("en", "torture"), ("ar", "التعذيب")):
        with search(browser, language, word) as view:
            view.resize(PHONE)
            view.run(axe)
            told = view.run("async () => (await axe.run()).violations.map(one => one.id)")
            wide = view.run("() => document.scrollingElement.scrollWidth > innerWidth")
            assert (told, wide) == ([], False)


def test_before_anything_is_typed_no_index_is_fetched(browser):
    with browser.open("search/") as view:
        assert [asked for asked in view.heard.requests if "pagefind" in asked] == []


def test_a_lost_shard_is_told_and_the_rest_is_searched(site, browser):
    with browser.open("search/") as view:
        view.page.route("**/search/2013/pagefind-entry.json*", lambda route: route.abort())
        ask(view, "torture")
        assert "may be missing" in view.run("() => document.querySelector('[role=status]').textContent")
        assert view.run("() => document.querySelectorAll('.found li').length") > 0


def test_without_a_script_the_page_leads_to_the_lists(browser, base):
    context = browser.browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{base}ar/search/")
        assert page.locator("input, button, form").count() == 0
        links = {urljoin(page.url, link.get_attribute("href") or "") for link in page.locator("main a").all()}
        assert {f"{base}ar/{name}/" for name in ("a-z", "codes", "countries", "themes", "cases")} <= links
        assert page.locator(".years a").count() > 3
    finally:
        context.close()
