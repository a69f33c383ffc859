"""Typesetting: how a sheet becomes HTML.

Templates hold no logic beyond loops and conditions. They are compiled once for each language: the words of
the interface are set into them then, and not looked up again on every page.
"""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup

from tocsin.errors import ThemeError
from tocsin.ledger.store import Store
from tocsin.model.text import SENTINEL_HOST
from tocsin.render.addresses import ROOT
from tocsin.render.cards import speak
from tocsin.render.compiling import SiteEnvironment, StoredBytecode
from tocsin.render.filters import COMMON, LanguageFilters
from tocsin.render.languages import Speech
from tocsin.render.offers import page_language
from tocsin.render.reading import Reading
from tocsin.render.said import Said
from tocsin.render.setting_in import INCLUDES
from tocsin.render.sheets import Sheet
from tocsin.render.stamps import SENTINEL_BASE
from tocsin.render.words import Words, WordsLookedUp, counter, speaker
from tocsin.render.world import Facet
from tocsin.serving.policy import REFERRER, meta_policy

# What pages say of themselves to browsers: what servers say too (`tocsin.serving`), as far as pages can.
_POLICY: Mapping[str, Any] = {
    "content_policy": lambda scripted: Markup(meta_policy(scripted=scripted)),  # noqa: S704
    "referrer": REFERRER.value,
}
_SHARED_VALUES = ("page", "site", "own", "base", "host")
# Included templates that are needed by themselves too; one that is missed here is compiled where it is used.
_SET_BY_ITSELF = re.compile(r"""\b(?:once|part)\(["']([^"']+)""")
# Templates of which a large site has thousands of pages. What they extend is set into them; with others it
# would take longer to compile than it saves.
_MANY = frozenset({f"{name}.html" for name in ("appeal", "case", "print", "report", "statement")})
# In how many parts templates are prepared: some take ten times as long as others.
_PARTS = 8
# How much is kept of fragments, in characters: the rows of all items in one language, of which each stands in
# five lists or more; and on a small site what the pages of an item share.
A_ROW = 1_500
FRAGMENTS = 6_000_000


