"""Bodies in their place: links, facts and pictures of a converted text made good for one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from markupsafe import Markup, escape

from tocsin.library.body import FACT, OWN_SCHEMES
from tocsin.model.items import AnyItem
from tocsin.render.offers import page_language
from tocsin.render.pictures import picture_markup
from tocsin.render.reading import Reading

_OWN_LINK = re.compile(rf'href="({"|".join(sorted(OWN_SCHEMES))}):([A-Za-z0-9-]+)(#[^"]*)?"')
# Stands for the address of an item that is not public: such a link is shown as its words.
_HELD = 'data-held=""'
_HELD_LINK = re.compile(rf"<a [^>]*{_HELD}[^>]*>(.*?)</a>", re.DOTALL)
_IMAGE = re.compile(r"<img ([^>]*)>")
_ATTRIBUTE = re.compile(r'(src|alt)="([^"]*)"')


def set_body(
    reading: Reading,
    item: AnyItem,
    html: str,
    language: str,
    root: str,
    markup: Callable[..., Markup] = picture_markup,
) -> Markup:
    """The HTML of a text of `item` in `language`; `root` leads from the page that shows it to the root.

    `markup` makes the markup of a picture.
    """

    def link(found: re.Match[str]) -> str:
        place = _target(reading, found[1], found[2])
        if place is None:
            return _HELD
        target, spoken = place
        hreflang = f' hreflang="{spoken}"' if spoken != language else ""
        return f'href="{escape(root + target)}{found[3] or ""}"{hreflang}'

    def image(found: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        picture = reading.picture(item.key, attributes.get("src", ""))
        if picture is None:
            return str(attributes.get("alt", ""))
        return markup(
            picture, unescape(attributes.get("alt", "")), root, sizes="(max-width: 40rem) 100vw, 40rem"
        )

    linked = _OWN_LINK.sub(link, html)
    if _HELD in linked:
        linked = _HELD_LINK.sub(r"\1", linked)
    return Markup(_IMAGE.sub(image, set_facts(reading, linked)))  # noqa: S704 - sanitised by nh3


def set_facts(reading: Reading, html: str) -> str:
    """A text with the values of the facts that it names."""

    def fact(found: re.Match[str]) -> str:
        value = reading.shared("facts", reading.world.library.shared.facts, found[1])
        chosen = value.on(found[2]) if found[2] else value.newest
        return str(escape(chosen.value)) if chosen else found[0]

    return FACT.sub(fact, html)


def _target(reading: Reading, kind: str, name: str) -> tuple[str, str] | None:
    """Address and language of what `kind:name` names, for a reader of the language; None if not public."""
    own = reading.addresses
    if kind == "country":
        return own.country(name), reading.language
    if kind == "theme":
        return own.theme(name), reading.language
    if kind == "case":
        case = reading.ask("case", f"appeal:{name}")
        return (own.case(case), reading.language) if case else None
    item = reading.find(f"{kind}:{name}")
    if item is None:
        return None
    language = page_language(reading.site, item, reading.language)
    return reading.addresses_in(language).item(item), language
