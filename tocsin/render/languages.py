"""What differs by language: direction, names, dates, the words of the interface.

Names of countries and languages and the forms of dates come from CLDR through Babel; the interface's words
from gettext catalogues under `theme/locale/`, whose message ids are the English words.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from tocsin.errors import ThemeError
from tocsin.ledger.sources import MAX_TEXT, digest_of
from tocsin.ledger.store import Store, digest
from tocsin.library.shared import Shared
from tocsin.model.site import Site

DOMAIN = "tocsin"
# The language of message ids.
SOURCE = "en"


@dataclass(frozen=True)
class Speech:
    """How one language is written. `overrides` names countries differently from CLDR.

    `fingerprint` changes with whatever the language says: its catalogue, its names, its locale.
    """

    code: str
    catalogue: gettext.NullTranslations = field(repr=False, compare=False)
    overrides: Mapping[str, str] = field(default_factory=dict)
    locale_code: str = ""
    fingerprint: str = ""

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.locale_code or self.code, sep="-")

    @cached_property
    def names_digest(self) -> bytes:
        """Changes with the names of countries and the usage that dates follow, not with the catalogue."""
        return digest((self.code, self.locale_code, sorted(self.overrides.items())))

    @cached_property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    @cached_property
    def own_name(self) -> str:
        """The language's name in itself, with a capital where its script has them."""
        language = Locale.parse(self.code, sep="-")
        name = str(language.get_display_name() or self.code)
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

    def index_key(self, name: str) -> tuple[str, str]:
        """The place of a name in an index, whatever quotation marks and the like it begins with."""
        return self.sort_key(re.sub(r"^\W+", "", name) or name)

    def letter(self, name: str) -> str:
        """The letter under which an index has a name."""
        return self.index_key(name)[0][:1].upper()


@lru_cache(maxsize=20_000)
def _format_day(value: date, locale: Locale) -> str:
    return str(format_date(value, "long", locale=locale))


@lru_cache(maxsize=10_000)
def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def read_catalogue(folder: Path, code: str, source: str) -> Catalog:
    """The catalogue of a language, or an empty one for the language in which message ids are written."""
    path = folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    shown = path.relative_to(folder.parents[1]).as_posix()
    if not path.is_file():
        if code == source:
            return Catalog(locale=code.replace("-", "_"))
        raise ThemeError(f"{shown} is missing; begin it with 'python3 tools/catalogues.py --add {code}'")
    if path.stat().st_size > MAX_TEXT:
        raise ThemeError(f"{shown} is larger than {MAX_TEXT // 1_000_000} MB; delete what is not needed")
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code.replace("-", "_"), abort_invalid=True)
    except PoFileError as error:
        raise ThemeError(f"{shown}:{error.lineno + 1}: {str(error).rpartition(' on ')[0]}") from None
    except UnicodeDecodeError:
        raise ThemeError(f"{shown} is not UTF-8; save the file with the encoding UTF-8") from None
    for message in catalogue:
        if message.id and (sign := _markup_in(message)):
            raise ThemeError(
                f"{shown}: the translation of '{_first(message.id)}' holds '{sign}'; "
                "words of the interface stand in pages as they are, so write them without marks of HTML"
            )
    return catalogue


def _first(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _markup_in(message: Message) -> str:
    """The first sign in a translation that means something to HTML and that the English words have not."""
    english = message.id if isinstance(message.id, str) else "".join(message.id)
    texts = (message.string,) if isinstance(message.string, str) else message.string or ()
    return next((sign for sign in '<>&"' for text in texts if sign in text and sign not in english), "")


def load_speeches(folder: Path, site: Site, shared: Shared, store: Store) -> dict[str, Speech]:
    """The site's languages, with their catalogues from `folder` and the network's own names of countries.

    Compiled catalogues are kept in `store` under the digest of what they were compiled from.
    """
    names = shared.country_names
    speeches = {}
    for code, language in site.languages.items():
        overrides = {country: entry.name[code] for country, entry in names.items() if code in entry.name}
        compiled = _compiled(folder, code, store)
        speeches[code] = Speech(
            code,
            gettext.GNUTranslations(BytesIO(compiled)),
            overrides,
            language.locale or "",
            digest_of(compiled + repr((code, language.locale, sorted(overrides.items()))).encode()),
        )
    return speeches


def _compiled(folder: Path, code: str, store: Store) -> bytes:
    key = _catalogue_key(folder, code)
    kept: bytes | None = store.get(key)
    if kept is None:
        compiled = BytesIO()
        write_mo(compiled, read_catalogue(folder, code, SOURCE))
        kept = compiled.getvalue()
        if key == _catalogue_key(folder, code):  # it was not saved between the two readings
            store.put([(key, kept)], [name for name in store.names(f"catalogue:{code}:") if name != key])
    return kept


def _catalogue_key(folder: Path, code: str) -> str:
    path = folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return f"catalogue:{code}:none"
    size = path.stat().st_size
    # One that is too large is refused by whoever reads it.
    return f"catalogue:{code}:{digest_of(path.read_bytes()) if size <= MAX_TEXT else size}"
