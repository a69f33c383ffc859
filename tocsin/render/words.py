"""The words of the interface in templates: what is compiled says which, each language has its own.

A message is looked up when a page is set, so that templates are compiled once for all languages.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from gettext import NullTranslations
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.ext import InternationalizationExtension

# The part of `markupsafe.escape` that escapes; the rest of it makes a `Markup` of the result.
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

_PLACEHOLDER = re.compile(r"%%|%\(([a-z_]+)\)s")


def written(value: Any) -> str:
    """A value as it stands in HTML: escaped, unless it is HTML already."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return str(_escape_inner(value))
    return escape(value)


class WordsLookedUp(InternationalizationExtension):
    """`{% trans %}` becomes a look into the words of the environment: languages share what is compiled."""

    def _make_node(
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        vars_referenced: bool,
        num_called_num: bool,
    ) -> nodes.Output:
        if context is not None:
            return super()._make_node(
                singular, plural, context, variables, plural_expr, vars_referenced, num_called_num
            )
        counts = [name for name, value in variables.items() if value is plural_expr]
        if plural is None:
            return nodes.Output([_said(singular, variables)])
        if plural_expr is not None and len(variables) == 1 and counts:
            forms = [nodes.Const(value) for value in (singular, plural, counts[0])]
            return nodes.Output([nodes.Filter(plural_expr, "counted", forms, [], None, None)])
        return super()._make_node(
            singular, plural, context, variables, plural_expr, vars_referenced, num_called_num
        )


def _said(message: str, variables: dict[str, nodes.Expr]) -> nodes.Expr:
    """The words of the page's language for a message: see `Words`."""
    names = _names_in(message)
    if not names:
        return nodes.Getitem(nodes.EnvironmentAttribute("words"), nodes.Const(message), "load")
    values = [variables.get(name) or nodes.Name(name, "load") for name in names]
    said = nodes.EnvironmentAttribute("said")
    return nodes.Call(said, [nodes.Const(message), *values], [], None, None)


def _names_in(message: str) -> tuple[str, ...]:
    """The names of the values in a message, each once."""
    return tuple(dict.fromkeys(found[1] for found in _PLACEHOLDER.finditer(message) if found[1]))


class Words(dict[str, Markup]):
    """The messages of one language that hold no values."""

    def __init__(self, catalogue: NullTranslations) -> None:
        self._catalogue = catalogue

    def __missing__(self, message: str) -> Markup:
        text = self._catalogue.gettext(message)
        words = self[message] = Markup(_PLACEHOLDER.sub("%", text))  # noqa: S704 - our own words
        return words


def counter(catalogue: NullTranslations) -> Callable[[int, str, str, str], Markup]:
    """A filter that gives a message in the form for a number, which stands in it as `%(name)s`."""

    @functools.lru_cache(maxsize=2_000)
    def counted(number: int, singular: str, plural: str, name: str) -> Markup:
        return Markup(catalogue.ngettext(singular, plural, number)) % {name: number}  # noqa: S704 - our own words

    return counted


def speaker(catalogue: NullTranslations, undefined: type[Undefined]) -> Callable[..., Markup]:
    """A function that gives a message with its values, in the order in which the English names them."""
    known: dict[str, tuple[str, tuple[Undefined, ...]]] = {}

    def said(message: str, *values: Any) -> Markup:
        if message not in known:
            known[message] = _form(catalogue.gettext(message), _names_in(message), undefined)
        form, unknown = known[message]
        return Markup(form.format(*map(written, (*values, *unknown))))  # noqa: S704 - our own words

    return said


def _form(text: str, names: Sequence[str], undefined: type[Undefined]) -> tuple[str, tuple[Undefined, ...]]:
    """A message in which values stand by their numbers, and what stands for those that nobody gives."""
    unknown = tuple(dict.fromkeys(name for name in _names_in(text) if name not in names))
    places = [*names, *unknown]

    def place(found: re.Match[str]) -> str:
        return f"{{{places.index(found[1])}}}" if found[1] else "%"

    text = text.replace("{", "{{").replace("}", "}}")
    return _PLACEHOLDER.sub(place, text), tuple(undefined(name=name) for name in unknown)
