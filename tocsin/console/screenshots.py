"""`screenshots`: picture the site for `docs/how-it-looks.md`, so that a change in looks is seen in review."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from tocsin import forks
from tocsin.console.build import build_site
from tocsin.errors import BuildError
from tocsin.files import write_atomically
from tocsin.library.shared import load_site
from tocsin.reporting import Reporter

if TYPE_CHECKING:
    from tests.browsers.driver import Chromium

FOLDER = "docs/pictures"
# Pages that show all that there is to see, below the home page of a language.
PAGES = {
    "home": "",
    "appeal": "appeals/tun-ksar-nouara-incommunicado/",
    "portrait": "portraits/mereoni-vakatoga/",
    "countries": "countries/",
}
DESKTOP, PHONE = 1280, 320
QUALITY = 72
# Pictures that have arrived may not be painted yet; those further down are lazy and will not come.
_DECODED = """() => Promise.all(
    [...document.images].filter((image) => image.complete).map((image) => image.decode().catch(() => {}))
)"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a page in a language, a width in CSS pixels and a colour scheme."""

    page: str
    language: str
    width: int
    scheme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        screen = "desktop" if self.width == DESKTOP else "phone"
        return f"{self.page}-{self.language}-{screen}-{self.scheme}.jpg"


def shots() -> Iterator[Shot]:
    """Each page on both screens, in both directions of writing; each of these in light and dark once."""
    for page in PAGES:
        yield Shot(page, "en", DESKTOP, "light")
        yield Shot(page, "ar", DESKTOP, "dark")
        yield Shot(page, "ar", PHONE, "light")
        yield Shot(page, "en", PHONE, "dark")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help=f"where to put the pictures (default: {FOLDER})"
    )


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    try:
        from tests.browsers.driver import chromium
        from tests.browsers.served import serving, site_server
        from tests.components import find

        program = find("chromium")
    except (ImportError, FileNotFoundError) as error:
        raise BuildError(f"{error}; the test tools are needed: run 'python3 tasks.py test' once") from None
    built = root / "output"
    build_site(root, built, at=datetime.now(UTC), workers=forks.processors(), reporter=reporter)
    folder = options.output or root / FOLDER
    site, _ = load_site(root)
    default = site.default_language if site else ""
    wanted = list(shots())
    with serving(site_server(built)) as base, chromium(program, base) as browser:
        for done, shot in enumerate(wanted, start=1):
            address = ("" if shot.language == default else f"{shot.language}/") + PAGES[shot.page]
            if not (built / address / "index.html").is_file():
                raise BuildError(f"the site has no page {address}; change PAGES in {Path(__file__).name}")
            write_atomically(folder / shot.name, picture(browser, shot, address))
            reporter.progress("pictures", done, len(wanted))
    print(f"{len(wanted)} pictures in {folder.name}/")
    return 0


def picture(browser: Chromium, shot: Shot, address: str) -> bytes:
    """What is seen of a page without scrolling, as JPEG."""
    with browser.open(address, shot.width) as view:
        view.light(shot.scheme)
        view.page.reload(wait_until="load")  # pictures may be others on dark ground
        view.run(_DECODED)
        seen = Image.open(io.BytesIO(view.page.screenshot()))
        kept = io.BytesIO()
        seen.convert("RGB").save(kept, "JPEG", quality=QUALITY, progressive=True, optimize=True)
        return kept.getvalue()
