"""Debian's Chromium, driven: open a page of a served site, look at it in any width and scheme, press keys.

What a page says in the console, what it asks the network for and what it is answered is kept, so that tests
can tell; a request to any other host never leaves this machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    WebError,
    sync_playwright,
)

Scheme = Literal["light", "dark"]
DESKTOP, PHONE = 1280, 320
# WCAG 1.4.10 means 320 by 256; a phone is longer.
HEIGHTS = {DESKTOP: 900, PHONE: 640}

# No graphics card and little shared memory is what a container has. Names of hosts are not even looked up:
# the browser has errands of its own, which no page asked for.
OPTIONS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass
class Heard:
    """What came of a page beside what is seen of it."""

    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [*self.messages, *(f"asked {address}" for address in self.abroad), *self.failed]


@dataclass(frozen=True)
class View:
    """An open page."""

    page: Page
    heard: Heard

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})

    def light(self, scheme: Scheme) -> None:
        self.page.emulate_media(color_scheme=scheme)

    def run(self, script: str, argument: object = None) -> Any:
        """The value of a script. It runs as the browser's own: the page's policy does not bind it."""
        return self.page.evaluate(script, argument)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)


@dataclass(frozen=True)
class Chromium:
    """A running browser that is shown one site, the one at `base`."""

    browser: Browser
    base: str

    @contextmanager
    def open(self, address: str, width: int = DESKTOP, *, may_fail: bool = False) -> Iterator[View]:
        """Open a page in a context of its own; `address` is that below the base. It is loaded when this
        returns, its lazy pictures included. With `may_fail` an answer of 404 is none to complain about."""
        context = self.browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, locale="en")
        heard = Heard()
        try:
            context.set_default_timeout(30_000)
            self._listen(context, heard, self.base + address if may_fail else None)
            page = context.new_page()
            page.goto(self.base + address, wait_until="load")
            yield View(page, heard)
        finally:
            context.close()

    def _listen(self, context: BrowserContext, heard: Heard, excused: str | None) -> None:
        host = urlsplit(self.base).netloc

        def route(route: Route) -> None:
            heard.requests.append(route.request.url)
            if urlsplit(route.request.url).netloc == host:
                route.continue_()
            else:
                heard.abroad.append(route.request.url)
                route.abort()

        def hear(message: ConsoleMessage) -> None:
            if message.location["url"] != excused:
                heard.messages.append(f"{message.type}: {message.text}")

        def hear_error(error: WebError) -> None:
            heard.messages.append(f"error: {error.error}")

        def hear_answer(answer: Response) -> None:
            if not answer.ok and answer.url != excused:
                heard.failed.append(f"{answer.status} {answer.url}")

        def hear_failure(request: Request) -> None:
            heard.failed.append(f"{request.failure} {request.url}")

        context.route("**/*", route)
        context.on("console", hear)
        context.on("weberror", hear_error)
        context.on("response", hear_answer)
        context.on("requestfailed", hear_failure)


@contextmanager
def chromium(program: Path, base: str) -> Iterator[Chromium]:
    """Start Chromium, for the site at an address that ends with a slash; end it after use."""
    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield Chromium(browser, base)
        finally:
            browser.close()
