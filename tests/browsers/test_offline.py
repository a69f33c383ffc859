"""A copy that was handed on opens from a folder, in real browsers, and asks for nothing that is not in it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, sync_playwright

from tests.browsers.driver import HEIGHTS, OPTIONS, PHONE
from tests.browsers.marionette import firefox
from tests.components import find
from tests.integration.checkout import Built, copy_built

# Makes the copy without signing it: what proves it no browser looks at.
MAKE = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from tocsin.console.offline_edition import Wanted, make_offline
from tocsin.reporting import SilentReporter
key = SimpleNamespace(minisign="RWQx", openssh="ssh-ed25519 AAAA")
at = datetime(2026, 11, 21, 12, tzinfo=UTC)
wanted = Wanted(("en", "fr", "ar"), "2026.11.21.1", at, date(2026, 11, 21), date(2027, 2, 19), (key,))
for path, data in make_offline(Path(sys.argv[1]), wanted, 2, SilentReporter()).files.items():
    target = Path(sys.argv[2], path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
"""
# One page of every template that a copy has, in a language of each direction.
PLACES = (
    "index.html",
    "appeals/index.html",
    "reports/index.html",
    "statements/index.html",
    "statements/women-defenders-africa/index.html",
    "statements/women-defenders-africa/print/index.html",
    "portraits/index.html",
    "cases/index.html",
    "codes/index.html",
    "countries/index.html",
    "themes/index.html",
    "themes/women/index.html",
    "a-z/index.html",
    "network/index.html",
    "network/members/index.html",
    "network/mirrors/index.html",
)


@dataclass
class Reader:
    """A browser that reads a folder: what it was shown, asked for and complained of."""

    folder: Path
    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto((self.folder / path).as_uri(), wait_until="load")

    def hear_failure(self, request: Request) -> None:
        """A picture that is not waited for, since the next page is opened, has not failed."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    @property
    def outside(self) -> list[str]:
        """What it asked for that is not a file of the folder."""
        files = (urlsplit(address) for address in self.asked)
        paths = [(one.scheme, Path(unquote(one.path))) for one in files]
        return [
            str(p)
            for scheme, p in paths
            if scheme != "file" or self.folder not in p.parents or not p.is_file()
        ]


@pytest.fixture(scope="module")
def folder(demo: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = copy_built(demo.checkout, tmp_path_factory.mktemp("offline") / "checkout")
    # Names of folders on a stick may hold anything.
    target = tmp_path_factory.mktemp("stick") / "a copy – نسخة #1"
    command = [sys.executable, "-P", "-X", "utf8", "-c", MAKE, str(checkout.root), str(target)]
    subprocess.run(command, check=True, env=checkout.environment(), cwd=checkout.root)
    return target


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[Reader]:
    with sync_playwright() as playwright:
        options = [*OPTIONS, "--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=options)
        context: BrowserContext = browser.new_context(viewport={"width": PHONE, "height": HEIGHTS[PHONE]})
        made = Reader(folder, context.new_page())
        made.page.on("request", lambda request: made.asked.append(request.url))
        made.page.on("requestfailed", made.hear_failure)
        made.page.on("console", lambda message: made.complaints.append(message.text))
        yield made
        browser.close()


@pytest.mark.real("chromium")
@pytest.mark.parametrize("language", ["", "ar/"])
def test_chromium_shows_every_kind_of_page_from_a_folder(reader, language):
    start = f"START-HERE.{language.rstrip('/') or 'en'}.html"
    for path in (
        start,
        *(f"{language}{place}" for place in PLACES if (reader.folder / f"{language}{place}").exists()),
    ):
        reader.asked.clear()
        reader.open(path)
        assert reader.outside == [], path
        assert reader.complaints == [], path
        assert len(reader.asked) > 1, path  # its style sheet
        sheets = reader.page.evaluate("() => [...document.styleSheets].map(one => one.href)")
        assert len(sheets) == 1, path
        assert reader.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE, path
        blank = (
            "() => [...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
        )
        assert reader.page.evaluate(blank) == [], path


@pytest.mark.real("chromium")
def test_from_the_first_page_every_link_that_is_clicked_shows_a_page(reader):
    reader.open("START-HERE.en.html")
    count = reader.page.locator("a[href]").count()
    followed = 0
    for number in range(count):
        reader.open("START-HERE.en.html")
        link = reader.page.locator("a[href]").nth(number)
        href = link.get_attribute("href") or ""
        if urlsplit(href).scheme or href.startswith("#"):
            continue
        reader.page.goto(reader.page.evaluate("one => new URL(one, document.baseURI).href", href))
        assert reader.page.title() or href.endswith(".txt"), href
        assert not reader.page.url.endswith("/"), href
        followed += 1
    assert followed > 20
    assert reader.outside == []
    assert reader.complaints == []


@pytest.mark.real("chromium")
def test_a_page_that_asks_for_more_than_the_folder_is_noticed(reader, tmp_path):
    other = tmp_path / "other.css"
    other.write_text("p { color: red }", encoding="ascii")
    planted = reader.folder / "planted.html"
    planted.write_text(f'<link rel="stylesheet" href="{other.as_uri()}"><p>Words', encoding="utf-8")
    reader.asked.clear()
    try:
        reader.open("planted.html")
        assert reader.outside == [str(other)]
    finally:
        planted.unlink()


@pytest.mark.real("firefox")
def test_firefox_without_scripts_shows_it_too(folder, tmp_path):
    with firefox(find("firefox"), tmp_path) as browser:
        for path in ("START-HERE.ar.html", "index.html", "ar/statements/index.html", "portraits/index.html"):
            browser.open((folder / path).as_uri())
            said = browser.run(
                "return [document.styleSheets.length, document.styleSheets[0].cssRules.length,"
                " getComputedStyle(document.querySelector('main')).display, document.body.innerText.length,"
                " [...document.images].filter(one => !one.naturalWidth).length]"
            )
            assert said[0] == 1, path
            assert said[1] > 50, path
            assert said[3] > 300, path
            assert said[4] == 0, path
