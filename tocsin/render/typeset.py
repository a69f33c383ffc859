"""Typesetting: the filters and functions that templates use, and how a sheet becomes HTML.

Templates hold no logic beyond loops and conditions. Whatever depends on language, direction or on where a
page stands is done here, once, so that a name is isolated and an address is relative on every page.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, TemplateError, TemplateNotFound, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from tocsin.errors import ThemeError
from tocsin.model.shared import Names
from tocsin.render.cards import PictureView, named, speak
from tocsin.render.labels import LABELS
from tocsin.render.pictures import picture_markup
from tocsin.render.reading import Reading
from tocsin.render.said import Said
from tocsin.render.sheets import Sheet
from tocsin.render.stamps import SENTINEL_BASE, SENTINEL_HOST
from tocsin.render.world import Facet, page_language

_BLANK_LINES = re.compile(r"\n\s*\n")


@pass_context
def say(context: Context, text: str) -> Markup:
    """A text; marked with language and direction, and isolated, where it is not in the page's language."""
    language = getattr(text, "language", context["page"].language)
    if language == context["page"].language:
        return escape(text)
    direction = context["reading"].speeches[language].direction
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(language, direction, str(text))


@pass_context
def attributes(context: Context, text: str) -> Markup:
    """` lang="…" dir="…"` for the element that holds a text of another language, else nothing."""
    language = getattr(text, "language", context["page"].language)
    if language == context["page"].language:
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(language, context["reading"].speeches[language].direction)


def isolate(text: str) -> Markup:
    """A name or other inserted text, whose direction is its own."""
    return Markup("<bdi>{}</bdi>").format(str(text))


def code(text: object) -> Markup:
    """A case code, telephone number, address of a machine: always left to right."""
    return Markup('<bdi dir="ltr" class="code">{}</bdi>').format(str(text))


@pass_context
def day(context: Context, value: date) -> Markup:
    """A day in the page's language, readable by machines."""
    text = context["reading"].speech.day(value)
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


@pass_context
def when(context: Context, value: object) -> Markup:
    """A partial date, or the two ends of an interval."""
    speech = context["reading"].speech
    ends = [Markup('<time datetime="{}">{}</time>').format(end, speech.part(end)) for end in str(value).split("/")]
    return Markup(" – ").join(ends)


@pass_context
def country(context: Context, key: str) -> str:
    """The name of a country in the page's language."""
    return str(context["reading"].speech.country(key))


@pass_context
def language_name(context: Context, key: str) -> str:
    """The name of a language in the page's language."""
    return str(context["reading"].speech.language_name(key))


@pass_context
def label(context: Context, value: str, vocabulary: str) -> str:
    """The word of the interface for a value of the model."""
    return str(context["reading"].speech.catalogue.gettext(LABELS[vocabulary][value]))


@pass_context
def term(context: Context, key: str, table: str) -> Markup:
    """The name of a theme, a violation or another entry of shared data that has a `name`."""
    reading: Reading = context["reading"]
    entry: Any = reading.shared(table, reading.world.library.shared.tables[table], key)  # type: ignore[type-var]
    return say(context, named(reading.site, entry.name, reading.language))


@pass_context
def name(context: Context, names: Names) -> Markup:
    """The best of the names that an entry has in several languages."""
    reading: Reading = context["reading"]
    return say(context, named(reading.site, names, reading.language))


@pass_context
def href(context: Context, address: str) -> str:
    """The way from this page to an address of the site."""
    return context["root"] + address


@pass_context
def absolute(context: Context, address: str) -> str:
    """An address on the canonical site, the same on every mirror."""
    return context["reading"].site.address + address


@pass_context
def paragraphs(context: Context, text: str) -> Markup:
    """Plain text with blank lines between paragraphs."""
    marks = attributes(context, text)
    blocks = [Markup("<p{}>{}</p>").format(marks, block.strip()) for block in _BLANK_LINES.split(str(text))]
    return Markup("\n").join(blocks)


@pass_context
def picture(context: Context, view: PictureView, sizes: str, *, eager: bool = False) -> Markup:
    """A picture with its description."""
    return picture_markup(view.picture, view.alt, context["root"], sizes=sizes, eager=eager)


