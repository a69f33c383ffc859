"""The filters that templates use.

Whatever depends on language, direction or on where a page stands is done here, once, so that a name is
isolated and an address is relative on every page. Most filters belong to one language: a template is compiled
once for each, so what is the same on every page of it is worked out when it is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tocsin.model.report import MEDIA_TYPES
from tocsin.model.shared import Names
from tocsin.render.addresses import ROOT
from tocsin.render.cards import PictureView, named
from tocsin.render.labels import LABELS
from tocsin.render.languages import Speech
from tocsin.render.pictures import picture_markup, plain_picture_markup
from tocsin.render.reading import Reading
from tocsin.render.words import written

_NOTHING = Markup()
_BLANK_LINES = re.compile(r"\n\s*\n")


class LanguageFilters:
    """The filters of one language; `speeches` knows the direction of the others."""

    def __init__(self, speech: Speech, speeches: Mapping[str, Speech]) -> None:
        self._speech = speech
        self._speeches = speeches
        self._code = speech.code
        self._days: dict[date, Markup] = {}
        self._places: dict[tuple[str, ...], str] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[tuple[str, str], ...], Markup] = {}

    def say(self, text: str) -> str:
        """A text; isolated and marked with language and direction where it is not in the page's."""
        language = getattr(text, "language", None)
        if language is None or language == self._code:
            return text
        direction = self._speeches[language].direction
        return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(language, direction, str(text))

    def attributes(self, text: str) -> Markup:
        """` lang="…" dir="…"` for the element that holds a text of another language, else nothing."""
        language = getattr(text, "language", None)
        if language is None or language == self._code:
            return _NOTHING
        return Markup(' lang="{}" dir="{}"').format(language, self._speeches[language].direction)

    def paragraphs(self, text: str) -> Markup:
        """Plain text with blank lines between paragraphs."""
        marks = self.attributes(text)
        blocks = [
            Markup("<p{}>{}</p>").format(marks, block.strip()) for block in _BLANK_LINES.split(str(text))
        ]
        return Markup("\n").join(blocks)

    def day(self, value: date) -> Markup:
        """A day in words, readable by machines."""
        if value not in self._days:
            text = self._speech.day(value)
            self._days[value] = Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
        return self._days[value]

    def when(self, value: object) -> Markup:
        """A partial date, or the two ends of an interval."""
        ends = str(value).split("/")
        marked = [Markup('<time datetime="{}">{}</time>').format(end, self._speech.part(end)) for end in ends]
        return Markup(" – ").join(marked)

    def country(self, key: str) -> str:
        """The name of a country."""
        return self._speech.country(key)

    def place(self, codes: tuple[str, ...]) -> str:
        """The names of countries in a row."""
        if codes not in self._places:
            self._places[codes] = self._speech.joined([self._speech.country(code) for code in codes])
        return self._places[codes]

    def language_name(self, key: str) -> str:
        """The name of a language."""
        return self._speech.language_name(key)

    def label(self, value: str, vocabulary: str) -> str:
        """The word of the interface for a value of the model."""
        found = self._labels.get((value, vocabulary))
        if found is None:
            found = self._speech.catalogue.gettext(LABELS[vocabulary][value])
            self._labels[value, vocabulary] = found
        return found

    def joined(self, words: Iterable[str]) -> str:
        """`a, b and c`."""
        return self._speech.joined(list(words))

    @pass_context
    def term(self, context: Context, key: str, table: str) -> Markup:
        """The name of a theme, a violation or another entry of shared data that has a `name`."""
        reading: Reading = context["reading"]
        entry: Any = reading.shared(table, reading.world.library.shared.tables[table], key)
        return self._name(reading, entry.name)

    @pass_context
    def name(self, context: Context, names: Names) -> Markup:
        """The best of the names that an entry has in several languages."""
        return self._name(context["reading"], names)

    def _name(self, reading: Reading, names: Names) -> Markup:
        key = tuple(names.items())
        if key not in self._names:
            self._names[key] = escape(self.say(named(reading.site, names, self._code)))
        return self._names[key]

    @pass_context
    def plain_name(self, context: Context, names: Names) -> str:
        """The same name where no element can stand: in a title or an attribute."""
        reading: Reading = context["reading"]
        return " ".join(named(reading.site, names, self._code).split())

    def all(self) -> dict[str, Callable[..., Any]]:
        """Every filter of this language, by the name that templates use."""
        own = (
            self.say,
            self.attributes,
            self.paragraphs,
            self.day,
            self.when,
            self.country,
            self.place,
            self.language_name,
            self.label,
            self.joined,
            self.term,
            self.name,
            self.plain_name,
        )
        return {function.__name__: function for function in own}


def isolate(text: str) -> Markup:
    """A name or other inserted text, whose direction is its own."""
    return Markup(f"<bdi>{written(str(text))}</bdi>")  # noqa: S704


def code(text: object) -> Markup:
    """A case code, telephone number, address of a machine: always left to right."""
    return Markup(f'<bdi dir="ltr" class="code">{written(str(text))}</bdi>')  # noqa: S704


def href(address: str) -> str:
    """The way from the page to an address of the site; the page's own depth is put in at the end."""
    return ROOT + address


@pass_context
def absolute(context: Context, address: str) -> str:
    """An address on the canonical site, the same on every mirror."""
    return str(context["site"].address) + address


def picture(view: PictureView, sizes: str, *, eager: bool = False) -> Markup:
    """A picture with its description."""
    return picture_markup(view.picture, view.alt, ROOT, sizes=sizes, eager=eager)


def media_type(kind: str) -> str:
    """What a server says of a document of a format."""
    return MEDIA_TYPES[kind]


def plain_picture(view: PictureView) -> Markup:
    """A picture with its description as one `img`, for feeds."""
    return plain_picture_markup(view.picture, view.alt, ROOT)


COMMON: Mapping[str, Callable[..., Any]] = {
    "absolute": absolute,
    "code": code,
    "href": href,
    "isolate": isolate,
    "media_type": media_type,
    "picture": picture,
    "plain_picture": plain_picture,
}
