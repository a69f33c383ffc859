"""Every internal link of every page leads to a file of the output, at any path below any host."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tocsin.checks.tree import files_below
from tocsin.errors import Finding

# Attributes that hold one address, and those that hold a list of candidates (HTML Living Standard).
ADDRESSES = {"href", "src", "cite", "poster"}
CANDIDATES = {"srcset", "imagesrcset"}


@dataclass
class _Links(HTMLParser):
    """The addresses and the ids of a page."""

    found: list[tuple[int, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ADDRESSES and value is not None:
                self.found.append((line, value))
            elif name in CANDIDATES and value:
                self.found += [
                    (line, candidate.split()[0]) for candidate in value.split(",") if candidate.strip()
                ]


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How much was looked at, and what leads nowhere."""

    pages: int
    links: int
    findings: tuple[Finding, ...]


def check_links(
    root: Path,
    base: str = "",
    changed: Collection[str] | None = None,
    files: Collection[str] | None = None,
    pages: Pages | None = None,
) -> LinkReport:
    """Follow every internal link of every page below `root`, or of those pages that have `changed`.

    `files` are those of the tree, where they are known, and `pages` what was read of them.

    `base` is the address that stamped files name: links that begin with it are internal too. A link to a
    folder leads to its `index.html`; one that begins with `/` would break below a path and is a finding.
    """
    files = files_below(root) if files is None else files
    pages = pages or Pages(root, files)
    findings: list[Finding] = []
    followed = count = 0
    for page in sorted(
        path for path in files if path.endswith(".html") and (changed is None or path in changed)
    ):
        followed += 1
        for line, address in pages[page].found:
            if not address.startswith(base or "\0") and (
                urlsplit(address).scheme or address.startswith("//")
            ):
                continue
            count += 1
            findings += _follow(page, line, address, base, pages)
    return LinkReport(followed, count, tuple(findings))


def ids_in(data: bytes) -> set[str]:
    """The ids of a page, to which others may link."""
    return _parse(data.decode()).ids


class Pages(dict[str, _Links]):
    """What was read of pages below `root`, each when it is first asked for; `files` are all files there."""

    def __init__(self, root: Path, files: Collection[str]) -> None:
        super().__init__()
        self.root = root
        self.files = files

    def __missing__(self, path: str) -> _Links:
        self[path] = _parse((self.root / path).read_text(encoding="utf-8"))
        return self[path]


def _parse(text: str) -> _Links:
    links = _Links()
    links.feed(text)
    links.close()
    return links


def _follow(page: str, line: int, address: str, base: str, pages: Pages) -> Iterator[Finding]:
    if address.startswith("/"):
        yield Finding(page, line, f"'{address}' begins with '/', which breaks below a path", "absolute-link")
        return
    is_absolute = bool(base) and address.startswith(base)
    written, _, fragment = address.removeprefix(base if is_absolute else "").partition("#")
    target = _file("" if is_absolute else page, unquote(written.partition("?")[0]))
    if target is None:
        yield Finding(page, line, f"'{address}' leads out of the site", "dead-link")
    elif target not in pages.files:
        yield Finding(page, line, f"'{address}' leads to {target}, which does not exist", "dead-link")
    elif fragment and target.endswith(".html") and unquote(fragment) not in pages[target].ids:
        yield Finding(page, line, f"'{address}' leads to '#{fragment}', which {target} lacks", "dead-link")


def _file(page: str, written: str) -> str | None:
    """The output file that a relative link of `page` leads to; None where it leaves the site."""
    if not written and page:
        return page
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), written))
    if path == ".." or path.startswith("../"):
        return None
    is_folder = not written or written.endswith(("/", "/.", "/..")) or written in {".", ".."}
    return posixpath.normpath(f"{path}/index.html") if is_folder else path