class Typesetter:
    """Sets sheets in the templates of the folder `templates`, and in no others.

    Pages of an offline edition keep the placeholder for the way to the root: which of their links lead
    anywhere is known when all of them are made (see `tocsin.offline.links`).
    """

    def __init__(
        self,
        environment: Environment,
        templates: Path,
        speeches: Mapping[str, Speech],
        store: Store,
        code: str,
        *,
        is_offline: bool = False,
    ) -> None:
        self._offline = is_offline
        self._base = environment
        self._templates = templates
        self._speeches = speeches
        self._bytecode = StoredBytecode(store, code)
        self._loader = FileSystemLoader(templates)
        self._environments: dict[str, Environment] = {}
        self._kept: dict[tuple[str, ...], tuple[Markup, frozenset[Facet]]] = {}
        self._size = 0

    def set(self, reading: Reading, sheet: Sheet) -> str:
        """The HTML of a sheet; raises `ThemeError` with the template's file and line."""
        reading.facets.add(("template", sheet.template, reading.language))
        text = self._rendered(reading.language, sheet.template, self._context(reading, sheet))
        if self._offline:
            return text
        # The page for what is not there is served at any depth, so its links are absolute.
        return text.replace(ROOT, SENTINEL_BASE if sheet.page.section == "not-found" else sheet.page.root)

    def fragment(self, reading: Reading, template: str, values: dict[str, Any]) -> str:
        """The HTML of a template that is no page, with the placeholder for the way to the root in it."""
        reading.facets.add(("template", template, reading.language))
        context = {**values, "reading": reading, "site": reading.site, "own": reading.addresses}
        context |= {"base": SENTINEL_BASE, "host": SENTINEL_HOST}
        return self._rendered(reading.language, template, context)

    def _rendered(self, language: str, template: str, context: dict[str, Any]) -> str:
        try:
            return self._environment(language).get_template(template).render(context)
        except TemplateError as error:
            found = self._in_its_place(error, language, template, context)
            raise ThemeError(_explain(found, self._templates)) from error

    def _in_its_place(
        self, error: TemplateError, language: str, template: str, context: dict[str, Any]
    ) -> TemplateError:
        """The same error from templates as they stand: what is set into another loses its own lines."""
        environment = self._make_environment(self._speeches[language], are_templates_set_in=False)
        try:
            environment.get_template(template).render(context)
        except TemplateError as found:
            return found
        return error

    def parts(self) -> list[list[str]]:
        """The names of the templates that can be prepared, in parts of about the same size.

        Templates that are only set into others are left out.
        """
        every, own = self._loader.list_templates(), set[str]()
        for name in every:
            with contextlib.suppress(TemplateNotFound, UnicodeDecodeError):  # what editors' programs leave
                own.update(_SET_BY_ITSELF.findall(self._loader.get_source(self._base, name)[0]))
        names = [name for name in every if not name.startswith(INCLUDES) or name in own]
        return [part for start in range(_PARTS) if (part := names[start::_PARTS])]

    def prepare(self, names: Iterable[str], languages: Iterable[str]) -> None:
        """Compile templates: once, instead of once in each worker."""
        for language in languages:
            environment = self._environment(language)
            for name in names:
                with contextlib.suppress(TemplateError):  # told where a page uses it, if any does
                    environment.get_template(name)

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            self._environments[language] = self._make_environment(self._speeches[language])
        return self._environments[language]

    def _make_environment(self, speech: Speech, *, are_templates_set_in: bool = True) -> Environment:
        bytecode = self._bytecode if are_templates_set_in else None
        made = SiteEnvironment.like(self._base, loader=self._loader, bytecode_cache=bytecode)
        made.are_templates_set_in = are_templates_set_in
        made.many = _MANY
        own = {**LanguageFilters(speech, self._speeches).all(), "counted": counter(speech.catalogue)}
        made.filters |= {**COMMON, **own}
        made.own_filters = frozenset(own)
        made.globals |= {
            **self._functions(made),
            **_POLICY,
            "language": speech.code,
            "offline": self._offline,
        }
        made.words, made.said = Words(speech.catalogue), speaker(speech.catalogue, made.undefined)
        made.add_extension(WordsLookedUp)
        made.install_gettext_callables(  # type: ignore[attr-defined]
            speech.catalogue.gettext, speech.catalogue.ngettext, newstyle=True
        )
        return made

    def _context(self, reading: Reading, sheet: Sheet) -> dict[str, Any]:
        """What a template can use beside the values of its sheet."""
        return {
            **sheet.values,
            "page": sheet.page,
            "reading": reading,
            "site": reading.site,
            "own": reading.addresses,
            "base": SENTINEL_BASE,
            "host": SENTINEL_HOST,
        }

    def _functions(self, environment: Environment) -> dict[str, Callable[..., Markup]]:
        """The functions with which templates share what is the same on several pages."""

        @pass_context
        def part(context: Context, template: str) -> Markup:
            """A template that is the same on all pages of a language and section, with `menu`."""

            def values(own: Reading) -> dict[str, Any]:
                return {**{name: context[name] for name in _SHARED_VALUES}, "menu": menu(own)}

            return self._keep(environment, context, template, context["page"].section, values)

        @pass_context
        def once(context: Context, template: str, key: str, **more: Any) -> Markup:
            """A template that is the same wherever `key` is shown in a language."""
            return self._keep(environment, context, template, key, lambda own: {**context.get_all(), **more})

        return {"part": part, "once": once}

    def _keep(
        self,
        environment: Environment,
        context: Context,
        template: str,
        key: str,
        values: Callable[[Reading], dict[str, Any]],
    ) -> Markup:
        """Set a template once for a key, with what it read, which every page that shows it has read too."""
        reading: Reading = context["reading"]
        place = (template, reading.language, key)

        def make(own: Reading) -> Markup:
            text = environment.get_template(template).render({**values(own), "reading": own})
            self._size += len(text)
            if self._size > max(FRAGMENTS, A_ROW * len(own.world.library.entries)):
                self._kept.clear()
                self._size = len(text)
            return Markup(text)  # noqa: S704 - set by an escaping template

        return reading.once(self._kept, place, make)


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
