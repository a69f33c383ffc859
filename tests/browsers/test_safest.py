"""Everything can be read in Tor Browser at "Safest": without scripts, SVG, MathML and web fonts."""

import io
from typing import Any

import pytest
from PIL import Image

from tests.browsers.marionette import Firefox, firefox
from tests.browsers.served import plant
from tests.components import find

pytestmark = pytest.mark.real("firefox")

# The words of a page as they are rendered, and each picture that shows nothing.
READ = """
return {
  text: document.body.innerText,
  blank: [...document.images].filter(one => !one.naturalWidth || !one.getClientRects().length)
    .map(one => one.src),
};
"""

SCRIPTED = """<style>
@font-face { font-family: Planted; src: url(font.woff2) }
p { font-family: Planted, serif }
</style>
<body><main><p id="words">Words.</p><script src="add.js"></script>
<p><img src="drawing.svg" alt="" width="50" height="50"><p hidden>Hidden.</p></main>"""
FILES = {
    "add.js": "document.getElementById('words').append('By a script.')",
    "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1h7v7z"/></svg>',
}


@pytest.fixture(scope="module")
def safest(tmp_path_factory):
    with firefox(find("firefox"), tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module", autouse=True)
def wrong_pages(planted) -> None:
    folder, _, _ = planted
    plant(folder, {"scripted": SCRIPTED, "hidden": "<p>Seen. <b hidden>Unseen.</b>", "nothing": ""})
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")


def squeezed(text: str) -> str:
    """Text without white space, which is another one where blocks are rendered."""
    return "".join(text.split())


def read(browser: Firefox, address: str) -> dict[str, Any]:
    browser.open(address)
    return browser.run(READ)


def faults_of(browser: Firefox, address: str, wanted: str) -> list[str]:
    """What cannot be read of a page that holds the wanted words."""
    shown = read(browser, address)
    faults = [f"blank: {picture}" for picture in shown["blank"]]
    wanted, words = squeezed(wanted), squeezed(shown["text"])
    if words != wanted:
        at = next((i for i, (a, b) in enumerate(zip(wanted, words, strict=False)) if a != b), len(words))
        faults.append(
            f"{wanted[max(0, at - 20) : at]}[{wanted[at : at + 60]}] is shown as [{words[at : at + 60]}]"
        )
    with Image.open(io.BytesIO(browser.screenshot())) as image:
        if len(image.convert("RGB").getcolors(1 << 24)) < 3:
            faults.append("nothing is painted")
    return faults


def test_every_word_and_every_picture_of_every_template_is_there(site, base, safest):
    faults = {
        look.address: found
        for look in site.sample
        if (
            found := faults_of(
                safest, base + look.asked, site.pages[look.address].one("//body").text_content()
            )
        )
    }
    assert faults == {}


def test_the_browser_is_set_as_tor_browser_sets_it(planted, safest):
    _, server, address = planted

    shown = read(safest, f"{address}scripted.html")

    assert shown == {"text": "Words.", "blank": [f"{address}drawing.svg"]}
    assert "font.woff2" not in server.asked


def test_what_needs_scripts_or_drawings_is_noticed(planted, safest):
    _, _, address = planted
    assert faults_of(safest, f"{address}scripted.html", "Words. By a script.") == [
        f"blank: {address}drawing.svg",
        "Words.[Byascript.] is shown as []",
    ]
    assert faults_of(safest, f"{address}hidden.html", "Seen. Unseen.") == ["Seen.[Unseen.] is shown as []"]
    assert faults_of(safest, f"{address}nothing.html", "") == ["nothing is painted"]
