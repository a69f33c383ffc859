"""Bodies: from Markdown to clean HTML whose links are still names.

Python-Markdown converts; nh3 (the Ammonia sanitiser) keeps what `ALLOWED` lists and nothing else. Links to
other items stay `kind:slug` and facts stay `{fact:name}`: what they become depends on the page that shows
them, so a converted body is good for every page, theme and mirror.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import markdown
import nh3
from markdown.extensions import footnotes, tables

# What a body may hold. Every name here is checked by tests/unit/library/test_body.py.
ALLOWED_TAGS = frozenset(
    "p br hr h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code em strong b i s sub sup small abbr cite q "
    "del ins span div bdi bdo a img table caption thead tbody tfoot tr th td".split()
)
ALLOWED_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "class", "id"},
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "abbr": {"title"},
    "ol": {"start"},
    "th": {"align", "scope", "colspan", "rowspan"},
    "td": {"align", "colspan", "rowspan"},
}
ALLOWED_CLASSES = frozenset({"footnote", "footnote-ref", "footnote-backref", "note"})
OWN_SCHEMES = frozenset("appeal report statement portrait page case country theme".split())
OUTSIDE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

FACT = re.compile(r"\{fact:([a-z0-9-]+)(?:@([0-9/-]+))?\}")
_ATTRIBUTE_ID = re.compile(r"fn(?:ref\d*)?:[\w-]{1,40}")
_HREF = re.compile(r'<a ([^>]*?)href="([^"]*)"')
_IMAGE = re.compile(r'<img src="([^"]*)"(?: alt="([^"]*)")?|<img alt="([^"]*)" src="([^"]*)"')
_ALIGN = re.compile(r'(<t[hd])([^>]*?) align="(left|center|right)"')
_ALIGNED = {"left": "start", "center": "middle", "right": "end"}
_LINK_TARGET = re.compile(r"([a-z]+):([A-Za-z0-9-]+)(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a body: its target as written, and what kind of target that is."""

    target: str
    kind: str  # one of OWN_SCHEMES, "outside", "footnote", or "" for one that leads nowhere
    name: str = ""


@functools.cache
def _converter() -> markdown.Markdown:
    """The one Markdown instance of the process; `reset()` between documents keeps footnotes apart."""
    return markdown.Markdown(
        extensions=[
            footnotes.FootnoteExtension(BACKLINK_TEXT="↩", BACKLINK_TITLE="", SEPARATOR=":"),
            tables.TableExtension(use_align_attribute=True),
            "def_list",
            "attr_list",
            "abbr",
            "sane_lists",
        ],
        output_format="html",
    )


def convert(text: str) -> str:
    """Markdown to sanitised HTML. Any text gives some HTML; what is not allowed is gone."""
    converter = _converter()
    converter.reset()
    return _finish(_clean(converter.convert(text)))


def version() -> str:
    """What the conversion depends on beside the text; part of the key of cached bodies."""
    return f"markdown {markdown.__version__}, nh3 {nh3.__version__}, 1"


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(ALLOWED_TAGS),
        clean_content_tags={"script", "style", "template", "iframe", "object", "svg", "math", "title"},
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=set(OWN_SCHEMES | OUTSIDE_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if word in ALLOWED_CLASSES]
        return " ".join(kept) or None
    if name == "id":
        return value if _ATTRIBUTE_ID.fullmatch(value) else None
    if name == "dir":
        return value if value in {"ltr", "rtl", "auto"} else None
    if name == "lang":
        return value if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{2,8})*", value) else None
    return value


def _finish(html: str) -> str:
    html = _ALIGN.sub(lambda found: f'{found[1]}{found[2]} class="{_ALIGNED[found[3]]}"', html)
    html = html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
    return _HREF.sub(_mark_outside, html)


def _mark_outside(found: re.Match[str]) -> str:
    if not found[2].startswith(("http:", "https:")):
        return found[0]
    return f'<a {found[1]}class="outside" rel="noopener noreferrer" href="{found[2]}"'


def links(html: str) -> Iterator[Link]:
    """Every link of a converted body, in order."""
    for found in _HREF.finditer(html):
        yield parse_link(found[2])


def parse_link(target: str) -> Link:
    """What a target means; `kind` is empty where it means nothing."""
    if target.startswith("#"):
        return Link(target, "footnote" if _ATTRIBUTE_ID.fullmatch(target[1:]) else "")
    scheme = target.partition(":")[0]
    if scheme in OUTSIDE_SCHEMES and len(target) > len(scheme) + 1:
        return Link(target, "outside")
    found = _LINK_TARGET.fullmatch(target)
    if found and found[1] in OWN_SCHEMES:
        return Link(target, found[1], found[2])
    return Link(target, "")


def pictures(html: str) -> Iterator[tuple[str, str]]:
    """File name and alternative text of every picture of a converted body."""
    for found in _IMAGE.finditer(html):
        yield (found[1], found[2] or "") if found[1] is not None else (found[4], found[3])


def facts(text: str) -> Iterator[tuple[str, str | None]]:
    """Every `{fact:name}` and `{fact:name@when}` of a text."""
    for found in FACT.finditer(text):
        yield found[1], found[2]
