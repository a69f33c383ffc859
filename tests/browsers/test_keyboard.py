"""All can be reached and seen with the Tab key alone: on a desk, and in some Arabic pages on a phone."""

from typing import Any

import pytest

from tests.browsers.driver import DESKTOP, PHONE, Chromium, View
from tests.browsers.served import plant

pytestmark = pytest.mark.real("chromium")

# Everything that takes the focus, in the order of the document.
LIST = """() => {
  const kinds = 'a[href], area[href], button, input, select, textarea, summary, [tabindex]';
  window.stops = [...document.querySelectorAll(kinds)]
    .filter(one => one.tabIndex >= 0 && one.getClientRects().length);
  return window.stops.length;
}"""

# Where the focus is, and what is wrong with how that looks. WCAG 2.4.7, 1.4.11 and 2.4.11: there is an
# outline, three times as bright or dark as what is behind it, and what has it is in the window, uncovered.
STEP = r"""() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const faults = [];
  const parts = colour => colour.match(/[\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b + .05;
  };
  const behind = box => {
    const colour = box ? getComputedStyle(box).backgroundColor : 'rgb(255, 255, 255)';
    return parts(colour)[3] === 0 ? behind(box.parentElement) : colour;
  };
  const style = getComputedStyle(one);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no outline');
  else {
    const ratio = light(style.outlineColor) / light(behind(one.parentElement));
    if (ratio < 3 && ratio > 1 / 3) faults.push(`outline of ${style.outlineColor}, hardly seen`);
  }
  const shown = [...one.getClientRects()].map(box => ({
    left: Math.max(box.left, 0), right: Math.min(box.right, innerWidth),
    top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight),
    least: Math.min(box.width, box.height, 16) - 1,
  })).filter(box => box.least > 0 && box.right - box.left > box.least && box.bottom - box.top > box.least);
  if (!shown.length) faults.push('outside of the window');
  else if (!shown.some(box => {
    const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return top && (one.contains(top) || top.contains(one));
  })) faults.push('covered');
  return {at: window.stops.indexOf(one), inMain: !!one.closest('main'), isSkip: one.matches('.skip'),
    name: one.outerHTML.slice(0, 100), faults};
}"""
ON_A_PHONE = {"home.html", "appeal.html", "list.html", "report.html"}
MAIN_STOPS = "() => window.stops.filter(one => one.closest('main')).length"


def stops(view: View) -> list[dict[str, Any]]:
    """Press Tab from the beginning of the page until the focus leaves it; what had it, in that order."""
    count = view.run(LIST)
    found = []
    for _ in range(count + 5):
        view.press("Tab")
        step = view.run(STEP)
        if step is None or (found and step["at"] == found[0]["at"]):
            return found
        found.append(step)
    return found


def faults_of(view: View) -> list[str]:
    """What a reader without a mouse would complain about."""
    found = stops(view)
    faults = [f"{fault}: {step['name']}" for step in found for fault in step["faults"]]
    order = [step["at"] for step in found]
    if order != list(range(view.run("() => window.stops.length"))):
        faults.append(f"not in the order of the document, or not all: {order}")
    return faults + skip_faults(view, has_skip=bool(found) and found[0]["isSkip"])


def skip_faults(view: View, *, has_skip: bool) -> list[str]:
    """Follow the first link of the page, which is to lead past everything that all pages share."""
    if not has_skip:
        return ["the first stop is no link that skips to the content"]
    view.page.reload()
    view.run(LIST)
    view.press("Tab")
    view.press("Enter")
    view.press("Tab")
    step = view.run(STEP)
    if not view.page.url.endswith("#main"):
        return [f"the link to skip to the content leads to {view.page.url}"]
    if view.run(MAIN_STOPS) and not (step and step["inMain"]):
        return [f"after the content was skipped to, the focus is on {step and step['name']}"]
    return []


@pytest.fixture(scope="module")
def faults(site, browser) -> dict[str, list[str]]:
    """Of one page of every template, and of some again from right to left."""
    found: dict[str, list[str]] = {}
    chosen = {
        (look.language, look.template): look
        for look in reversed(site.sample)
        if look.language == "en" or look.template in ON_A_PHONE
    }
    for look in chosen.values():
        # Neither print versions nor the page for what is not there have anything to skip.
        bare = look.template in {"404.html", "print.html", "series-print.html"}
        with browser.open(
            look.asked, DESKTOP if look.language == "en" else PHONE, may_fail=look.asked != look.address
        ) as view:
            faults = faults_of(view)
        kept = [fault for fault in faults if not (bare and fault.startswith("the first stop is no link"))]
        if kept:
            found[look.address] = kept
    return found


def test_every_stop_is_seen_in_order_and_the_content_can_be_skipped_to(faults):
    assert faults == {}


WRONG = {
    "no-skip": "<body><a href='#main'>One</a><main id='main'><a href='#'>Two</a></main>",
    "no-outline": "<style>a { outline: none }</style><body><a href='#'>One</a>",
    "faint": "<style>a:focus { outline: 3px solid #eee }</style><body><a href='#'>One</a>",
    "away": "<style>a { position: absolute; left: -999px }</style><body><a href='#'>One</a>",
    "covered": (
        "<style>a { outline: 3px solid } div { position: fixed; inset: 0; background: #fff }</style><body>"
        "<a href='#'>One</a><div></div>"
    ),
    "order": "<body><a href='#'>One</a><a href='#' tabindex='1'>Two</a>",
    "trap": (
        "<body><a href='#' id='one'>One</a><input id='two'><a href='#'>Three</a>"
        "<script>two.onkeydown = event => event.preventDefault()</script>"
    ),
    "dead": (
        "<style>a:focus { outline: 3px solid #000 }</style><body><a href='#nowhere' class='skip'>Skip</a>"
        "<a href='#'>One</a><main id='main'><a href='#'>Two</a></main>"
    ),
}
SAID = {
    "no-skip": "the first stop is no link that skips",
    "no-outline": "no outline",
    "faint": "hardly seen",
    "away": "outside of the window",
    "covered": "covered",
    "order": "not in the order of the document",
    "trap": "not in the order of the document",
    "dead": "the link to skip to the content leads to",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_page_that_is_hard_to_use_with_a_keyboard_is_noticed(name, planted, browser):
    folder, _, address = planted
    plant(folder, {name: WRONG[name]})
    with Chromium(browser.browser, address).open(f"{name}.html") as view:
        assert SAID[name] in " ".join(faults_of(view))