@pass_context
def joined(context: Context, words: Iterable[str]) -> str:
    """`a, b and c` in the page's language."""
    return str(context["reading"].speech.joined(list(words)))


@pass_context
def _gettext(context: Context, message: str) -> str:
    return str(context["reading"].speech.catalogue.gettext(message))


@pass_context
def _ngettext(context: Context, singular: str, plural: str, count: int) -> str:
    return str(context["reading"].speech.catalogue.ngettext(singular, plural, count))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "absolute": absolute,
    "attributes": attributes,
    "code": code,
    "country": country,
    "day": day,
    "href": href,
    "isolate": isolate,
    "joined": joined,
    "label": label,
    "language_name": language_name,
    "name": name,
    "paragraphs": paragraphs,
    "picture": picture,
    "say": say,
    "term": term,
    "when": when,
}


class Typesetter:
    """Sets sheets in the templates of the folder `templates`, and in no others."""

    def __init__(self, environment: Environment, templates: Path) -> None:
        environment.loader = FileSystemLoader(templates)
        environment.add_extension("jinja2.ext.i18n")
        environment.filters.update(FILTERS)
        environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]

        @pass_context
        def part(context: Context, template: str) -> Markup:
            return self._part(context, template)

        environment.globals["part"] = part
        self._environment = environment
        self._templates = templates
        self._parts: dict[tuple[str, str, str, str], tuple[Markup, frozenset[Facet]]] = {}

    def set(self, reading: Reading, sheet: Sheet) -> str:
        """The HTML of a sheet; raises `ThemeError` with the template's file and line."""
        reading.facets.add(("template", sheet.template, reading.language))
        try:
            return self._environment.get_template(sheet.template).render(self.context(reading, sheet))
        except TemplateError as error:
            raise ThemeError(_explain(error, self._templates)) from error

    def context(self, reading: Reading, sheet: Sheet) -> dict[str, Any]:
        """What a template can use beside the values of its sheet."""
        return {
            **sheet.values,
            "page": sheet.page,
            "reading": reading,
            "site": reading.site,
            "own": reading.addresses,
            "root": SENTINEL_BASE if sheet.template == "404.html" else sheet.page.root,
            "base": SENTINEL_BASE,
            "host": SENTINEL_HOST,
        }

    def _part(self, context: Context, template: str) -> Markup:
        """A part that is the same on many pages, set once per language, depth and section."""
        page = context["page"]
        key = (template, page.language, context["root"], page.section)
        if key not in self._parts:
            own = Reading(context["reading"].world, page.language)
            values = {name: context[name] for name in ("page", "site", "own", "root", "base", "host")}
            text = self._environment.get_template(template).render({**values, "reading": own, "menu": menu(own)})
            self._parts[key] = (Markup(text), frozenset(own.facets))  # noqa: S704 - set by an escaping template
        text, facets = self._parts[key]
        context["reading"].facets.update(facets)
        return text


def _explain(error: TemplateError, templates: Path) -> str:
    """What is wrong with a template, after the innermost place that has to do with it."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno) for frame in frames]
    if isinstance(error, TemplateSyntaxError):
        places.append((Path(error.filename or ""), error.lineno))
    inside = [(path.relative_to(templates), line) for path, line in places if path.is_relative_to(templates)]
    shown = "".join(f"theme/templates/{path.as_posix()}:{line}: " for path, line in inside[-1:])
    if isinstance(error, TemplateNotFound):
        return f"{shown}theme/templates/{error.name} is missing"
    return f"{shown}{error.message}"


def menu(reading: Reading) -> Mapping[str, list[tuple[Said, str]]]:
    """The menus of the network's pages: title and address, in order, by menu."""
    menus: dict[str, list[tuple[Said, str]]] = {"main": [], "footer": []}
    for key, name, *_ in reading.ask("menu"):
        if name == "none":
            continue
        item = reading.world.library.item(key)
        words = speak(reading.site, item, reading.language)
        address = reading.addresses_in(page_language(reading.site, item, reading.language)).item(item)
        menus[name].append((words.menu_title or words.title, address))
    return menus
