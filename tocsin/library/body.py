"""Bodies: from Markdown to clean HTML whose links are still names.

Python-Markdown converts; nh3 (the Ammonia sanitiser) keeps what `ALLOWED_TAGS` and its neighbours list and
nothing else. Links to other items stay `kind:slug` and facts stay `{fact:name}`: what they become depends on
the page that shows them, so a converted body is good for every page, theme and mirror.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from typing import NamedTuple
from xml.etree.ElementTree import Element

import nh3
from markdown.extensions import footnotes, tables

from tocsin.library.fast_blocks import FastBlocks
from tocsin.library.fast_inline import FastInline
from tocsin.library.fast_markdown import FastMarkdown
from tocsin.model.text import INVISIBLE

# What a body may hold; tests/unit/library/test_body.py tries every name. `h1` is let through so that it can
# be reported: pages have one already.
# fmt: off
ALLOWED_TAGS = frozenset([
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
    "pre", "code", "em", "strong", "b", "i", "s", "sub", "sup", "small", "abbr", "cite", "q", "del", "ins",
    "span", "div", "bdi", "bdo", "a", "img", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
])
# fmt: on
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
OWN_SCHEMES = frozenset({"appeal", "report", "statement", "portrait", "page", "case", "country", "theme"})
OUTSIDE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SCHEMES = OWN_SCHEMES | OUTSIDE_SCHEMES

FACT = re.compile(r"\{fact:([a-z0-9-]+)(?:@([0-9/-]+))?\}")
# Converting takes time in proportion to brackets times length of a paragraph: some seconds at this limit.
MAX_TANGLE = 20_000_000
# Browsers give up at some hundreds.
MAX_NESTING = 100

_FACT_KEPT = re.compile("\ufdd0([^\ufdd0\ufdd1]*)\ufdd1")  # noncharacters, which no text may hold
# What invisible characters can come from beside a reference such as `&#x202E;`: our marks, and Markdown's.
_OWN_MARKS = ("\x02", "\x03", "\ufdd0", "\ufdd1")
_FACT_LIKE = re.compile(r"\{ ?facts?\b[^}<]{0,60}\}?", re.IGNORECASE)
_LOST_FOOTNOTE = re.compile(r"\[\^[^\]\s<]{1,60}\]")
_ATTRIBUTE_ID = re.compile(r"fn(?:ref[0-9]*)?:[0-9]{1,6}")
# Ammonia writes attributes in this one form, with `"`, `&`, `<` and `>` escaped in values.
_ATTRIBUTES = r'((?: [^\s"=<>]+="[^"]*")*)'
_ATTRIBUTE = re.compile(r' ([^\s"=<>]+)="([^"]*)"')
_FINISHED = re.compile(rf"<(/?table|(?:a|t[hd])(?= )){_ATTRIBUTES}>")
_HREF = re.compile(r'<a(?: [^\s"=<>]+="[^"]*")*? href="([^"]*)"')
_LINK_OR_PICTURE = re.compile(rf"<(a|img){_ATTRIBUTES}>")
_HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-z0-9]+)")
_TAG = re.compile(r"<[^>]*>")
_RAW_ADDRESS = re.compile(r"""<a\b[^<>]*?\shref\s*=\s*["']?\s*([a-zA-Z][a-zA-Z0-9+.-]*:[^"'<>\s]*)""")
_ALIGNED = {"left": "start", "center": "middle", "right": "end"}
_OUTSIDE_TARGET = re.compile(r"https?://[^/].*|(?:mailto|tel):.+", re.DOTALL)
_LINK_TARGET = re.compile(r"([a-z]+):([A-Za-z0-9-]+)(?:#.*)?")


class Link(NamedTuple):
    """A link of a body: its target as written, and what kind of target that is."""

    target: str
    kind: str  # one of OWN_SCHEMES, "outside", "footnote", or "" for one that leads nowhere
    name: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted text, and what its author should know was left out: addresses and invisible characters."""

    html: str
    refused: tuple[str, ...]
    invisible: str


class _Footnotes(footnotes.FootnoteExtension):
    """Footnotes whose ids are numbers, whatever their labels are."""

    md: FastMarkdown

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        super().__init__(BACKLINK_TEXT="↩", BACKLINK_TITLE="", SEPARATOR=":")

    def reset(self) -> None:
        self.numbers.clear()
        super().reset()

    def _number(self, label: str) -> str:
        return self.numbers.setdefault(label, str(len(self.numbers) + 1))

    def findFootnotesPlaceholder(self, root: Element) -> tuple[Element, Element, bool] | None:  # noqa: N802
        # Looking through the whole tree for the mark where footnotes go is only worth it where there is one.
        return super().findFootnotesPlaceholder(root) if "///Footnotes" in self.md.source else None

    def makeFootnoteId(self, id: str) -> str:  # noqa: N802, A002 - the extension's own names
        return super().makeFootnoteId(self._number(id))

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: N802, A002
        return super().makeFootnoteRefId(self._number(id), found)


# What a text must hold for an extension to have anything to do; a text without is converted without it, which
# gives the same result sooner (tests/property/test_fast_inline.py compares).
_EXTENSION_NEEDS = {"footnotes": "[^", "tables": "|", "def_list": ":", "attr_list": "{", "abbr": "*["}
# A definition's colon begins a line, indented, in a quotation, or behind raw HTML, which gets its own line.
_COLON = re.compile(r"[\n>][ \t>]*:")


@functools.cache
def _converter(needed: tuple[str, ...] = tuple(_EXTENSION_NEEDS)) -> FastMarkdown:
    """The Markdown instance for a set of extensions; `reset()` between documents keeps them apart."""
    own = {"footnotes": _Footnotes(), "tables": tables.TableExtension(use_align_attribute=True)}
    extensions = [own.get(name, name) for name in needed]
    extensions += ["sane_lists", FastBlocks(), FastInline()]
    return FastMarkdown(extensions=extensions, output_format="html")


def convert(text: str) -> str:
    """Markdown to sanitised HTML. Any text gives some HTML; what is not allowed is gone."""
    return convert_noting(text).html


def convert_noting(text: str, *, checked: bool = False) -> Converted:
    """Markdown to sanitised HTML, with what was left out of it.

    `checked` says that the text is as a source is read: with `\\n` alone, and without invisible characters.
    """
    if not checked:
        text = INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    # Facts look like lists of attributes to Markdown, which would swallow some of them.
    marked = FACT.sub(lambda found: f"\ufdd0{found[0][6:-1]}\ufdd1", text) if "{fact:" in text else text
    raw = _to_html(marked)
    html = _clean(raw)
    if "\ufdd0" in html:
        html = _FACT_KEPT.sub(r"{fact:\1}", html)
    invisible = INVISIBLE.search(html) if "&" in text or any(mark in html for mark in _OWN_MARKS) else None
    if invisible:
        html = INVISIBLE.sub("", html)
    return Converted(
        _FINISHED.sub(_finish_tag, html), tuple(_refused(raw)), invisible[0] if invisible else ""
    )


def version() -> str:
    """What the conversion depends on beside the text; part of the key of cached bodies."""
    return f"markdown {importlib.metadata.version('markdown')}, nh3 {importlib.metadata.version('nh3')}, 2"


def _to_html(text: str) -> str:
    needed = [name for name, mark in _EXTENSION_NEEDS.items() if mark in text]
    if "def_list" in needed and not _may_define(text):
        needed.remove("def_list")
    converter = _converter(tuple(needed))
    converter.reset()
    try:
        return converter.convert(text)
    except BaseException:
        # `reset()` leaves parts of the parser as they were in mid-text: the next text gets a new converter.
        _converter.cache_clear()
        raise


def _may_define(text: str) -> bool:
    """True where a colon may begin a line; what stands before it is looked for first, as that is quicker."""
    before = "\n:" in text or " :" in text or ">:" in text or "\t:" in text
    return before and _COLON.search(text) is not None


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED_TAGS),
        clean_content_tags={"script", "style", "template", "iframe", "object", "svg", "math", "title"},
        attributes=ALLOWED_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes=set(_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )


def _clean(html: str) -> str:
    return _cleaner().clean(html)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if word in ALLOWED_CLASSES]
        return " ".join(dict.fromkeys(kept)) or None
    if name == "id":
        return value if _ATTRIBUTE_ID.fullmatch(value) else None
    if name == "dir":
        return value if value in {"ltr", "rtl", "auto"} else None
    if name == "lang":
        return value if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{2,8})*", value) else None
    if name in {"start", "colspan", "rowspan"}:
        return value if re.fullmatch(r"[1-9][0-9]{0,2}", value) else None
    if name == "scope":
        return value if value in {"row", "col", "rowgroup", "colgroup"} else None
    return None if name == "title" and not value.strip() else value


def _finish_tag(found: re.Match[str]) -> str:
    """Wide tables scroll by themselves, cells are aligned by class, links that lead outside are marked."""
    tag, attributes = found.groups()
    if tag == "table":
        return f'<div class="wide" tabindex="0">{found[0]}'
    if tag == "/table":
        return f"{found[0]}</div>"
    if ("http" if tag == "a" else "align") not in attributes:
        return found[0]
    values = dict(_ATTRIBUTE.findall(attributes))
    if tag == "a" and values.get("href", "").startswith(("http:", "https:")):
        values["class"] = f"{values.get('class', '')} outside".strip()
        values["rel"] = "noopener noreferrer"
    elif "align" in values and (side := _ALIGNED.get(values.pop("align"))):
        values["class"] = f"{values.get('class', '')} {side}".strip()
    written = "".join(f' {name}="{value}"' for name, value in values.items())
    return f"<{tag}{written}>"


def _refused(raw: str) -> Iterator[str]:
    """Addresses of unsanitised HTML whose scheme is not allowed: a slip such as `apeal:…`, or an attack."""
    for found in _RAW_ADDRESS.finditer(raw):
        address = unescape(found[1])
        if address.partition(":")[0].lower() not in _SCHEMES:
            yield address


def tangled(text: str) -> tuple[int, str] | None:
    """Where a paragraph would take unreasonably long to convert, and what to say about it."""
    if (text.count("[") + text.count("<")) * len(text) <= MAX_TANGLE:
        return None
    place = 0
    for paragraph in re.split(r"(?<=\n)(?=[ \t]*\n)", text):
        marks = paragraph.count("[") + paragraph.count("<")
        if marks * len(paragraph) > MAX_TANGLE:
            length = len(paragraph.strip())
            said = f"has a paragraph of {length} characters with {marks} '[' or '<'; divide it"
            return place + len(paragraph) - len(paragraph.lstrip()), said
        place += len(paragraph)
    return None


def is_too_deep(html: str) -> bool:
    """True for sanitised HTML whose elements lie in each other more than `MAX_NESTING` levels deep."""
    if html.count("</") <= MAX_NESTING:
        return False
    depth = 0
    for found in _OPEN_OR_CLOSE.finditer(html):
        if found[1]:
            depth -= 1
        elif found[2] not in {"br", "hr", "img"}:
            depth += 1
            if depth > MAX_NESTING:
                return True
    return False


def links(html: str) -> Iterator[Link]:
    """Every link of a converted body, in order."""
    return (parse_link(unescape(target)) for target in _HREF.findall(html))


def parse_link(target: str) -> Link:
    """What a target means; `kind` is empty where it means nothing."""
    if target.startswith("#"):
        return Link(target, "footnote" if _ATTRIBUTE_ID.fullmatch(target[1:]) else "")
    scheme = target.partition(":")[0]
    if scheme in OUTSIDE_SCHEMES and _OUTSIDE_TARGET.fullmatch(target):
        return Link(target, "outside")
    found = _LINK_TARGET.fullmatch(target)
    if found and found[1] in OWN_SCHEMES:
        return Link(target, found[1], found[2])
    return Link(target, "")


def pictures(html: str) -> Iterator[tuple[str, str]]:
    """File name and alternative text of every picture of a converted body."""
    for tag, attributes in _LINK_OR_PICTURE.findall(html) if "<img" in html else ():
        if tag == "img":
            values = dict(_ATTRIBUTE.findall(attributes))
            yield unescape(values.get("src", "")), unescape(values.get("alt", ""))


def without_pictures(html: str, names: Collection[str]) -> str:
    """A converted body without the pictures of these files, and without what was said of them."""
    if not names or "<img" not in html:
        return html

    def kept(found: re.Match[str]) -> str:
        own = dict(_ATTRIBUTE.findall(found[2]))
        return "" if found[1] == "img" and unescape(own.get("src", "")) in names else found[0]

    return _LINK_OR_PICTURE.sub(kept, html)


def headings(html: str) -> Iterator[tuple[int, str]]:
    """Level and text of every heading of a converted body."""
    for found in _HEADING.finditer(html):
        yield int(found[1]), unescape(_TAG.sub("", found[2])).strip()


def facts(text: str) -> Iterator[tuple[str, str | None]]:
    """Every `{fact:name}` and `{fact:name@when}` of a text."""
    for found in FACT.finditer(text) if "{fact:" in text else ():
        yield found[1], found[2]


def leftovers(html: str) -> Iterator[str]:
    """What was meant as a fact or a footnote and is none: `{fact: members}`, `[^3]`."""
    if "{" in html:
        yield from (found[0] for found in _FACT_LIKE.finditer(html) if not FACT.fullmatch(found[0]))
    if "[^" in html:
        yield from (found[0] for found in _LOST_FOOTNOTE.finditer(html))
