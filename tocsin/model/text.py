"""Text, names and keys: the small validated strings that everything else is made of.

Each type is a `str` at run time; the annotation makes pydantic refuse a wrong one with a sentence that an
editor understands. The sentences complete "…: ", as in `content/appeals/x/en.md:3: title: …`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
COUNTRY = re.compile(r"[A-Z]{2}")
# Crockford's base 32, lower case: no i, l, o, u, so an id can be read out over a telephone.
ITEM_ID = re.compile(r"[0-9abcdefghjkmnpqrstvwxyz]{10}")

MAX_SLUG = 80
MAX_LINE = 400
MAX_PROSE = 4000
RESERVED_SLUGS = frozenset({"page", "print", "feed", "feeds"})


def slug(value: str) -> str:
    """An item's folder name, which is its address: ASCII, lower case, words joined by hyphens."""
    if not SLUG.fullmatch(value):
        raise ValueError(f"'{value}' cannot be an address; use a-z, 0-9 and single hyphens")
    if len(value) > MAX_SLUG:
        raise ValueError(f"'{value[:20]}…' has {len(value)} characters; the limit is {MAX_SLUG}")
    if value in RESERVED_SLUGS or re.fullmatch(r"\d{4}", value):
        raise ValueError(f"'{value}' is an address that the site uses itself; choose another")
    return value


def key(value: str) -> str:
    """The name by which an entry of shared data, or an entry of a list, is referred to."""
    if not KEY.fullmatch(value):
        raise ValueError(f"'{value}' is not a key; use a-z, 0-9 and single hyphens, a letter first")
    return value


def language(value: str) -> str:
    """A BCP 47 tag in its canonical case: `fr`, `pt-BR`, `zh-Hans` (RFC 5646, 2.1.1)."""
    if not LANGUAGE.fullmatch(value):
        raise ValueError(f"'{value}' is not a language tag such as 'fr' or 'pt-BR'")
    return value


def country(value: str) -> str:
    """An ISO 3166-1 alpha-2 code in capitals; whether the network uses it is checked against `data/`."""
    if not COUNTRY.fullmatch(value):
        raise ValueError(f"'{value}' is not a country code; use two capital letters, such as 'CM'")
    return value


def item_id(value: str) -> str:
    """The identity of an item, made once by `new` and never again."""
    if not ITEM_ID.fullmatch(value):
        raise ValueError(f"'{value}' is not an id; let 'python3 tasks.py new' make one")
    return value


def line(value: str) -> str:
    """One line of text without leading or trailing space."""
    if not value.strip():
        raise ValueError("is empty; write something or leave the key out")
    if "\n" in value.strip():
        raise ValueError("must be one line")
    if len(value) > MAX_LINE:
        raise ValueError(f"has {len(value)} characters; the limit is {MAX_LINE}")
    return unicodedata.normalize("NFC", value.strip())


def prose(value: str) -> str:
    """A few sentences; several lines are allowed."""
    if not value.strip():
        raise ValueError("is empty; write something or leave the key out")
    if len(value) > MAX_PROSE:
        raise ValueError(f"has {len(value)} characters; the limit is {MAX_PROSE}")
    return unicodedata.normalize("NFC", value.strip())


def web_address(value: str) -> str:
    """An absolute `https:` or `http:` address without credentials."""
    if not re.fullmatch(r"https?://[^\s/@:]+(?::\d+)?(?:/[^\s\"<>]*)?", value):
        raise ValueError(f"'{value}' is not a web address; write it in full, 'https://…'")
    return value


def email(value: str) -> str:
    """An address that can stand in a `mailto:` link."""
    if not re.fullmatch(r"[^\s@<>\"',;:]+@[^\s@<>\"',;:]+\.[^\s@<>\"',;:.]+", value):
        raise ValueError(f"'{value}' is not an e-mail address")
    return value


Slug = Annotated[str, AfterValidator(slug)]
Key = Annotated[str, AfterValidator(key)]
LanguageCode = Annotated[str, AfterValidator(language)]
CountryCode = Annotated[str, AfterValidator(country)]
ItemId = Annotated[str, AfterValidator(item_id)]
Line = Annotated[str, AfterValidator(line)]
Prose = Annotated[str, AfterValidator(prose)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Email = Annotated[str, AfterValidator(email)]
