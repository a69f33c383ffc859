"""Pages of every template, in English and Arabic, as a browser shows them on a desk and on a phone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.browsers.driver import DESKTOP, PHONE, Chromium, Scheme, View
from tests.browsers.served import plant
from tests.browsers.site import LANGUAGES, Look
from tests.components import find

pytestmark = pytest.mark.real("chromium", "axe")

# The size of targets is looked at only where `wcag22aa` is named: axe leaves that rule off by itself.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What axe says, in words. What is scrolled out of a box, such as the far end of a wide table, counts as
# covered to it and leaves it undecided; its contrast is that of what is not scrolled out.
RUN = """async only => {
  const told = await axe.run(document, {runOnly: only, resultTypes: ['violations', 'incomplete']});
  const isScrolled = one => one
    && (one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX == 'auto'
    || isScrolled(one.parentElement));
  const isOut = node => isScrolled(document.querySelector(node.target[0]))
    && node.any.some(check => check.data?.messageKey == 'elmPartiallyObscured');
  const inWords = rules => rules.flatMap(rule => rule.nodes.filter(node => !isOut(node)).map(
    node => `${rule.id}: ${node.html.slice(0, 120)} (${node.failureSummary?.split('\\n')[1].trim()})`));
  return [inWords(told.violations), inWords(told.incomplete)];
}"""

PICTURES = (".avif", ".jpg", ".png")
MOST_REQUESTS = 5

# What sticks out of the window sideways. What scrolls in a box of its own does not; what sticks out where the
# text begins makes no page scroll, and cannot be reached at all.
WIDER = """() => {
  const page = document.scrollingElement;
  const scrolls = one => one && one !== page && one !== document.body
    && (getComputedStyle(one).overflowX === 'auto' || scrolls(one.parentElement));
  const out = [...document.body.querySelectorAll('*')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(one.parentElement);
  });
  const wide = page.scrollWidth > innerWidth ? [`the page is ${page.scrollWidth} wide`] : [];
  return [...wide, ...out.slice(-3).map(one => `sticks out: ${one.outerHTML.slice(0, 90)}`)];
}"""


@dataclass
class Seen:
    """What was found on one page."""

    violations: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def look_at(view: View, axe: str) -> Seen:
    """Run axe at both widths, and again for contrast in the dark; see what is too wide for a phone."""
    seen = Seen()
    view.run(axe)
    looks: list[tuple[int, Scheme, list[str]]]
    looks = [(DESKTOP, "light", TAGS), (PHONE, "light", TAGS), (PHONE, "dark", ["cat.color"])]
    for width, scheme, tags in looks:
        view.resize(width)
        view.light(scheme)
        violations, undecided = view.run(RUN, tags)
        seen.violations += [f"{width}, {scheme}: {found}" for found in violations]
        seen.undecided += [f"{width}, {scheme}: {found}" for found in undecided]
    seen.wider = view.run(WIDER)
    seen.heard, seen.requests = view.heard.faults, view.heard.requests
    return seen


@pytest.fixture(scope="module")
def axe() -> str:
    return find("axe").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def seen(site, browser, axe) -> dict[Look, Seen]:
    found = {}
    for look in site.sample:
        with browser.open(look.asked, may_fail=look.asked != look.address) as view:
            found[look] = look_at(view, axe)
    return found


def collected(seen: dict[Look, Seen], part: Callable[[Seen], list[str]]) -> dict[str, list[str]]:
    """The faults of all pages, by address."""
    return {look.address: part(found) for look, found in seen.items() if part(found)}


def test_there_is_a_page_of_every_template_in_both_languages(site, seen):
    for language in LANGUAGES:
        shown = {look.template for look in seen if look.language == language}
        assert shown >= {look.template for look in site.looks} - {"404.html"}
    assert "404.html" in {look.template for look in seen}
    assert {look.made_as for look in seen} == {look.made_as for look in site.looks}


def test_axe_finds_nothing_against_wcag_on_a_desk_on_a_phone_and_in_the_dark(seen):
    assert collected(seen, lambda found: found.violations) == {}


def test_axe_leaves_nothing_undecided(seen):
    assert collected(seen, lambda found: found.undecided) == {}


def test_nothing_is_wider_than_a_phone(seen):
    assert collected(seen, lambda found: found.wider) == {}


def test_no_page_says_anything_in_the_console_or_asks_for_what_is_elsewhere_or_not_there(seen):
    assert collected(seen, lambda found: found.heard) == {}


def test_a_page_needs_few_requests(seen):
    def many(found: Seen) -> list[str]:
        needed = [address for address in found.requests if not address.endswith(PICTURES)]
        return needed if len(needed) > MOST_REQUESTS else []

    assert collected(seen, many) == {}


# Each gate against a page that must not pass it.
WRONG = {
    "pale": "<main><h1>x</h1><p style='color: #999; background: #fff'>Pale.</main>",
    "pale-in-the-dark": (
        "<style>@media (prefers-color-scheme: dark) { p { color: #444; background: #222 } }</style><body>"
        "<main><h1>x</h1><p>Pale.</main>"
    ),
    "close": (
        "<style>a { display: block; width: 9px; height: 9px; overflow: hidden }</style><body><main><h1>x</h1>"
        "<a href='#1'>One</a><a href='#2'>Two</a></main>"
    ),
    "narrow": (
        "<style>@media (max-width: 400px) { h1 { color: #ddd } }</style><body><main><h1>Pale</h1></main>"
    ),
    "picture-behind": (
        "<style>p { background: linear-gradient(#fff, #000) }</style><body><main><h1>x</h1><p>Where?</main>"
    ),
    "wide": "<main><h1>x</h1><p style='width: 500px'>Wide.</main>",
    "wide-from-the-right": "<main dir='rtl'><h1>x</h1><p style='width: 500px'>Wide.</main>",
    "loud": "<main><h1>x</h1><script>console.warn('Heard.')</script></main>",
    "broken": "<main><h1>x</h1><script>throw new Error('Broken.')</script></main>",
    "abroad": "<main><h1>x</h1><img alt='' src='http://mirror.example/x.png'></main>",
    "lost": "<main><h1>x</h1><img alt='' src='nowhere.png'></main>",
}
SAID = [
    ("pale", "violations", "1280, light: color-contrast"),
    ("pale-in-the-dark", "violations", "320, dark: color-contrast"),
    ("close", "violations", "320, light: target-size"),
    ("narrow", "violations", "320, light: color-contrast"),
    ("picture-behind", "undecided", "1280, light: color-contrast"),
    ("wide", "wider", "the page is 5"),
    ("wide-from-the-right", "wider", "sticks out: <p"),
    ("loud", "heard", "Heard."),
    ("broken", "heard", "Broken."),
    ("abroad", "heard", "asked http://mirror.example/x.png"),
    ("lost", "heard", "404 "),
]


@pytest.fixture(scope="module")
def wrong(planted, browser, axe) -> dict[str, Seen]:
    folder, _, address = planted
    plant(folder, WRONG)
    found = {}
    for name in WRONG:
        with Chromium(browser.browser, address).open(f"{name}.html") as view:
            found[name] = look_at(view, axe)
    return found


@pytest.mark.parametrize(("name", "part", "said"), SAID)
def test_a_page_with_a_fault_is_noticed_by_its_gate_alone(name, part, said, wrong):
    found = vars(wrong[name])
    assert said in " ".join(found[part])
    assert [gate for gate in ("violations", "wider", "heard") if found[gate] and gate != part] == []


def test_a_table_may_be_wider_than_the_window_in_a_box_that_scrolls(planted, browser, axe):
    folder, _, address = planted
    table = "<table style='width: 900px'><tr><td>One<td>Two</table>"
    plant(
        folder, {"table": f"<main><h1>x</h1><div tabindex='0' style='overflow-x: auto'>{table}</div></main>"}
    )
    with Chromium(browser.browser, address).open("table.html") as view:
        found = look_at(view, axe)
    assert (found.violations, found.undecided, found.wider) == ([], [], [])
