"""What differs by language: direction, names, dates, the words of the interface.

Names of countries and languages and the forms of dates come from CLDR through Babel; the interface's words
from gettext catalogues under `theme/locale/`, whose message ids are the English words.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from tocsin.errors import ThemeError

DOMAIN = "tocsin"


@dataclass(frozen=True)
class Speech:
    """How one language is written. `overrides` names countries differently from CLDR."""

    code: str
    catalogue: gettext.NullTranslations = field(repr=False, compare=False)
    overrides: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.code, sep="-")

    @cached_property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    @cached_property
    def own_name(self) -> str:
        """The language's name in itself, with a capital where its script has them."""
        name = str(self.locale.get_display_name() or self.code)
        return name[:1].upper() + name[1:]

    def language_name(self, code: str) -> str:
        """The name of another language in this one."""
        return str(Locale.parse(code, sep="-").get_display_name(self.locale) or code)

    def country(self, code: str) -> str:
        """The name of a country by its ISO 3166-1 alpha-2 code."""
        return self.overrides.get(code) or self.locale.territories.get(code, code)

    def day(self, value: date) -> str:
        """A day in full: `12 February 2013`."""
        return _format_day(value, self.locale)

    def part(self, text: str) -> str:
        """A partial date such as `2012`, `2012-11` or `2012-11-05`."""
        pieces = [int(piece) for piece in text.split("-")]
        if len(pieces) == 1:
            return text
        if len(pieces) == 2:
            return str(format_skeleton("yMMMM", date(pieces[0], pieces[1], 1), locale=self.locale))
        return self.day(date(*pieces))

    def joined(self, words: list[str]) -> str:
        """`a, b and c`."""
        return str(format_list(words, locale=self.locale))

    def sort_key(self, word: str) -> tuple[str, str]:
        """Alphabetical order without a collation library: letters without their marks, then as written."""
        return (_bare(word), word)


@lru_cache(maxsize=20_000)
def _format_day(value: date, locale: Locale) -> str:
    return str(format_date(value, "long", locale=locale))


@lru_cache(maxsize=10_000)
def _bare(word: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def read_catalogue(folder: Path, code: str, source: str) -> Catalog:
    """The catalogue of a language, or an empty one for the language in which message ids are written."""
    path = folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        if code == source:
            return Catalog(locale=code.replace("-", "_"))
        raise ThemeError(f"there is no catalogue for '{code}'; make {path.name} with 'python3 tasks.py catalogues'")
    try:
        with path.open("rb") as file:
            return read_po(file, locale=code.replace("-", "_"), abort_invalid=True)
    except PoFileError as error:
        raise ThemeError(f"{path}: {error}") from None


def load_speech(folder: Path, code: str, overrides: Mapping[str, str]) -> Speech:
    """A language with its catalogue from `folder` (`theme/locale`)."""
    from io import BytesIO

    compiled = BytesIO()
    write_mo(compiled, read_catalogue(folder, code, "en"))
    compiled.seek(0)
    return Speech(code, gettext.GNUTranslations(compiled), dict(overrides))
