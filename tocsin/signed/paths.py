"""Which paths a release has, and which role of TUF answers for each (docs/release-format.md, F2, F8, F9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

METADATA, RELEASE, EDITIONS = "metadata", "release", "editions"
RESERVED = (METADATA, RELEASE, EDITIONS)
MOST_PARTS = 10
_PATTERN = frozenset("*?[]\\")
# What nearly all paths are, and nothing can be wrong with: ten thousands are looked at.
_PLAIN = re.compile(
    rf"\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*){{0,{MOST_PARTS - 1}}}"
)

EDITION_FILE = f"{RELEASE}/edition.json"
SUMS = f"{RELEASE}/SHA256SUMS"
MINISIG = f"{SUMS}.minisig"
SSHSIG = f"{SUMS}.sig"
# What SHA256SUMS cannot list (F14, F17).
UNLISTED = (SUMS, MINISIG, SSHSIG)
TIMESTAMP = f"{METADATA}/timestamp.json"
# The roles of TUF that every edition holds (F13).
TOP_ROLES = ("root", "timestamp", "snapshot", "targets")
# The field of the timestamp that says on which day it was signed (F22).
SIGNED = "signed"

# Folders and files at the top that belong to no language.
_SHARED_FOLDERS = ("i", "s", "server", "sitemap", ".well-known", RELEASE)
_SHARED_FILES = ("404.html", "_headers", "favicon.ico", "robots.txt", "sitemap.xml")
SHARED, SITE = "shared", "site"


def fault_of_path(path: str) -> str | None:
    """What is wrong with a path (F2); completes the sentence that begins with it. None where nothing is."""
    if _PLAIN.fullmatch(path):
        return None
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "is not a plain relative path"
    if len(parts) > MOST_PARTS:
        return f"has more than {MOST_PARTS} parts"
    if any(char in _PATTERN or unicodedata.category(char) == "Cc" for char in path):
        return "holds a control character or one of * ? [ ] \\"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode's form NFC"
    return None


def target_of(edition: str, path: str, *, is_stamped: bool) -> str:
    """The name of a file among the targets (F8)."""
    return f"{EDITIONS}/{edition}/{path}" if is_stamped else path


def path_of(target: str) -> str:
    """The path that a target is fetched from: without the two parts that name an edition (F8)."""
    if target.startswith(f"{EDITIONS}/"):
        return target.split("/", 2)[2]
    return target


class Roles:
    """The delegated roles of a release (F9): which there are, and which answers for a path.

    `languages` are those of the site but the default one, which has no folder of its own.
    """

    def __init__(self, languages: Iterable[str], editions: Iterable[str]) -> None:
        self.languages = tuple(languages)
        self.editions = tuple(sorted(editions))

    def of_common(self, path: str) -> str:
        """The role that lists a common file."""
        first, _, rest = path.partition("/")
        if rest and first in self.languages:
            return first
        is_shared = first in _SHARED_FOLDERS if rest else first in _SHARED_FILES
        return SHARED if is_shared else SITE

    def of_stamped(self, edition: str, path: str) -> str:
        """The role that lists a stamped file of an edition."""
        first, _, rest = path.partition("/")
        return f"{edition}-{first}" if rest and first in self.languages else edition

    def of_edition(self, edition: str) -> tuple[str, ...]:
        """Every role whose metadata an edition holds (F13), sorted."""
        own = (edition, *(f"{edition}-{code}" for code in self.languages))
        return tuple(sorted((*self.languages, SHARED, SITE, *own)))

    def delegations(self) -> Iterator[tuple[str, Sequence[str]]]:
        """All delegated roles in order, with the patterns of their paths."""
        for edition in self.editions:
            root = f"{EDITIONS}/{edition}"
            for code in self.languages:
                yield f"{edition}-{code}", _below(f"{root}/{code}")
            yield edition, _below(root)
        for code in self.languages:
            yield code, _below(code)
        yield SHARED, [*(pattern for one in _SHARED_FOLDERS for pattern in _below(one)), *_SHARED_FILES]
        yield SITE, ["/".join("*" * count) for count in range(1, MOST_PARTS + 1)]


def _below(folder: str) -> list[str]:
    """Patterns for everything in a folder: `*` does not stand for `/`."""
    spare = MOST_PARTS + (2 if folder.startswith(f"{EDITIONS}/") else 0) - folder.count("/") - 1
    return [f"{folder}/{'/'.join('*' * count)}" for count in range(1, spare + 1)]
