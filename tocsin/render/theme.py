"""The theme's files, and what a page set in a template depends on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from jinja2.ext import extract_from_ast

from tocsin.errors import ThemeError
from tocsin.ledger.store import digest
from tocsin.render.labels import LABELS
from tocsin.render.languages import Speech

# As Pelican sets templates (JINJA_ENVIRONMENT in pelicanconf.py): words are looked for as they are asked for.
_PARSER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Template:
    """A template taken apart: its text, the templates that it uses, the words that it asks catalogues for."""

    text: str
    uses: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    has_labels: bool


@dataclass(frozen=True)
class Theme:
    """A folder with `templates/`, `static/site.css`, `static/search.js` and `locale/`."""

    folder: Path
    _templates: dict[str, Template] = field(default_factory=dict, repr=False)
    _fingerprints: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    _counts: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    @property
    def locale(self) -> Path:
        return self.folder / "locale"

    @cached_property
    def style(self) -> str:
        """The text of the one style sheet."""
        return self._static("site.css", "a theme has one style sheet")

    @cached_property
    def style_address(self) -> str:
        """Where the style sheet is served: a name made from its content, so that it is cached for ever."""
        return f"s/site-{_short(self.style)}.css"

    @cached_property
    def script(self) -> str:
        """The text of the script of the search page, the only one there is."""
        return self._static("search.js", "the search page needs it")

    @cached_property
    def script_address(self) -> str:
        """Where the script is served, likewise."""
        return f"s/search-{_short(self.script)}.js"

    @cached_property
    def script_integrity(self) -> str:
        """The digest of the script, as the page that loads it states it (W3C Subresource Integrity)."""
        data = hashlib.sha384(self.script.encode()).digest()
        return f"sha384-{base64.b64encode(data).decode()}"

    def _static(self, name: str, why: str) -> str:
        try:
            return (self.folder / "static" / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ThemeError(f"theme/static/{name} is missing; {why}") from None

    def fingerprint(self, name: str, speech: Speech) -> bytes:
        """Changes with all that the theme adds to a page of this template and language, and nothing else.

        That is: the template with every template that it uses, the words that they ask for in this language,
        the labels where they use any, the names of countries, and the address of the style sheet.
        """
        key = (name, speech.code)
        if key not in self._fingerprints:
            used = [self.template(other) for other in self._closure(name)]
            words = sorted({word for template in used for word in template.words})
            if speech.code not in self._counts:
                self._counts[speech.code] = _count_of_each_form(speech)
            said = [_translations(speech, word, self._counts[speech.code]) for word in words]
            labels = _labels(speech) if any(template.has_labels for template in used) else ()
            texts = [template.text for template in used]
            parts = (texts, said, labels, sorted(speech.overrides.items()), self.style_address)
            self._fingerprints[key] = digest(parts)
        return self._fingerprints[key]

    def template(self, name: str) -> Template:
        """A template taken apart; raises `ThemeError` where it cannot be parsed.

        One that is missing is empty: whether it is needed is seen where it is used.
        """
        if name not in self._templates:
            try:
                text = (self.templates / name).read_text(encoding="utf-8")
                self._templates[name] = self._take_apart(text)
            except (FileNotFoundError, IsADirectoryError):
                self._templates[name] = Template("", (), (), has_labels=False)
            except TemplateSyntaxError as error:
                raise ThemeError(f"theme/templates/{name}:{error.lineno}: {error.message}") from None
            except (OSError, UnicodeDecodeError) as error:
                raise ThemeError(f"theme/templates/{name} cannot be read: {error}") from None
        return self._templates[name]

    def _take_apart(self, text: str) -> Template:
        tree = _PARSER.parse(text)
        referenced = list(meta.find_referenced_templates(tree))
        uses = [name for name in referenced if name is not None]
        if None in referenced:  # named by an expression: it may be any
            uses += self._names()
        words = [_message(found) for _, _, found in extract_from_ast(tree) if found is not None]
        filters = {node.name for node in tree.find_all(nodes.Filter)}
        return Template(text, tuple(dict.fromkeys([*uses, *_parts(tree)])), tuple(words), "label" in filters)

    def _names(self) -> list[str]:
        found = self.templates.rglob("*.html")
        return sorted(path.relative_to(self.templates).as_posix() for path in found)

    def _closure(self, name: str) -> list[str]:
        """The template and all that it uses, in a fixed order."""
        found, waiting = {name}, [name]
        while waiting:
            for other in self.template(waiting.pop()).uses:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return sorted(found)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _message(found: str | tuple[str | None, ...]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else tuple(word for word in found if word is not None)


def _parts(tree: nodes.Template) -> Iterator[str]:
    """The templates named in `part("…")` and `once("…", …)`."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in {"part", "once"}:
            for argument in call.args[:1]:
                if isinstance(argument, nodes.Const):
                    yield str(argument.value)


def _translations(speech: Speech, word: tuple[str, ...], counts: tuple[int, ...]) -> tuple[str, ...]:
    """What a message is in a language; for a plural, its forms (`counts` ask for one each) and their rule."""
    if len(word) == 1:
        return (speech.catalogue.gettext(word[0]),)
    rule = str(speech.catalogue.info().get("plural-forms", ""))
    return (rule, *(speech.catalogue.ngettext(word[0], word[1], count) for count in counts))


def _count_of_each_form(speech: Speech) -> tuple[int, ...]:
    """One count for each form of a plural that the language has."""
    form = getattr(speech.catalogue, "plural", lambda count: int(count != 1))
    return tuple({form(count): count for count in (1_000_000, *range(1_000, -1, -1))}.values())


def _labels(speech: Speech) -> tuple[str, ...]:
    return tuple(speech.catalogue.gettext(word) for words in LABELS.values() for word in words.values())
