"""Addresses: where every page of the site stands.

An address is a path below the site's root without a leading slash: `fr/appeals/<slug>/`. The default language
has no prefix. Links between pages are relative: `root_of(address)` leads from a page back to the root, so the
same bytes work at a domain, under a path, at an onion or from a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tocsin.library.entry import Entry
from tocsin.model.items import FOLDERS, AnyItem, Kind

SECTIONS: dict[Kind, str] = {kind: folder.split("/")[0] for kind, folder in FOLDERS.items()}


# Stands for the way to the root while a page is set: what pages share need not know how deep they lie.
# It is a noncharacter, which no source may hold.
ROOT = "\ufdd2"


def root_of(address: str) -> str:
    """The way from a page back to the root: `../../` for `appeals/x/`; `./` at the root itself."""
    return "../" * address.count("/") or "./"


def file_of(address: str) -> str:
    """The output file that is served at `address`."""
    return f"{address}index.html" if not address or address.endswith("/") else address


def numbered(front: str, number: int) -> str:
    """A numbered page of the list whose front page is at `front`; 1 is the oldest."""
    return f"{front}page/{number}/"


@cache
def addresses_of(language: str, default: str) -> Addresses:
    """The scheme of one language, the same object each time: every page asks for several."""
    return Addresses(language, default)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The scheme of one language; `default` is the language without prefix."""

    language: str
    default: str

    @property
    def home(self) -> str:
        return "" if self.language == self.default else f"{self.language}/"

    def item(self, item: AnyItem | Entry) -> str:
        """`appeals/<slug>/`; members stand in the directory and have no page of their own."""
        if item.kind == "member":
            return f"{self.members}#{item.slug}"
        return f"{self.home}{FOLDERS[item.kind]}/{item.slug}/"  # type: ignore[index]

    def printed(self, address: str) -> str:
        """The print version of a page of this language."""
        return f"{address}print/"

    def section(self, kind: Kind) -> str:
        return f"{self.home}{SECTIONS[kind]}/"

    def printed_series(self, key: str) -> str:
        """All portraits of a series on one page."""
        return f"{self.section('portrait')}print/{key}/"

    def year(self, kind: Kind, year: str) -> str:
        return f"{self.section(kind)}{year}/"

    @property
    def countries(self) -> str:
        return f"{self.home}countries/"

    def country(self, code: str) -> str:
        return f"{self.countries}{code.lower()}/"

    @property
    def themes(self) -> str:
        return f"{self.home}themes/"

    def theme(self, key: str) -> str:
        return f"{self.themes}{key}/"

    @property
    def cases(self) -> str:
        return f"{self.home}cases/"

    def case(self, slug: str) -> str:
        return f"{self.cases}{slug}/"

    @property
    def codes(self) -> str:
        return f"{self.home}codes/"

    def country_codes(self, alpha3: str) -> str:
        """The case codes that begin with a country's three letters."""
        return f"{self.codes}{alpha3.lower()}/"

    @property
    def index(self) -> str:
        """Everything that has a name, from A to Z."""
        return f"{self.home}a-z/"

    @property
    def search(self) -> str:
        return f"{self.home}search/"

    def shard(self, name: str) -> str:
        """A part of this language's index, such as that of a year."""
        return f"{self.search}{name}/"

    @property
    def network(self) -> str:
        return f"{self.home}network/"

    @property
    def members(self) -> str:
        return f"{self.home}network/members/"

    @property
    def elsewhere(self) -> str:
        """Where else the site is found."""
        return f"{self.home}network/addresses/"

    @property
    def feeds(self) -> str:
        return f"{self.home}feeds/"

    def feed(self, name: str, ending: str) -> str:
        return f"{self.home}feeds/{name}.{ending}"
