"""Texts: converting what an author wrote in Markdown, and judging what it links to, shows and refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.library import body
from tocsin.library.beside import Beside
from tocsin.library.faults import closest
from tocsin.library.frontmatter import Source
from tocsin.library.records import LinkPlace, Values, group_of
from tocsin.model.text import invisible_fault

# A footnote that is defined behind something else on its line.
_INNER_FOOTNOTE = re.compile(r"^(?=[^\n\[]|\[\^[^\]\n]+\]:).+\[\^[^\]\n]+\]:", re.MULTILINE)


@dataclass(slots=True)
class Text:
    """One text in Markdown. `line` is where it begins; within front matter all of it counts as that line."""

    name: str
    markdown: str
    path: str
    line: int
    # What was asked for last, and how many lines end before it: most questions come in the order of the text.
    _place: int = field(default=0, init=False, compare=False)
    _ends: int = field(default=0, init=False, compare=False)

    def line_at(self, place: int) -> int:
        """The line of the character at `place`."""
        if self.name != "body":
            return self.line
        if place < self._place:
            self._place = self._ends = 0
        self._ends += self.markdown.count("\n", self._place, max(place, 0))
        self._place = max(place, 0)
        return self.line + self._ends

    def line_of(self, part: str) -> int:
        """The line on which `part` first stands as a whole."""
        place = self.markdown.find(part)
        while place >= 0 and _goes_on(self.markdown, place + len(part)):
            place = self.markdown.find(part, place + 1)
        return self.line_at(place if place >= 0 else self.markdown.find(part))


def _goes_on(text: str, place: int) -> bool:
    return text[place : place + 1].isalnum() or text[place : place + 1] in {"-", "_"}


def texts_of(words: Values, source: Source) -> Iterator[Text]:
    """The body and every key that holds Markdown."""
    yield Text("body", source.body, source.path, source.body_line)
    for name, value in group_of(words, "recommendations").items():
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            line = source.line_of(("recommendations", name, "text"))
            yield Text(f"recommendations.{name}", value["text"], source.path, line)


def take_text(text: Text, beside: Beside) -> str:
    """The HTML of a text. What it uses goes into the record, what is wrong with it into the findings."""
    findings = beside.findings
    if fault := body.tangled(text.markdown):
        findings.error(text.path, text.line_at(fault[0]), fault[1], "too-tangled")
        return ""
    try:
        converted = body.convert_noting(text.markdown, checked=text.name == "body")
        if body.is_too_deep(converted.html):
            raise RecursionError
    except RecursionError:
        findings.error(text.path, text.line, "is nested too deeply to be read; write it flatter", "too-deep")
        return ""
    except RuntimeError:  # Python-Markdown's, which meets another footnote while it goes through them
        inner = _INNER_FOOTNOTE.search(text.markdown)
        message = "a footnote is defined inside another; define each at the beginning of a line of its own"
        findings.error(text.path, text.line_at(inner.start() if inner else 0), message, "footnote-inside")
        return ""
    if fault_found := invisible_fault(converted.invisible):
        findings.error(text.path, text.line, fault_found[1], fault_found[2])
    html = body.without_pictures(converted.html, beside.record.withdrawn_files)
    _take_links(text, converted, beside)
    _take_facts(text, html, beside)
    for name, alt in body.pictures(html):
        line = text.line_of(name or "![")
        if not name:  # taken away, as it would fetch, run or hold something
            message = "a picture has no address that a page may have; write ![what it shows](file.jpg)"
            findings.error(text.path, line, message, "missing-picture")
            continue
        beside.take_picture(name, text.path, line)
        if not alt.strip():
            message = f"picture '{name}' has no description; write ![what it shows]({name})"
            findings.error(text.path, line, message, "missing-alt")
    if text.name == "body":
        _check_headings(text, html, beside)
    return html


def _take_links(text: Text, converted: body.Converted, beside: Beside) -> None:
    for link in body.links(converted.html):
        if link.kind in body.OWN_SCHEMES:
            line = text.line_of(link.target)
            beside.record.links.append(LinkPlace(link.target, link.kind, link.name, text.path, line))
        elif not link.kind:
            _complain_about_link(text, link.target, beside)
    for address in converted.refused:
        _complain_about_link(text, address, beside)


def _complain_about_link(text: Text, target: str, beside: Beside) -> None:
    what = f"the link '{target}' leads nowhere" if target else "a link has no address"
    message = f"{what}{_better_link(target, beside)}"
    beside.findings.error(text.path, text.line_of(target or "]()"), message, "broken-link")


def _better_link(target: str, beside: Beside) -> str:
    """What the author of a link that means nothing probably meant."""
    scheme, colon, name = target.partition(":")
    if target.startswith("#"):
        return "; within a text only footnotes can be linked to"
    schemes = body.OWN_SCHEMES | body.OUTSIDE_SCHEMES
    if colon and scheme not in schemes and (close := closest(scheme, sorted(schemes))):
        return f", did you mean '{close}:{name}'?"
    if target.startswith("www."):
        return f"; write 'https://{target}'"
    if "@" in target and not colon:
        return f"; write 'mailto:{target}'"
    example = f"{beside.record.kind}:{beside.record.slug}"
    return f"; write kind:name, such as {example}, or an address in full, https://…"


def _take_facts(text: Text, html: str, beside: Beside) -> None:
    for name, when in body.facts(html):
        line = text.line_of(f"{{fact:{name}")
        beside.record.facts_used.append(LinkPlace(name, "fact", when or "", text.path, line))
    for part in body.leftovers(html):
        line = text.line_of(part)
        if part.startswith("[^"):
            message = f"footnote '{part}' has no text; add a line '{part}: …'"
            beside.findings.warn(text.path, line, message, "lost-footnote")
        else:
            message = f"'{part}' is not a fact; write it like {{fact:members}}"
            beside.findings.error(text.path, line, message, "unknown-fact")


def _check_headings(text: Text, html: str, beside: Beside) -> None:
    """Readers who cannot see navigate by headings: one title, and no level left out below it."""
    before = 1
    for level, heading in body.headings(html):
        if level == 1:
            message = f"the heading '{heading}' has the level of the title; write '## {heading}'"
            beside.findings.error(text.path, text.line_of(heading), message, "heading")
        elif level > before + 1:
            message = f"the heading '{heading}' leaves a level out; begin it with '{'#' * (before + 1)}'"
            beside.findings.warn(text.path, text.line_of(heading), message, "heading-level")
        before = level
