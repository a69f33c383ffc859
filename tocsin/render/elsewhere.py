"""Where else the site is found: the page of other addresses, and pictures that telephones read them from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tocsin.model.mirrors import PlaceKind
from tocsin.pictures import qr
from tocsin.render.list_pages import own_page
from tocsin.render.pictures import FOLDER
from tocsin.render.reading import Reading
from tocsin.render.sheets import Sheet
from tocsin.signed.paths import RELEASE

# Kinds that hold what may be kept for ever, and no more.
_IN_PART: frozenset[PlaceKind] = frozenset({"ipfs", "archive"})


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the site. `label` says what it is, `picture` is the address of its QR picture.

    `is_canonical`: the one that all copies name; `is_shared`: on a host that many others use; `in_part`: not
    all of the site is there. `size` is the picture's width and height in pixels.
    """

    address: str
    label: str | None = None
    is_canonical: bool = False
    is_shared: bool = False
    in_part: bool = False

    @property
    def is_onion(self) -> bool:
        return (urlsplit(self.address).hostname or "").endswith(".onion")

    @property
    def picture(self) -> str:
        return f"{FOLDER}/{qr.name(self.address)}"

    @property
    def size(self) -> int:
        return qr.size(self.address)


def places(reading: Reading) -> list[Place]:
    """Every address that readers are told of, each once: the site's own, then mirrors as they are listed."""
    site = reading.site
    found = [Place(site.address, is_canonical=True)]
    if site.served.onion:
        found.append(Place(f"http://{site.served.onion}/", is_canonical=True))
    for address, kind, tier, label, onion in reading.ask("mirrors"):
        in_part = kind in _IN_PART
        found.append(Place(address, label, is_shared=tier == "collateral", in_part=in_part))
        if onion:
            found.append(Place(f"http://{onion}/", label, in_part=in_part))
    return list({place.address: place for place in reversed(found)}.values())[::-1]


def elsewhere_sheets(reading: Reading) -> Iterator[Sheet]:
    """The page of all addresses. Those of onions are no links: see docs/adr/0037-other-addresses.md."""
    all_of_them = places(reading)
    page = own_page(reading, reading.addresses.elsewhere, "page", reading.word("Other addresses"))
    values = {
        "web": [place for place in all_of_them if not place.is_onion],
        "onions": [place for place in all_of_them if place.is_onion],
        "verify": f"{RELEASE}/VERIFY.{reading.language}.txt",
    }
    yield Sheet(page, "elsewhere.html", values)


def picture_files(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """The QR pictures as path and content."""
    for place in places(reading):
        yield place.picture, qr.draw(place.address)
