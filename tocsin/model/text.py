"""Text, names and keys: the small validated strings that everything else is made of.

Each type is a `str` at run time; the annotation makes pydantic refuse a wrong one with a sentence that an
editor understands. The sentences complete "…: ", as in `content/appeals/x/en.md:3: title: …`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
COUNTRY = re.compile(r"[A-Z]{2}")
COUNTRY3 = re.compile(r"[A-Z]{3}")
# Crockford's base 32, lower case: no i, l, o, u, so an id can be read out over a telephone.
ITEM_ID = re.compile(r"[0-9abcdefghjkmnpqrstvwxyz]{10}")

ONION = re.compile(r"[a-z2-7]{56}\.onion")
WEB_ADDRESS = re.compile(r"https?://[^\s/@:?#\"'<>\\]+(?::[0-9]+)?(?:/[^\s\"<>\\]*)?")
EMAIL = re.compile(r"[^\s@<>\"',;:?&]+@[^\s@<>\"',;:?&]+\.[^\s@<>\"',;:?&.]+")

# Characters that no reader sees. The five of BIDI_CONTROLS can make a text look like another one.
BIDI_CONTROLS = re.compile("[\u202a-\u202e]")
# Stands for the host in stamped files (see `render.stamps`). RFC 2606 reserves `.invalid`.
SENTINEL_HOST = "tocsin-edition.invalid"

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)

MAX_SLUG = 80
MAX_LINE = 400
MAX_PROSE = 4000
RESERVED_SLUGS = frozenset({"page", "print", "feed", "feeds"})
# Windows cannot hold files and folders of these names, whatever ending they have.
DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"}
)


def invisible_fault(text: str) -> tuple[int, str, str] | None:
    """What no source may hold, first of all invisible characters: its place, what to say, and the rule."""
    # Python knows faster what it could print: most short texts are settled by that.
    found = None if text.isprintable() else INVISIBLE.search(text)
    if found is None:
        place = text.find(SENTINEL_HOST)
        said = f"holds the name '{SENTINEL_HOST}', which stands for the host of a mirror; write another"
        return None if place < 0 else (place, said, "sentinel")
    code = f"U+{ord(found[0]):04X}"
    if BIDI_CONTROLS.match(found[0]):
        said = f"holds the invisible direction control {code}, which can disguise text; delete it"
        return found.start(), f"{said} (the site sets direction itself)", "bidi-control"
    return found.start(), f"holds the invisible control character {code}; delete it", "control-character"


def is_device(name: str) -> bool:
    """True for a file name that Windows keeps for a device: `nul`, `aux.jpg`."""
    return name.partition(".")[0].strip().lower() in DEVICES


def slug(value: str) -> str:
    """An item's folder name, which is its address: ASCII, lower case, words joined by hyphens."""
    if not SLUG.fullmatch(value):
        raise ValueError(f"'{value}' cannot be an address; use a-z, 0-9 and single hyphens")
    if len(value) > MAX_SLUG:
        raise ValueError(f"'{value[:20]}…' has {len(value)} characters; the limit is {MAX_SLUG}")
    if is_device(value):
        raise ValueError(f"'{value}' is a name that Windows keeps for itself; choose another")
    if value in RESERVED_SLUGS or re.fullmatch(r"[0-9]{4}", value):
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
        example = value.upper() if COUNTRY.fullmatch(value.upper()) else "CM"
        raise ValueError(f"'{value}' is not a country code; use two capital letters, such as '{example}'")
    return value


def country3(value: str) -> str:
    """An ISO 3166-1 alpha-3 code, as it stands in the codes of cases."""
    if not COUNTRY3.fullmatch(value):
        raise ValueError(f"'{value}' is not a country code of three letters; use capitals, such as 'CMR'")
    return value


def digits_as_text(value: object) -> object:
    """A whole number as the text that its author wrote."""
    return str(value) if type(value) is int else value


def item_id(value: str) -> str:
    """The identity of an item, made once by `new` and never again."""
    if not ITEM_ID.fullmatch(value):
        raise ValueError(f"'{value}' is not an id; let 'python3 tasks.py new' make one")
    return value


def line(value: str) -> str:
    """One line of text without leading or trailing space."""
    text = _written(value, MAX_LINE)
    if "\n" in text or "\r" in text:
        raise ValueError("must be one line")
    return text


def prose(value: str) -> str:
    """A few sentences; several lines are allowed."""
    return _written(value, MAX_PROSE)


def _written(value: str, limit: int) -> str:
    text = unicodedata.normalize("NFC", value.strip())
    if not text:
        raise ValueError("is empty; write something or leave the key out")
    if len(text) > limit:
        raise ValueError(f"has {len(text)} characters; the limit is {limit}")
    if fault := invisible_fault(text):
        raise ValueError(fault[1])
    return text


def web_address(value: str) -> str:
    """An absolute `https:` or `http:` address without credentials."""
    if not WEB_ADDRESS.fullmatch(value) or INVISIBLE.search(value):
        raise ValueError(f"'{value}' is not a web address; write it in full, 'https://…'")
    return value


def email(value: str) -> str:
    """An address that can stand in a `mailto:` link."""
    if not EMAIL.fullmatch(value) or INVISIBLE.search(value):
        raise ValueError(f"'{value}' is not an e-mail address; write it like name@example.org")
    return value


def onion_host(value: str) -> str:
    """The host of an onion service of version 3, which holds a sum of itself (rend-spec-v3, 6)."""
    if ONION.fullmatch(value):
        data = base64.b32decode(value[:56].upper())
        key, told, version = data[:32], data[32:34], data[34:]
        if hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == told and version == b"\x03":
            return value
        raise ValueError(
            f"'{value}' is not an onion address: its sum is wrong, so a letter must be; copy it anew"
        )
    raise ValueError(
        f"'{value}' is not the host of an onion service; write 56 letters and digits and '.onion'"
    )


def contact(value: str) -> str:
    """A way to reach somebody: an e-mail address, or the `https:` address of a page."""
    if value.startswith("https:"):
        return secure_address(value)
    if "@" in value:
        return email(value)
    raise ValueError(f"'{value}' is neither an e-mail address nor the address of a page, 'https://…'")


def secure_address(value: str) -> str:
    """A web address that is reached over https."""
    if not value.startswith("https:"):
        raise ValueError(f"'{value}' is not an address that begins with 'https://'")
    return web_address(value)


Slug = Annotated[str, AfterValidator(slug)]
Key = Annotated[str, AfterValidator(key)]
LanguageCode = Annotated[str, AfterValidator(language)]
CountryCode = Annotated[str, AfterValidator(country)]
CountryCode3 = Annotated[str, AfterValidator(country3)]
# One id or revision in many has digits only; nobody should have to know that YAML reads those as a number.
ItemId = Annotated[str, BeforeValidator(digits_as_text), AfterValidator(item_id)]
Revision = Annotated[str, BeforeValidator(digits_as_text)]
Line = Annotated[str, AfterValidator(line)]
Prose = Annotated[str, AfterValidator(prose)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Email = Annotated[str, AfterValidator(email)]
OnionHost = Annotated[str, AfterValidator(onion_host)]
Contact = Annotated[str, AfterValidator(contact)]
SecureAddress = Annotated[str, AfterValidator(secure_address)]
