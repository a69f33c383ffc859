"""The numbers of a site that a build tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.library.library import Library

# What is counted of the files of a site: what stands in their paths, and their endings.
_COUNTED = {"pages": ("", (".html",)), "feeds": ("feeds/", (".rss", ".atom", ".json")), "files": ("", ("",))}
OF_ITEMS = ("items", "texts", "embargoed", "next_embargo")


def of_items(library: Library) -> dict[str, Any]:
    """What the lists of a library tell, under the names `OF_ITEMS`."""
    waiting = library.embargoes
    counted = (len(library.entries), library.lists.texts, len(waiting), next(iter(waiting), None))
    return dict(zip(OF_ITEMS, counted, strict=True))


def of_files(last: Mapping[str, Any], came: Iterable[str], went: Iterable[str]) -> dict[str, int]:
    """The files that there are, from those of the last build and what came and went since."""
    came, went = list(came), list(went)
    return {
        name: last.get(name, 0) + _count(came, *kind) - _count(went, *kind) for name, kind in _COUNTED.items()
    }


def _count(paths: Iterable[str], part: str, endings: tuple[str, ...]) -> int:
    return sum(1 for path in paths if part in path and path.endswith(endings))
