"""The words of `words.toml`, as the corpus and the dialects use them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

LANGUAGES = ("en", "fr", "ar")
COMMA: Mapping[str, str] = {"en": ",", "fr": ",", "ar": "،"}

Lists = Mapping[str, Sequence[str]]
Names = Mapping[str, Mapping[str, str]]

_ALL = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

RUNNING: Lists = _ALL["running"]
ACTS: Lists = _ALL["acts"]
ROLES: Lists = _ALL["roles"]
TOWNS: Lists = _ALL["towns"]
PERSONS: Lists = _ALL["names"]
HEADINGS: Lists = _ALL["headings"]
LINK_TEXTS: Lists = _ALL["links"]
TABLE_HEADS: Lists = _ALL["table"]
ACTIONS: Lists = _ALL["actions"]

PAGES: Names = _ALL["pages"]
THEMES: Names = _ALL["themes"]
VIOLATIONS: Names = _ALL["violations"]
ISSUERS: Names = _ALL["issuers"]
REGIONS: Names = _ALL["regions"]
# ISO 3166-1 alpha-3 by alpha-2, by region.
COUNTRIES: Names = _ALL["countries"]
# By language: `name`, `strapline` and `notice`; the words of the interface.
SITE: Names = _ALL["site"]
INTERFACE: Names = _ALL["interface"]


def spelt(table: Lists, language: str) -> Sequence[str]:
    """Names of places or persons as a language spells them."""
    return table["ar" if language == "ar" else "latin"]
